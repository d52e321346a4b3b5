"""The sources that load. Commands about other publishers skip a broken source file, and name it on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

import sources

if TYPE_CHECKING:
    from sources import Source


def usable_sources() -> tuple[Source, ...]:
    """All sources that load. Prints one line on stderr for each source file that does not."""
    usable, problems = sources.load_all()
    for problem in problems.values():
        typer.echo(f"{problem}. The source is skipped.", err=True)
    return usable
