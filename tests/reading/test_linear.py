"""The readers take any text, a line of a megabyte too, in time linear in its length."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from datetime import date

import pytest

from reading.credits.datelines import read_opening
from reading.credits.reader import is_credit_line, read_credits, read_photo_credit
from reading.dates.found import find_dates
from reading.dates.reader import read_date
from reading.story import closing_sign_off

FRIDAY = date(2015, 12, 18)
READERS: dict[str, Callable[[str], object]] = {
    "read_date": lambda text: read_date(text, reference=FRIDAY),
    "find_dates": lambda text: find_dates(text, reference=FRIDAY),
    "read_opening": read_opening,
    "read_credits": read_credits,
    "read_photo_credit": read_photo_credit,
    "is_credit_line": is_credit_line,
    "closing_sign_off": closing_sign_off,
}
# what tempts a form to look back or ahead: its own pieces, again and again
PIECES = [
    "Senin (7/12), ", "10 Juni - ", "1,2,3 ", "akan pada Kamis ", "12.30 ", "1/", "hari ", "dua puluh ", "malam ",
    "Jakarta (ANTARA) - ", "KOMPAS.com, JAKARTA ", "Jakarta, ", "A B ", "(", "- ", "[(", "a/b ",
    "Editor: ", "Laporan wartawan Rina, ", "dilansir ", "Foto: ", "© ", "Baca juga: ", "kata dia. ", "\n", "   ", "x",
]  # fmt: skip
LENGTH = 60_000
GENEROUS = 24
"""Eight times the text: linear work takes eight times as long, quadratic work sixty-four; this lies between."""


def cost(reader: Callable[[str], object], text: str) -> float:
    """The least processor time of three calls, in seconds."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        reader(text)
        best = min(best, time.process_time() - began)
    return best


@pytest.mark.parametrize("name", READERS)
def test_eight_times_the_text_takes_about_eight_times_as_long(name: str) -> None:
    """Whatever is repeated, the ratio stays far from the square."""
    reader = READERS[name]
    gc.disable()
    try:
        for piece in PIECES:
            short = cost(reader, piece * (LENGTH // 8 // len(piece)))
            long = cost(reader, piece * (LENGTH // len(piece)))
            # under a few milliseconds the clock measures itself
            assert long < 0.01 or long / max(short, 1e-4) < GENEROUS, (piece, short, long)
    finally:
        gc.enable()


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("piece", ["Senin (7/12) pukul 10.00 WIB, ", "Editor: Rina / ", "kata dia ", "7"])
def test_a_line_of_a_megabyte_is_read(name: str, piece: str) -> None:
    """It is answered, not cut: what a reader finds stands in the text it was given."""
    text = piece * (1_000_000 // len(piece))
    found = READERS[name](text)
    if name == "find_dates":
        assert isinstance(found, tuple)
        assert all(text[each.start : each.stop] == each.mention.text for each in found)
        assert bool(found) == piece.startswith("Senin")
    elif name == "read_date":
        assert getattr(found, "reason", None) == "too-long"
    elif name == "is_credit_line":
        assert found is False
