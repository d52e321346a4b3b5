"""`kliping sources fixture`: rewrites the expected articles of a source's fixture and shows what changed."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import Annotated

import typer

import sources
from archive.records import Rejected
from crawler.probe.fixture import BadFixtureError, as_text, expected_file, load_expected, read_page, rewritten
from kliping.cli import context
from sources import Source


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

    \b
    Example: kliping sources fixture newsstand --page www
    """
    source = context.source(name)
    changed = [file for each in _pages(tree, name, page) if (file := _rewrite(source, each, write=not check))]
    if not changed:
        typer.echo(f"Nothing changed: every expected article of {name} is what the source reads today.")
    elif check:
        context.fail(
            f"{len(changed)} of the expected articles of {name} would change. To write them, leave out --check.",
            context.NEEDS_ATTENTION,
        )
    else:
        typer.echo(f"Written: {', '.join(map(str, changed))}. Read the difference before you commit it.")


def _pages(tree: Path | None, name: str, stem: str | None) -> list[Path]:
    """The fixture's pages. Exits with status 2 if there are none."""
    folder = (tree or Path(sources.__path__[0]).parent) / "tests" / "fixtures" / "sources" / name
    pages = sorted(folder.glob("*.html"))
    if not pages:
        context.fail(
            f"{folder} holds no page (*.html). Put one there, or name the working copy with --tree (docs/sources.md)."
        )
    chosen = [each for each in pages if stem in (None, each.stem)]
    if not chosen:
        context.fail(f"{folder} has no page {stem!r}. Its pages are: {', '.join(each.stem for each in pages)}.")
    return chosen


def _rewrite(source: Source, page: Path, *, write: bool) -> Path | None:
    """Show how the expected article of a page changes, write it if asked to, and return its file; None if unchanged."""
    file = expected_file(page)
    try:
        expected = load_expected(page)
        new = as_text(rewritten(expected, read_page(source, page, expected)))
        old = file.read_text(encoding="utf-8") if expected else ""
        if new == old:
            return None
        lines = unified_diff(old.splitlines(), new.splitlines(), f"{file} (old)", f"{file} (new)", lineterm="")
        typer.echo("\n".join(lines))
        if write:
            file.write_text(new, encoding="utf-8")
    except BadFixtureError as error:
        context.fail(f"{error}.")
    except Rejected as rejected:
        context.fail(
            f"{page} holds no article that {source.name} can read: {rejected}. Correct the page or the layout.",
            context.NEEDS_ATTENTION,
        )
    except OSError as error:
        context.fail(f"{error.filename} cannot be read or written: {error.strerror}. Correct that, and run this again.")
    return file
