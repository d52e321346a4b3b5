"""`kliping sources new`: the first draft of a publisher's file and fixture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from crawler.probe.draft import Draft, SamplePage
    from kliping.config import Settings


def new(
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of one of the publisher's articles.")],
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A saved page of that address, in place of a fetch.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The source's name; by default the domain's first part.")] = None,
    tree: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The working copy to write to; by default the one that runs.")
    ] = None,
) -> None:
    """Draft a source from one article: sources/publishers/NAME.py and tests/fixtures/sources/NAME/. Overwrites nothing.

    Guesses domain, article addresses, feeds (from the page), sitemaps (from robots.txt) and selectors, and leaves a
    TODO at everything that a person must look at. It cannot be crawled before you have written its terms.

    \b
    Example: kliping sources new https://www.koran.example/berita/123/judul --page saved.html
    """
    import sources
    from crawler.probe import draft
    from sources.definition import BadSourceError

    settings = context.settings()
    try:
        name = name or draft.name_of(url)
        domain = draft.registered_domain(url)
    except draft.NoDraftError as error:
        context.fail(f"{error}.")
    try:
        owner = sources.for_url(url)
    except BadSourceError as error:
        context.fail(f"{error}. Mend it first.")
    if owner is not None:
        context.fail(f"{domain} is the source {owner.name}'s already.")
    file, folder = _places(tree, name)
    fetched = _saved(url, page) if page else _fetched(settings, url, domain)
    _write(_draft(fetched, name), file, folder)
    if page is None:
        kept = settings.home / "drafts" / f"{name}.html"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(fetched.content)
        typer.echo(
            f"{kept}: the page as it was fetched, to try selectors on; nothing of it belongs into the repository"
        )
    typer.echo(f"Look at every TODO, write the terms, then try it: kliping sources check {name}")


def _places(tree: Path | None, name: str) -> tuple[Path, Path]:
    """The source's file and the folder of its fixture; ends with a sentence where they cannot be written."""
    import re

    import sources

    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        context.fail(f"{name!r} is no name for a source: lower-case letters, digits and underscores.")
    root = tree or Path(sources.__path__[0]).parent
    folders = (root / "sources" / "publishers", root / "tests" / "fixtures" / "sources")
    for each in folders:
        if not each.is_dir() or not os.access(each, os.W_OK):
            context.fail(
                f"{root} is no working copy of Kliping that can be written to ({each} is not): clone the repository, "
                "and name it with --tree."
            )
    file, folder = folders[0] / f"{name}.py", folders[1] / name
    for existing in (file, folder):
        if existing.exists():
            context.fail(f"{existing} is there already, and nothing is overwritten; choose another --name.")
    return file, folder


def _saved(url: str, page: Path) -> SamplePage:
    from crawler.probe.draft import SamplePage

    try:
        return SamplePage(url, page.read_bytes(), None)
    except OSError as error:
        context.fail(f"{page} cannot be read: {error.strerror}.")


def _fetched(settings: Settings, url: str, domain: str) -> SamplePage:
    from crawler.probe import draft
    from kliping.cli.probing import probe

    try:
        return draft.decode_page(probe(settings, f"site:{domain}", domain, "page", url), url)
    except draft.NoDraftError as error:
        context.fail(f"{error}.", context.NEEDS_ATTENTION)


def _draft(fetched: SamplePage, name: str) -> Draft:
    from archive.records import Rejected
    from crawler.probe.draft import draft

    try:
        return draft(fetched, name)
    except Rejected as rejected:
        context.fail(f"{fetched.url} gives no article to draft from: {rejected}.", context.NEEDS_ATTENTION)


def _write(draft: Draft, file: Path, folder: Path) -> None:
    try:
        folder.mkdir()
        written = ((file, draft.source), (folder / "today.html", draft.page), (folder / "today.json", draft.expected))
        for path, text in written:
            with path.open("x", encoding="utf-8") as opened:
                opened.write(text)
            typer.echo(f"{path}: written")
    except OSError as error:
        context.fail(f"{error.filename} cannot be written: {error.strerror}.")
