"""`kliping sources fixture`: rewrites the expected articles of a source's fixture and shows what changed."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Annotated, Any

import typer

import sources
from archive.records import Rejected
from crawler.probe.fixture import (
    BadFixtureError,
    as_text,
    changed_fields,
    expected_file,
    load_expected,
    read_page,
    rewritten,
)
from crawler.probe.selectors import KNOWN_UNMATCHED, FixturePage, unmatched_selectors
from kliping.cli import context
from sources import Source


@dataclass(frozen=True, slots=True)
class ReadFixture:
    """A page of a fixture, its expected article as the file has it, and the article that the source reads now."""

    page: Path
    expected: dict[str, Any]
    article: dict[str, Any]


def fixture(
    name: Annotated[str, typer.Argument(metavar="SOURCE")],
    page: Annotated[str | None, typer.Option(metavar="STEM", help='One page, like "today"; by default all.')] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; end with 1 if a file would change.")] = False,
    tree: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The working copy to write to; by default the one that runs.")
    ] = None,
) -> None:
    """Rewrite a fixture's expected articles; show what changed.

    Rewrites tests/fixtures/sources/NAME/*.json from the pages beside them. Each file keeps the fields that it names; a
    new one gets all fields. To add a field to a file, add it by hand with any value and run this again. Read the
    difference before you commit it: the test takes what you commit as right.

    Ends with 1 if a selector of the source's layouts matches on none of the fixture's pages.

    \b
    Example: kliping sources fixture newsstand --page www
    """
    source = context.source(name)
    root = tree or Path(sources.__path__[0]).parent
    pages = _pages(root, name)
    chosen = _chosen(pages, page)
    read = {each: _read(source, each) for each in chosen}
    changes = [change for each in chosen if (change := _rewrite(read[each], root, write=not check))]
    if not changes:
        typer.echo(f"Nothing changed: every expected article of {name} is what the source reads today.")
    elif not check:
        typer.echo(f"Written: {'; '.join(changes)}. Read the difference before you commit it.")
    unmatched = _unmatched(source, [read.get(each) or _read(source, each) for each in pages])
    for sentence in unmatched:
        typer.echo(sentence, err=True)
    if changes and check:
        context.fail(
            f"{len(changes)} of the expected articles of {name} would change. To write them, leave out --check.",
            context.NEEDS_ATTENTION,
        )
    if unmatched:
        context.fail(
            "Correct the selector, or put the element into a page of the fixture, and run this again.",
            context.NEEDS_ATTENTION,
        )


def _pages(root: Path, name: str) -> list[Path]:
    """The fixture's pages. Exits with status 2 if there are none."""
    folder = root / "tests" / "fixtures" / "sources" / name
    pages = sorted(folder.glob("*.html"))
    if not pages:
        context.fail(
            f"{folder} holds no page (*.html). Put one there, or name the working copy with --tree (docs/sources.md)."
        )
    return pages


def _chosen(pages: list[Path], stem: str | None) -> list[Path]:
    """The page of that name, or all. Exits with status 2 if there is none."""
    chosen = [each for each in pages if stem in (None, each.stem)]
    if not chosen:
        stems = ", ".join(each.stem for each in pages)
        context.fail(f"{pages[0].parent} has no page {stem!r}. Its pages are: {stems}.")
    return chosen


def _read(source: Source, page: Path) -> ReadFixture:
    """Read a page with the source. Exits with a sentence if that is impossible."""
    try:
        expected = load_expected(page)
        return ReadFixture(page, expected, read_page(source, page, expected))
    except BadFixtureError as error:
        context.fail(f"{error}.")
    except Rejected as rejected:
        context.fail(
            f"{page} holds no article that {source.name} can read: {rejected}. Correct the page or the layout.",
            context.NEEDS_ATTENTION,
        )
    except OSError as error:
        context.fail(f"{error.filename} cannot be read: {error.strerror}. Correct that, and run this again.")


def _rewrite(read: ReadFixture, root: Path, *, write: bool) -> str | None:
    """Show how an expected article changes and write it if asked to. Returns a summary; None if nothing changes."""
    file = expected_file(read.page)
    shown = file.relative_to(root)
    new = as_text(rewritten(read.expected, read.article))
    try:
        old = file.read_text(encoding="utf-8") if read.expected else ""
        if new == old:
            return None
        lines = unified_diff(old.splitlines(), new.splitlines(), f"{shown} (old)", f"{shown} (new)", lineterm="")
        typer.echo("\n".join(lines))
        if write:
            file.write_text(new, encoding="utf-8")
    except OSError as error:
        context.fail(f"{error.filename} cannot be read or written: {error.strerror}. Correct that, and run this again.")
    what = ", ".join(changed_fields(read.expected, read.article)) if "body" in read.expected else "new"
    return f"{shown} ({what or 'only its form'})"


def _unmatched(source: Source, read: list[ReadFixture]) -> list[str]:
    """A sentence for each selector that matches on none of the pages, without the known gaps of older sources."""
    pages = [FixturePage(each.page.name, each.page.read_bytes(), each.article) for each in read]
    known = KNOWN_UNMATCHED.get(source.name, frozenset())
    return [sentence for field, sentence in unmatched_selectors(source, pages).items() if field not in known]
