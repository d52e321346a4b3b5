"""`python -m kibana` writes the saved objects to `kliping.ndjson`, for people who import it by hand."""

from __future__ import annotations

from pathlib import Path

from kibana.objects import ndjson

FILE = Path(__file__).with_name("kliping.ndjson")


def write(path: Path = FILE) -> None:
    """Write the objects for the alias `news`."""
    path.write_text(ndjson(), encoding="utf-8")


if __name__ == "__main__":
    write()
