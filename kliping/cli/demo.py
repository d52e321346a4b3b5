"""`kliping demo`: the whole path of an article on the bundled newsstand, offline."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from archive.articles import count_archive
from kliping.cli import context
from kliping.cli.crawl import crawl
from kliping.cli.search import search
from kliping.config import Settings, sqlite_url
from newsstand import Newsstand

QUERY = "ISIS Moskow"
THINGS_TO_TRY = (
    "search 'gempa OR banjir after:2020' --sort newest",
    "show 4338dff9",
    "read dates 'Jumat (6/11) pukul 08.45 WITA' --reference 2015-11-05",
)


def demo(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--home", metavar="FOLDER", help="Folder of the demo's archive; by default `demo` under KLIPING_HOME."
        ),
    ] = None,
) -> None:
    """Try everything offline, on a small bundled news site.

    Crawls the site, archives and indexes its articles, and searches them, without a network. It leaves a small archive
    to play with, apart from your own, and can be run again.

    \b
    Example: kliping demo
    """
    home = folder or context.settings().home / "demo"
    context.check_home(home, "--home" if folder else "KLIPING_HOME")
    with Newsstand(crawl_delay=0.02) as site:
        typer.echo(
            f"1. A news site runs on this machine: {len(site.stories())} articles at three outlets of three eras."
        )
        with _environment(home, site):
            _crawl_and_search(home)
    _print_things_to_try(home)


def _crawl_and_search(home: Path) -> None:
    typer.echo("2. Kliping reads its feeds and sitemaps, fetches the pages, reads, archives and indexes them:\n")
    crawl(["newsstand"])
    with context.archive(context.settings()) as archive:
        size = count_archive(archive)
    typer.echo(f"\n3. The archive in {home} holds {size.articles} articles, and the {size.pages} pages they came from.")
    typer.echo(f"4. Searching it for {QUERY}:\n")
    search([QUERY], limit=3)


@contextmanager
def _environment(home: Path, site: Newsstand) -> Iterator[None]:
    """The demo's settings, for this process and the crawl's: its own home, the embedded engine, the newsstand."""
    mine = {
        "KLIPING_HOME": str(home),
        "KLIPING_DATABASE_URL": sqlite_url(home.resolve() / "archive.sqlite3"),
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


def _print_things_to_try(home: Path) -> None:
    started_as = Path(sys.argv[0])
    command = _from_here(started_as) if started_as.name == "kliping" and started_as.parent.name else "kliping"
    typer.echo("Three things to try:\n")
    if "KLIPING_DATABASE_URL" in os.environ:
        typer.echo("  KLIPING_DATABASE_URL names another archive. Unset it first.\n")
    for words in THINGS_TO_TRY:
        typer.echo(f"  KLIPING_HOME={_from_here(home)} {command} {words}")
    port = Settings.model_fields["web_port"].default
    typer.echo(f"\nTo read it in a browser, start the reading room and open http://127.0.0.1:{port}/\n")
    typer.echo(f"  KLIPING_HOME={_from_here(home)} {command} serve")


def _from_here(path: Path) -> Path:
    """The path, relative to the working folder if it is inside."""
    return path.relative_to(Path.cwd()) if path.is_absolute() and path.is_relative_to(Path.cwd()) else path
