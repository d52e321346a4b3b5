"""`kliping demo`: the whole way of an article on the bundled newsstand, offline."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsstand import Newsstand

QUERY = "ISIS Moskow"


def demo(
    folder: Annotated[
        Path | None, typer.Option("--home", help="Where to keep the small archive; without it, `demo` under HOME.")
    ] = None,
) -> None:
    """Crawl a small Indonesian news site that comes with Kliping, archive and index it, and search it. No network.

    It leaves a small archive to play with, apart from your own, and may be run again.

    \b
    Example: kliping demo
    """
    home = folder or context.settings().home / "demo"
    from newsstand import Newsstand

    with Newsstand(crawl_delay=0.02) as site:
        typer.echo(
            f"1. A newsstand is open on this machine: {len(site.stories())} articles at three outlets of three eras."
        )
        with _environment(home, site):
            _crawl_and_search(home)
    _suggest(home)


def _crawl_and_search(home: Path) -> None:
    from kliping.cli.crawl import crawl
    from kliping.cli.search import search

    typer.echo("2. Its feeds and sitemaps are read, its pages fetched, read, archived and indexed:\n")
    crawl(["newsstand"])
    settings = context.settings()
    with context.archive(settings) as archive:
        from archive.articles import count_archive

        held = count_archive(archive)
    typer.echo(f"\n3. The archive in {home} holds {held.articles} articles, and the {held.pages} pages they came from.")
    typer.echo(f"4. Searching it for {QUERY}:\n")
    search([QUERY], limit=3)


@contextmanager
def _environment(home: Path, site: Newsstand) -> Iterator[None]:
    """The demo's settings, for this process and the crawl's: its own home, the embedded engine, the newsstand."""
    mine = {
        "KLIPING_HOME": str(home),
        "KLIPING_DATABASE_URL": f"sqlite:///{home.resolve() / 'archive.sqlite3'}",
        "KLIPING_INDEX_URL": "embedded:",
        "KLIPING_INDEX_ALIAS": "news",
        "KLIPING_FETCH_FROM": json.dumps({"newsstand.test": site.base_url}),
        "KLIPING_AUTOTHROTTLE": "false",
        "KLIPING_SOURCES__NEWSSTAND__ENABLED": "true",
    }
    before = {name: os.environ.get(name) for name in mine}
    os.environ.update(mine)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _suggest(home: Path) -> None:
    command = sys.argv[0] if sys.argv[0].endswith("kliping") and "/" in sys.argv[0] else "kliping"
    shown = Path(command)
    if shown.is_absolute() and shown.is_relative_to(Path.cwd()):
        shown = shown.relative_to(Path.cwd())
    place = home.relative_to(Path.cwd()) if home.is_absolute() and home.is_relative_to(Path.cwd()) else home
    typer.echo("Three things to try:\n")
    for words in (
        "search 'gempa OR banjir after:2020' --sort newest",
        "show 4338dff9",
        "read dates 'Jumat (6/11) pukul 08.45 WITA' --reference 2015-11-05",
    ):
        typer.echo(f"  KLIPING_HOME={place} {shown} {words}")
