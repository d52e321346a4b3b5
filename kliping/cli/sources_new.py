"""`kliping sources new`: drafts a publisher's source file and fixture."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import sources
from archive.records import Rejected
from crawler.probe.draft import (
    Draft,
    NoDraftError,
    SamplePage,
    decode_page,
    draft,
    is_front_page,
    name_of,
    registered_domain,
    stated_elsewhere,
)
from kliping.cli import context
from kliping.cli.skipped_sources import usable_sources

if TYPE_CHECKING:
    from kliping.config import Settings


def new(
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of one of the publisher's articles.")],
    page: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A saved page of that address; it is then not fetched.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The source's name; by default the domain's first part.")] = None,
    tree: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The working copy to write to; by default the one that runs.")
    ] = None,
) -> None:
    """Draft a source's file and fixture from one article.

    Writes sources/publishers/NAME.py and tests/fixtures/sources/NAME/, and overwrites nothing. Guesses the domain, the
    pattern of article addresses, feeds (from the page), sitemaps (from robots.txt) and selectors, and marks with TODO
    what you must check. The source cannot be crawled until you have written its terms.

    \b
    Example: kliping sources new https://www.koran.example/berita/123/judul --page saved.html
    """
    settings = context.settings()
    try:
        name = name or name_of(url)
        domain = registered_domain(url)
    except NoDraftError as error:
        context.fail(f"{error}. Give the whole address of an article, with https://.")
    if is_front_page(url):
        context.fail(f"{url} is the site's front page, not an article. Give the address of one article.")
    file, folder = _target_paths(tree, name)
    usable_sources()  # names the broken source files, which own nothing
    owner = sources.for_url(url)
    if owner is not None:
        context.fail(f"{domain} already belongs to the source {owner.name}: edit sources/publishers/{owner.name}.py.")
    fetched = _saved(url, page) if page else _fetched(settings, url, domain)
    _write(_draft(fetched, name), file, folder)
    if page is None:
        kept = settings.home / "drafts" / f"{name}.html"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(fetched.content)
        typer.echo(f"{kept}: the fetched page, to try selectors on. Keep its text out of the repository.")
    typer.echo(
        "Next steps (CONTRIBUTING.md, Adding a source):\n"
        f"  1. Resolve every TODO in {file}, and write its terms. sources/definition.py explains the fields.\n"
        f"  2. Replace the placeholders in {folder / 'today.html'} by text of your own.\n"
        f"  3. .venv/bin/kliping sources fixture {name}  writes the expected article\n"
        "  4. .venv/bin/python -m sources.roster --write  adds the source to docs/sources.md\n"
        "  5. make test T=tests/sources\n"
        f"Try it on the live site: .venv/bin/kliping sources check {name}"
    )


def _target_paths(tree: Path | None, name: str) -> tuple[Path, Path]:
    """The source's file and the folder of its fixture. Exits with status 2 if they cannot be written."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        context.fail(f"{name!r} cannot be a source's name. Choose a --name of lower-case letters, digits and _.")
    root = tree or Path(sources.__path__[0]).parent
    folders = (root / "sources" / "publishers", root / "tests" / "fixtures" / "sources")
    for each in folders:
        if not each.is_dir() or not os.access(each, os.W_OK):
            context.fail(
                f"{root} is not a working copy of Kliping: {each} is not a writable folder. Clone the repository, and "
                "name the clone with --tree."
            )
    file, folder = folders[0] / f"{name}.py", folders[1] / name
    for existing in (file, folder):
        if existing.exists():
            shown = existing.relative_to(root)
            context.fail(
                f"{name} exists already ({shown}). Delete it and its fixture to draft anew, or choose another --name."
            )
    return file, folder


def _saved(url: str, page: Path) -> SamplePage:
    try:
        saved = SamplePage(url, page.read_bytes(), None)
    except OSError as error:
        context.fail(f"{page} cannot be read: {error.strerror}. Give --page the file of a saved page.")
    try:
        stated = stated_elsewhere(saved)
    except Rejected as rejected:
        context.fail(f"{page} holds no article: {rejected}. Give --page the file of an article.")
    if stated:
        context.fail(f"{page} is the page of {stated}, which is on another domain than {url}. Give its own address.")
    return saved


def _fetched(settings: Settings, url: str, domain: str) -> SamplePage:
    from kliping.cli.probing import probe  # SQLAlchemy takes 0.2 s, which a draft from a saved page does not need

    try:
        return decode_page(probe(settings, f"site:{domain}", domain, "page", url), url)
    except NoDraftError as error:
        context.fail(
            f"{error}. Try again later, or save the page yourself and name its file with --page.",
            context.NEEDS_ATTENTION,
        )


def _draft(fetched: SamplePage, name: str) -> Draft:
    try:
        return draft(fetched, name)
    except Rejected as rejected:
        context.fail(f"{fetched.url} holds no article: {rejected}. Try another article.", context.NEEDS_ATTENTION)


def _write(drafted: Draft, file: Path, folder: Path) -> None:
    files = ((file, drafted.source), (folder / "today.html", drafted.page), (folder / "today.json", drafted.expected))
    try:
        folder.mkdir()
        for path, text in files:
            with path.open("x", encoding="utf-8") as opened:
                opened.write(text)
            typer.echo(f"{path}: written")
    except OSError as error:
        context.fail(f"{error.filename} cannot be written: {error.strerror}. Correct that, and run this again.")
