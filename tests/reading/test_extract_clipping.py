"""Plain clippings: the parts of a saved text, in all the forms in which people save one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import Rejected
from reading.extract.clipping import is_stamp, read_clipping
from reading.extract.raw import RawArticle

DATE = "Rabu, 16 Maret 2016"
TITLE = "Nelayan Selayar panen teripang"
CAPTION = "Seorang nelayan menjemur teripang di Benteng. (ANTARA FOTO/Rahma Daeng)"
LEDE = "Makassar (Koran) - Nelayan di Kepulauan Selayar mulai memanen teripang setelah angin barat mereda."
NEXT = '"Harga di pengumpul membaik," kata ketua kelompok nelayan, Hasan Tiro (54), di dermaga kota itu pada Rabu pagi.'
CREDIT = "Credit Koran"


def parts(raw: RawArticle) -> tuple[list[str], str, list[str], tuple[str, ...]]:
    captions = [image.caption.text for image in raw.images if image.caption]
    return [stamp.text for stamp in raw.printed], raw.titles[0].text, captions, raw.body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"{DATE}\n\n{TITLE}\n\n\n{TITLE}\n{CAPTION}\n \n{LEDE}\n\n{NEXT}\n\n{CREDIT}\n",
            ([DATE], TITLE, [CAPTION], (LEDE, NEXT, CREDIT)),
        ),
        (f"{TITLE}\n{DATE}\n{LEDE}\n{NEXT}\n", ([DATE], TITLE, [], (LEDE, NEXT))),
        (f"{TITLE}\n\n{LEDE}\n\n{NEXT}", ([], TITLE, [], (LEDE, NEXT))),
        (f"\ufeff{DATE}\r\n{TITLE.upper()}\r\n\r\n{TITLE}\r\n\r\n{LEDE}\r\n", ([DATE], TITLE.upper(), [], (LEDE,))),
        (
            f"{DATE}\n{TITLE}\n{CAPTION}\nFoto: Dermaga Benteng\n{LEDE}\n",
            ([DATE], TITLE, [CAPTION, "Foto: Dermaga Benteng"], (LEDE,)),
        ),
        (f"{DATE}\n{TITLE}\n{CAPTION}\n{NEXT}\n", ([DATE], TITLE, [CAPTION], (NEXT,))),
        (f"{DATE}\n{TITLE}\n{NEXT}\n{NEXT} (abc/def)\n", ([DATE], TITLE, [], (NEXT, f"{NEXT} (abc/def)"))),
        (
            f"{DATE}\n\n{TITLE}\n{CAPTION}\n\nMakassar (Koran) - Panen mulai.\n\nHarga membaik.\n\n{CREDIT}",
            ([DATE], TITLE, [CAPTION], ("Makassar (Koran) - Panen mulai.", "Harga membaik.", CREDIT)),
        ),
        (
            f"{DATE} 09:05 WIB\n{TITLE}\nOleh Andi Palewa\n{LEDE}",
            ([f"{DATE} 09:05 WIB"], TITLE, [], ("Oleh Andi Palewa", LEDE)),
        ),
    ],
    ids=["whole", "title-first", "no-date", "windows", "two-captions", "no-dateline", "sign-off", "short", "byline"],
)
def test_all_parts_of_a_clipping_but_title_and_story_are_optional(
    text: str, expected: tuple[list[str], str, list[str], tuple[str, ...]]
) -> None:
    """Date lines, title, captions and paragraphs are split up, each word for word."""
    assert parts(read_clipping(text.encode())) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Jumat, 18 Desember 2015", True),
        ("Jum'at, 18 Desember 2015 pukul 10.05 WIB", True),
        ("18/12/2015", True),
        ("2015-12-18", True),
        ("Jakarta, 18 Desember 2015", True),
        ("Diterbitkan Jumat, 18 Des 2015 | 10:05 WITA", True),
        ("Peringatan 17 Agustus 1945 digelar", False),
        ("Gempa Palu, 28 September 2018", False),
        ("Ekonomi tumbuh 5 persen 2015", False),
        ("18 kapal tiba", False),
    ],
)
def test_a_title_that_mentions_a_date_is_not_a_date_line(line: str, expected: bool) -> None:
    """A date line has weekday, clock, zone or a known place beside its date, and no other word."""
    assert is_stamp(line) is expected


def test_a_clipping_wrapped_like_an_e_mail_has_its_paragraphs_joined() -> None:
    """Lines are no wider than a terminal and blank lines separate blocks: each block is a paragraph."""
    text = (
        f"{DATE}\n{TITLE}\n\nMakassar (Koran) - Nelayan di Kepulauan Selayar mulai\nmemanen teripang.\n\n"
        "Hasil tangkapan naik dua kali\nlipat dari Februari.\n\nHarga membaik.\n"
    )
    assert parts(read_clipping(text.encode())) == (
        [DATE],
        TITLE,
        [],
        (
            "Makassar (Koran) - Nelayan di Kepulauan Selayar mulai memanen teripang.",
            "Hasil tangkapan naik dua kali lipat dari Februari.",
            "Harga membaik.",
        ),
    )


def test_an_old_clipping_in_windows_1252_keeps_its_quotation_marks() -> None:
    raw = read_clipping(f"{DATE}\n{TITLE}\n“Harga membaik,” kata Hasan.\n".encode("cp1252"))
    assert raw.body == ("“Harga membaik,” kata Hasan.",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n\x00\n", "empty"),
        (bytes(range(32)) * 100, "not-text"),
        (DATE.encode(), "no-title"),
        (f"{DATE}\n{NEXT * 5}\n".encode(), "no-title"),
        (f"{DATE}\n{TITLE}\n".encode(), "no-article"),
        (f"{DATE}\n{TITLE}\n{CAPTION}\n".encode(), "no-article"),
        (b"a\n" * 11 * 1024 * 1024, "too-large"),
    ],
)
def test_a_file_that_is_not_a_clipping_is_rejected_by_name(content: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        read_clipping(content)
    assert caught.value.reason == reason


@given(st.binary(max_size=300))
def test_any_file_gives_a_clipping_or_a_rejection(content: bytes) -> None:
    """Nothing but Rejected is raised, and a clipping always has title and story."""
    try:
        raw = read_clipping(content)
    except Rejected:
        return
    assert raw.titles[0].text
    assert raw.body


@pytest.mark.shared
def test_the_seed_is_split_into_its_parts() -> None:
    """The clipping that the project started with: one title, one caption, no date line in the story."""
    (seed,) = (Path(__file__).parents[2].parent / "shared" / "seed").glob("*.txt")
    stamps, title, captions, body = parts(read_clipping(seed.read_bytes()))
    assert (len(stamps), len(captions)) == (1, 1)
    assert captions[0].endswith("Handout)")
    assert title not in body
    assert not set(stamps) & set(body)
    assert body[0].startswith("Paris (CB) - ")
    assert body[-1].startswith("Credit ")
