"""`kliping read credits`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any

import typer

from kliping.cli import output, questions
from kliping.cli.questions import Jsonl, Texts, text_in
from reading.credits.datelines import read_opening
from reading.credits.reader import Credits, read_credits

_FIELDS = tuple(field.name for field in fields(Credits))


def credits(
    texts: Texts = None,
    publisher: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="The publisher's domain, for instance detik.com.")
    ] = None,
    jsonl: Jsonl = False,
) -> None:
    """Read datelines, bylines, photo and agency credits.

    Example: kliping read credits "(ANTARA FOTO/Budi Setya)"
    """
    if jsonl:
        questions.answer_lines(_answer)
        return
    for text in questions.texts_to_read(texts):
        answer = _answer({"text": text, "publisher": publisher})
        rows = [(name, questions.shown(value)) for name, value in answer.items() if value]
        rows += [("place", place) for place in _place(text)]
        if len(rows) == 1:
            rows.append(("", "no credit is understood here"))
        output.print_table(("field", "found"), rows)


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """The credits in {"text", "publisher"}."""
    publisher = text_in(question, "publisher") if question.get("publisher") else None
    found = read_credits(text_in(question, "text"), publisher)
    return {"text": question.get("text")} | {name: getattr(found, name) for name in _FIELDS}


def _place(text: str) -> list[str]:
    """Where the gazetteer puts the place of a dateline; empty if the text opens with none."""
    dateline = read_opening(text).dateline
    if dateline is None or dateline.place is None:
        return []
    known = (dateline.canonical, dateline.province, dateline.country)
    return [", ".join(dict.fromkeys(name for name in known if name)) or "not in the gazetteer: kept as printed"]
