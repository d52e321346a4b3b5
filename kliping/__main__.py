"""`python -m kliping` is the command."""

from kliping.cli.main import main

if __name__ == "__main__":
    main()
