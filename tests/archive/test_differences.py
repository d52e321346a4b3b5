"""What differs between two versions, word by word, and what kind of change it is."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from archive.differences import EditKind, compared, differences, is_silent, kinds
from archive.records import Image
from tests.conftest import an_article

BODY = (
    "Kendari - Nelayan memanen 12 ton cakalang sejak akhir pekan, kata Basri Tangke, Senin.",
    "Menurut Basri, harga di pasar turun. Hasil itu dua kali lipat dari tahun lalu.",
    "Basri berharap cuaca tetap baik.",
)
STORY = an_article(title="Nelayan Kendari Panen Cakalang", body=BODY, authors=("Salma Wuna",))


def marked(one: str, other: str) -> str:
    marks = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    return "".join(marks[piece.sign].format(piece.text) for piece in compared(one, other))


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("satu dua tiga", "satu dua tiga", "satu dua tiga"),
        ("satu dua tiga", "satu empat tiga", "satu [-dua-]{+empat+} tiga"),
        ("satu dua tiga", "satu tiga", "satu [-dua -]tiga"),
        ("satu tiga", "satu dua tiga", "satu {+dua +}tiga"),
        ("12 ton beras", "1.200 ton beras", "[-12-]{+1.200+} ton beras"),
        ("Budi Santoso datang", "Rina Dewi datang", "[-Budi Santoso-]{+Rina Dewi+} datang"),
        ("satu\ndua\ntiga", "satu\ntiga", "satu[-\ndua-]\ntiga"),
        ("satu\ndua", "satu\nbaru\ndua", "satu{+\nbaru+}\ndua"),
        ("", "baru", "{+baru+}"),
        ("lama", "", "[-lama-]"),
    ],
)
def test_texts_are_compared_word_by_word(one: str, other: str, shown: str) -> None:
    assert marked(one, other) == shown
    pieces = compared(one, other)
    assert "".join(piece.text for piece in pieces if piece.sign != "+") == one
    assert "".join(piece.text for piece in pieces if piece.sign != "-") == other


def test_a_long_rewritten_text_takes_no_time() -> None:
    one, other = (" ".join(f"{letter}{number}" for number in range(20_000)) for letter in "ab")
    started = time.monotonic()
    assert [piece.sign for piece in compared(one, other)] == ["-", "+"]
    assert time.monotonic() - started < 2


def test_every_field_that_differs_is_named() -> None:
    other = replace(
        STORY,
        title="Nelayan Kendari Panen Tuna",
        body=("Lede lain.", *BODY[1:]),
        published_at=STORY.published_at + timedelta(hours=1),  # type: ignore[operator]
        authors=("Rina Dewi",),
        images=(Image(None, "Cakalang"),),
    )
    assert [change.field for change in differences(STORY, other)] == [
        "headline", "lede", "published", "authors", "captions",
    ]  # fmt: skip
    assert differences(STORY, STORY) == ()


def changed(old: str, new: str) -> dict[str, Any]:
    assert any(old in paragraph for paragraph in BODY)
    return {"body": tuple(paragraph.replace(old, new, 1) for paragraph in BODY)}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"title": "Nelayan Kendari Panen Tuna"}, {EditKind.HEADLINE}),
        ({"title": "Nelayan Kendari Panen Caklaang"}, {EditKind.TYPO}),
        ({"title": "Nelayan Kendari Panen 12 Cakalang"}, {EditKind.HEADLINE}),
        (changed("12 ton", "21 ton"), {EditKind.NUMBER}),
        (changed("12 ton", "1,2 ton"), {EditKind.NUMBER}),
        (changed("dua kali", "tiga kali"), {EditKind.NUMBER}),
        (changed("kata Basri Tangke", "kata Rina Dewi"), {EditKind.NAME}),
        (changed("Basri Tangke", "Basri Tanke"), {EditKind.NAME}),  # nobody but the paper can tell it from a typo
        (changed("memanen", "memanenn"), {EditKind.TYPO}),
        (changed("berharap", "berhrap"), {EditKind.TYPO}),
        (changed("akhir pekan", "akhirpekan"), set()),  # white space
        (changed("turun. Hasil", "turun, hasil"), {EditKind.TYPO}),
        (changed("turun", "naik"), {EditKind.TEXT}),
        (changed("Senin", "Selasa"), {EditKind.NAME}),
        ({"body": BODY[:2]}, {EditKind.TEXT}),
        ({"body": (*BODY, "Sebanyak 40 kapal melaut, kata Rina.")}, {EditKind.TEXT}),
        ({"authors": ("Rina Dewi",)}, {EditKind.BYLINE}),
        ({"agency": "ANTARA"}, {EditKind.BYLINE}),
        ({"published_at": STORY.published_at + timedelta(hours=1)}, {EditKind.DATE}),  # type: ignore[operator]
        ({"images": (Image(None, "Cakalang di Kendari"),)}, {EditKind.CAPTION}),
        ({"section": "Ekonomi"}, set()),
        ({"title": "Nelayan Kendari  Panen\u00a0Cakalang"}, set()),
        ({"flags": ("withdrawn",)}, {EditKind.WITHDRAWN}),
        (
            {"body": (BODY[0].replace("12 ton", "21 ton"), *BODY[1:], "Ralat: 21 ton."), "flags": ("correction",)},
            {EditKind.NUMBER, EditKind.TEXT, EditKind.CORRECTION},
        ),
    ],
)
def test_a_change_has_a_kind(change: dict[str, Any], found: set[EditKind]) -> None:
    seen = kinds(STORY, replace(STORY, **change))
    assert set(seen) == found
    weighty = bool(found & {EditKind.HEADLINE, EditKind.NUMBER, EditKind.NAME})
    assert is_silent(seen) == (weighty and not found & {EditKind.CORRECTION, EditKind.WITHDRAWN})


def test_a_name_that_is_then_spelled_as_elsewhere_was_a_typo() -> None:
    wrong = replace(STORY, body=(BODY[0], BODY[1].replace("Basri", "Barsi"), BODY[2]))
    assert kinds(wrong, STORY) == (EditKind.TYPO,)
