"""How a value was found, and what a flag means, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import typer

from archive.flags import sentence_of
from kliping.cli import output
from kliping.cli.output import Column

if TYPE_CHECKING:
    from archive.flag_counts import FlagCount

UNKNOWN_FLAG = "A flag of another version of Kliping."


def how_found(where: str | None) -> str | None:
    """A place of `Article.provenance` in words: "selector+json-ld" is "selector; json-ld agrees"."""
    first, plus, second = (where or "").partition("+")
    return f"{first}; {second} agrees" if plus else where


def flag_rows(flags: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each flag with its sentence."""
    for flag in flags:
        yield flag, sentence_of(flag) or UNKNOWN_FLAG


def print_flags(counted: Iterable[FlagCount]) -> None:
    """Print how many articles of each source carry each flag, the most frequent first, with what it means."""
    for each in counted:
        if not each.flags:
            continue
        articles = "1 article" if each.articles == 1 else f"{each.articles} articles"
        typer.echo(f"Flags of {each.source}, {articles} read:")
        frequent = sorted(each.flags.items(), key=lambda flag: (-flag[1], flag[0]))
        rows = [(f"  {flag}", count, sentence_of(flag) or UNKNOWN_FLAG) for flag, count in frequent]
        output.print_table((Column(wrap=False), Column(right=True), Column(dim=True)), rows, header=False)
