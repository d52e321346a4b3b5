"""`kliping show ID --diff`: what changed between versions, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import typer

from archive.differences import EditKind, FieldChange, Piece, differences, is_silent, shortened
from archive.edits import kinds_between
from kliping.cli import context, output

if TYPE_CHECKING:
    from rich.text import Text

    from archive.versions import Version

_RANGE = re.compile(r"(?P<first>\d{0,6})(?P<dots>\.\.)?(?P<last>\d{0,6})")


def chosen(versions: Sequence[Version], between: str | None) -> list[tuple[Version, Version]]:
    """The pairs of versions to compare: each with the next one, or the two that "A..B" names. Exits with status 2.

    "3" is what made version 3; in "2.." and "..2" the other one is the last or the first.
    """
    if between is None:
        return list(pairwise(versions))
    found = _RANGE.fullmatch(between.strip())
    by_number = {each.version: each for each in versions}
    numbers = f"It has {_listed(sorted(by_number))}."
    if found is None or not (found["first"] or found["last"]):
        context.fail(f"Versions cannot be {between!r}. Write them like 1..2. {numbers}")
    if found["dots"]:
        first = int(found["first"]) if found["first"] else versions[0].version
        last = int(found["last"]) if found["last"] else versions[-1].version
    else:
        last = int(found["first"])
        first = last - 1
    for number in (first, last):
        if number not in by_number:
            context.fail(f"The article has no version {number} that can be read. {numbers}")
    return [(by_number[first], by_number[last])]


def _listed(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"only version {numbers[0]}"
    return f"the versions {', '.join(map(str, numbers))}"


def as_json(article_id: str, pairs: Sequence[tuple[Version, Version]]) -> dict[str, Any]:
    """The object of `show --diff --json`."""
    return {"id": article_id, "changes": [_change_as_json(*pair) for pair in pairs]}


def _change_as_json(one: Version, other: Version) -> dict[str, Any]:
    found = kinds_between(one, other)
    return {
        "from": one.version,
        "to": other.version,
        "from_seen": one.since.isoformat() if one.since else None,
        "to_seen": other.since.isoformat() if other.since else None,
        "kinds": [str(kind) for kind in found],
        "silent": EditKind.REREAD not in found and is_silent(found),
        "fields": [
            {"field": change.field, "pieces": [[piece.sign, piece.text] for piece in change.pieces]}
            for change in differences(one.article, other.article)
        ],
    }


def print_diff(pairs: Sequence[tuple[Version, Version]]) -> None:
    """Print what changed: coloured on a terminal, as [-old-]{+new+} in a pipe."""
    if not pairs:
        typer.echo("There is only one version, so nothing has changed.")
    for one, other in pairs:
        _print_heading(one, other)
        for change in differences(one.article, other.article):
            _print_field(change)


def _print_heading(one: Version, other: Version) -> None:
    found = kinds_between(one, other)
    said = (
        "our readers read the same page anew"
        if found == (EditKind.REREAD,)
        else ", ".join(found) or "no change of text"
    )
    silent = ", without a notice" if found != (EditKind.REREAD,) and is_silent(found) else ""
    title = f"version {one.version} ({_when(one)}) to version {other.version} ({_when(other)}): {said}{silent}"
    output.console().print(title, style="bold")


def _when(version: Version) -> str:
    return f"{version.since:%Y-%m-%d %H:%M %Z}" if version.since else "time unknown"


def _print_field(change: FieldChange) -> None:
    from rich.text import Text  # 0.04 s, which --json does not need

    console = output.console()
    text = Text()
    for piece in shortened(change.pieces):
        _append(text, piece, coloured=console.is_terminal)
    console.print(Text(f"{change.field}: ", style="dim"), text, sep="")


def _append(text: Text, piece: Piece, *, coloured: bool) -> None:
    shown = piece.text.lstrip("\n")
    text.append(piece.text[: len(piece.text) - len(shown)])  # a paragraph's mark begins on its own line
    if piece.sign == "=":
        text.append(shown)
    elif coloured:
        text.append(shown, style="strike red" if piece.sign == "-" else "bold green")
    else:
        text.append(f"[-{shown}-]" if piece.sign == "-" else f"{{+{shown}+}}")
