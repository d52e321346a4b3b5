"""Input of `kliping read`: texts from arguments or standard input, and questions as JSON Lines.

In the commands of `kliping read`, `--jsonl` is a form of input and output at once: one question per line of standard
input, one answer per line of standard output. It exits with 0 whatever it refuses.
"""

from __future__ import annotations

import gc
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any

import typer

from kliping.cli import context

Jsonl = Annotated[bool, typer.Option("--jsonl", help="Read one JSON object per line of standard input; answer alike.")]
Texts = Annotated[
    list[str] | None,
    typer.Argument(metavar="TEXT", help="Texts to read; without any, the lines of standard input."),
]
Answer = Callable[[Mapping[str, Any]], dict[str, Any]]

_READ_AT_ONCE = 1 << 16
_REMEMBERED = 8_192
_SHORT = 1_000


def answer_lines(answer: Answer) -> None:
    """Answer each line of standard input in order; a line that is not a question gets an "error" as its answer.

    Stamps and credits repeat, so the answers to the latest short lines are cached by line.
    """

    def answered(line: bytes) -> bytes:
        try:
            question = _DECODE(line.decode())
            if not isinstance(question, dict):
                raise ValueError("a question is a JSON object")
            found = answer(question)
        except ValueError as error:
            found = {"error": f"this line cannot be answered: {error}"}
        return _json_line(found)

    gc.set_threshold(100_000)  # answers make no reference cycles, and looking for them takes a tenth of the time
    cached = lru_cache(maxsize=_REMEMBERED)(answered)
    while lines := sys.stdin.buffer.readlines(_READ_AT_ONCE):
        sys.stdout.buffer.write(
            b"".join([cached(line) if len(line) < _SHORT else answered(line) for line in lines if line.strip()])
        )
    sys.stdout.buffer.flush()


_DECODE = json.JSONDecoder().decode
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def _json_line(answer: Mapping[str, Any]) -> bytes:
    # JSON may escape half a surrogate pair, UTF-8 cannot encode it: such an answer is written with escapes only
    try:
        return _ENCODE(answer).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(answer).encode() + b"\n"


def text_in(question: Mapping[str, Any], name: str) -> str:
    """The string under a name of a question. Raises ValueError if it is missing or not a string."""
    value = question.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name!r} is a string, not {json.dumps(value)[:80]}")
    return value


def texts_to_read(arguments: Sequence[str] | None) -> Iterator[str]:
    """The arguments, or else the lines of standard input, without blank ones. Exits with status 2 if there is none."""
    lines = arguments or ([] if sys.stdin.isatty() else sys.stdin)
    found = False
    for line in filter(None, map(str.strip, lines)):
        found = True
        yield line
    if not found:
        context.fail("There is nothing to read. Give a text as an argument, or lines on standard input.")


def moment_in(text: str, option: str) -> datetime | date:
    """A day, or a time with its zone, from the value of an option. Exits with status 2 if it is neither."""
    text = text.strip()
    try:
        moment = instant_or_day(text)
    except ValueError:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            context.fail(f"{option} cannot be used: {text} is not in the calendar.")
        context.fail(f"{option} cannot be {text!r}. Write it like 2015-12-18 or 2015-12-18T10:05:00+07:00.")
    if isinstance(moment, datetime) and moment.tzinfo is None:
        context.fail(f"{option} needs a zone. Write it like {text}+07:00.")
    return moment


def instant_or_day(text: str) -> datetime | date:
    """A datetime or a date in ISO 8601. Raises ValueError."""
    return date.fromisoformat(text) if len(text) <= len("2015-12-18") else datetime.fromisoformat(text)


def shown(value: object) -> str:
    """A value of an answer for people; lists with commas."""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)
