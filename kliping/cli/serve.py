"""`kliping serve`: the reading room, in a browser."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from kliping.config import Settings

app = typer.Typer(help="The reading room: the archive in a browser, and an API.", invoke_without_command=True)

SHORTEST_PASSWORD = 10
MOST_CONNECTIONS = 256
"""Open connections; more get 503 at once."""


@app.callback()
def serve(
    called: typer.Context,
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where to listen, if not on 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The port; 0 is a free one.")] = None,
) -> None:
    """The reading room: the archive in a browser, and an API.

    Serves pages of the archive and its index until Ctrl-C; it only reads them. On another address than this machine's
    own it needs a password (`kliping serve password`) or a token (KLIPING_WEB_TOKEN), and does not start without.

    \b
    Example: kliping serve --port 8420
    """
    if called.invoked_subcommand is not None:
        return
    settings = context.settings()
    _serve(settings, settings.web_host if host is None else host, settings.web_port if port is None else port)


@app.command()
def password() -> None:
    """Ask for a password, and print its hash.

    The hash goes into the setting KLIPING_WEB_PASSWORD_HASH.

    \b
    Example: kliping serve password
    """
    from web.access import make_hash

    typed: str = typer.prompt("New password", hide_input=True, confirmation_prompt="The same again", err=True)
    if len(typed) < SHORTEST_PASSWORD:
        context.fail(f"The password has {len(typed)} characters. Take {SHORTEST_PASSWORD} or more.")
    typer.echo(make_hash(typed))


def _serve(settings: Settings, host: str, port: int) -> None:
    # FastAPI and uvicorn take 0.4 s, which no other command needs
    import uvicorn

    from indexer.contract import SearchError
    from indexer.engines import index_of
    from kliping.cli.operations import holdings
    from web.app import create_app
    from web.security import is_loopback

    secured = settings.web_password_hash is not None or settings.web_token is not None
    if not is_loopback(host) and not secured:
        context.fail(
            f"{host} can be reached from other machines, and nothing protects the archive there. Set "
            "KLIPING_WEB_PASSWORD_HASH (`kliping serve password` makes it) or KLIPING_WEB_TOKEN, or leave out --host."
        )
    with context.archive(settings) as archive, _listening(host, port) as listener:
        try:
            index = index_of(settings)
        except SearchError as error:
            context.fail(str(error))
        room = create_app(holdings(settings, archive, index), bound_to=host, hosts=settings.web_hosts)
        shown = f"[{host}]" if ":" in host else host
        typer.echo(f"The reading room is at http://{shown}:{listener.getsockname()[1]}/ (Ctrl-C ends it).")
        config = uvicorn.Config(
            room,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=True,  # of a proxy on this machine only: uvicorn trusts 127.0.0.1
            timeout_keep_alive=15,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=10,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Exits with a sentence if it cannot."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128
        )
    except (OSError, OverflowError) as error:
        number = error.errno if isinstance(error, OSError) else None
        why = os.strerror(number) if number and number > 0 else error
        context.fail(f"{host} port {port} cannot be listened on: {why}. Choose others with --host and --port.", 1)
