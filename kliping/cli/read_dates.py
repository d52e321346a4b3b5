"""`kliping read dates`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Annotated, Any

import typer

from kliping.cli import context, output, questions
from kliping.cli.questions import Answer, Jsonl, Texts, instant_or_day, text_in
from lexicon.calendar import SHORT_WEEKDAYS, WEEKDAYS, folded
from reading.dates.reader import REASONS, read_date

_KINDS = {len("2015"): "year", len("2015-12"): "month", len("2015-W50"): "week"}


def dates(
    texts: Texts = None,
    reference: Annotated[
        str | None, typer.Option(metavar="TIME", help='Publication time in ISO 8601; "kemarin" (yesterday) needs it.')
    ] = None,
    jsonl: Jsonl = False,
) -> None:
    """Read printed dates as ISO 8601, or say why not.

    Example: kliping read dates "Kamis (1/10)" --reference 2015-12-18
    """
    zone = context.settings().zone
    if jsonl:
        questions.answer_lines(_date_reader(zone))
        return
    published = questions.moment_in(reference, "--reference") if reference else None
    rows = [_row(text, published, zone) for text in questions.texts_to_read(texts)]
    output.print_table(("input", "value", "precision", "zone", "why not"), rows)


def _date_reader(zone: tzinfo) -> Answer:
    """Answers {"input", "reference"}. `zone` is the zone of a clock that prints none: KLIPING_TIMEZONE."""

    def answer(question: Mapping[str, Any]) -> dict[str, Any]:
        text, reference = text_in(question, "input"), question.get("reference")
        published = instant_or_day(text_in(question, "reference")) if reference else None
        reading = read_date(text, reference=published, zone=zone)
        return {"input": text, "value": reading.value, "reason": reading.reason}

    return answer


def _row(text: str, reference: date | datetime | None, user_zone: tzinfo) -> tuple[object, ...]:
    """Input, value, precision, the zone of its clock and, if it was refused, the reason."""
    reading = read_date(text, reference=reference, zone=user_zone)
    zone = ""
    if reading.value and "T" in reading.value:
        lent = "the reference's" if isinstance(reference, datetime) else "KLIPING_TIMEZONE"
        zone = "as printed" if reading.zoned else lent
    reason = ""
    if reading.reason:
        day = _day_without_weekday(text, reference, user_zone) if reading.reason == "weekday-contradicts" else None
        sentence = f"{day.day} {day:%B %Y} was a {day:%A}" if day else REASONS[reading.reason]
        reason = f"{sentence} ({reading.reason})"
    precision = reading.precision or _KINDS.get(len(reading.value or ""), "interval" if reading.value else "")
    return text, reading.value, precision, zone, reason


def _day_without_weekday(text: str, reference: date | datetime | None, zone: tzinfo) -> date | None:
    """The day that a text names if its weekday is left out; None if that is not one day."""

    def blank_if_weekday(word: re.Match[str]) -> str:
        name = folded(word[0])
        return " " if name in WEEKDAYS or name in SHORT_WEEKDAYS else word[0]

    value = read_date(
        re.sub(r"[^\W\d]+(?:['’][^\W\d]+)?", blank_if_weekday, text), reference=reference, zone=zone
    ).value
    return date.fromisoformat(value[:10]) if value and len(value) >= len("2015-12-18") and "/" not in value else None
