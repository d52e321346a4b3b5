"""The readers read any text, even a line of a megabyte, in time linear in its length."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from datetime import date

import pytest

from reading.credits.datelines import read_opening
from reading.credits.reader import is_credit_line, read_credits, read_photo_credit
from reading.dates.beside import without_neighbours
from reading.dates.found import find_dates
from reading.dates.machine import read_machine
from reading.dates.reader import read_date
from reading.dates.zones import JAKARTA
from reading.story_end import closing_sign_off

FRIDAY = date(2015, 12, 18)
READERS: dict[str, Callable[[str], object]] = {
    "read_date": lambda text: read_date(text, reference=FRIDAY),
    "read_machine": lambda text: read_machine(text, reference=None, zone=JAKARTA),
    "without_neighbours": without_neighbours,
    "find_dates": lambda text: find_dates(text, reference=FRIDAY),
    "read_opening": read_opening,
    "read_credits": read_credits,
    "read_photo_credit": read_photo_credit,
    "is_credit_line": is_credit_line,
    "closing_sign_off": closing_sign_off,
}
# what makes a form look back or ahead: its own pieces, repeated
PIECES = [
    "Senin (7/12), ", "10 Juni - ", "1,2,3 ", "akan pada Kamis ", "12.30 ", "1/", "1.", "a'", "hari ",
    "dua puluh ", "malam ", "Dibaca 12 kali ", "Durasi 1:", "1.234", "3 Muharram ", "0-", "update ",
    "Jakarta (ANTARA) - ", "KOMPAS.com, JAKARTA ", "Jakarta, ", "A B ", "(", "- ", "[(", "a/b ",
    "Editor: ", "Laporan wartawan Rina, ", "dilansir ", "Foto: ", "© ", "Baca juga: ", "kata dia. ", "\n", "   ", "x",
]  # fmt: skip
LENGTH = 60_000
GENEROUS = 24
"""Eight times the text: linear work takes eight times as long, quadratic work sixty-four; this is between."""


def cost(reader: Callable[[str], object], text: str) -> float:
    """Returns the processor time of a call, in seconds."""
    began = time.process_time()
    reader(text)
    return time.process_time() - began


def is_linear(reader: Callable[[str], object], piece: str, *, calls: int) -> bool:
    """Whether eight times the text takes far less than 64 times as long, by the fastest of some calls."""
    short, long = piece * (LENGTH // 8 // len(piece)), piece * (LENGTH // len(piece))
    longest = min(cost(reader, long) for _ in range(calls))
    if longest < 0.01:  # under a few milliseconds the clock measures itself
        return True
    return longest / max(min(cost(reader, short) for _ in range(calls)), 1e-4) < GENEROUS


@pytest.mark.large
@pytest.mark.parametrize("name", READERS)
def test_eight_times_the_text_takes_about_eight_times_as_long(name: str) -> None:
    """For every repeated piece, the time stays far from quadratic."""
    reader = READERS[name]
    gc.disable()
    try:
        for piece in PIECES:
            # one call each; a busy machine may spoil a measurement, so only a suspect piece is measured again
            assert is_linear(reader, piece, calls=1) or is_linear(reader, piece, calls=5), piece
    finally:
        gc.enable()


@pytest.mark.large
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("piece", ["Senin (7/12) pukul 10.00 WIB, ", "Editor: Rina / ", "kata dia ", "7"])
def test_a_line_of_a_megabyte_is_read(name: str, piece: str) -> None:
    """It is read whole, and positions refer to the text as passed."""
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
