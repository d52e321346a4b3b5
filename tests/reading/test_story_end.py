"""What stands above and below a story's text is taken out of it, and only there."""

from __future__ import annotations

import pytest

from reading.extract.raw import FoundText, RawArticle, RawImage
from reading.story import read_story
from reading.story_end import closing_sign_off, without_lists

PROSE = "Petani rumput laut di pesisir Wuna menjemur hasil panen kedua di tepi jalan desa pada pekan ini."
OPENING = f"Wuna (ANTARA) - {PROSE}"


def story_of(*body: str, images: tuple[RawImage, ...] = ()) -> tuple[tuple[str, ...], str | None]:
    raw = RawArticle(url=None, titles=(FoundText("Panen", "text"),), body=body, body_from="text", images=images)
    story = read_story(raw, "Panen", None)
    return story.body, story.above_dateline


@pytest.mark.parametrize("heading", ["Terkini", "Berita Terpopuler", "Tags", "Baca Juga:", "Related Posts"])
def test_a_list_of_other_stories_below_the_text_is_no_part_of_it(heading: str) -> None:
    others = ["Harga Beras Turun", "14 Oktober 2025, 17:00 WIB", "Kapal Tiba di Muara Rabu, 15 Oktober 2025"]
    assert list(without_lists([PROSE, heading, *others])) == [PROSE]


def test_a_heading_that_prose_follows_is_a_subhead() -> None:
    body = [PROSE, "Terkini", PROSE]
    assert list(without_lists(body)) == body


@pytest.mark.parametrize(
    ("paragraph", "rest", "sign_off"),
    [
        (f"{PROSE} (rs616)", PROSE, "(rs616)"),
        (f"{PROSE} (AZF)", PROSE, "(AZF)"),
        (f"{PROSE} (abc/def)", PROSE, "(abc/def)"),
        ("Kasus itu ditangani Komisi Pemberantasan Korupsi (KPK)", None, None),
        ("Timnas itu berusia di bawah 23 tahun (u23)", None, None),
    ],
)
def test_a_code_is_a_sign_off_only_after_a_sentence(paragraph: str, rest: str | None, sign_off: str | None) -> None:
    assert closing_sign_off(paragraph) == (rest or paragraph, sign_off)


def test_a_caption_above_the_dateline_is_no_part_of_the_story() -> None:
    caption = "Petani menjemur rumput laut di tepi jalan desa di Wuna, Selasa (10/6)."
    assert story_of(caption, OPENING, PROSE) == ((PROSE, PROSE), caption)


def test_a_label_above_the_dateline_is_dropped() -> None:
    assert story_of("Ekonomi", OPENING) == ((PROSE,), None)


def test_several_paragraphs_above_a_dateline_stay() -> None:
    first, second = "Ini alinea pertama yang panjang sekali.", "Ini alinea kedua yang juga panjang sekali."
    body, above = story_of(first, second, OPENING)
    assert body[:2] == (first, second)
    assert above is None


def test_a_place_alone_does_not_make_a_caption_of_what_stands_above_it() -> None:
    body, above = story_of("Warga menunggu kapal sejak pagi hari.", f"Wuna - {PROSE}")
    assert body[0] == "Warga menunggu kapal sejak pagi hari."
    assert above is None
