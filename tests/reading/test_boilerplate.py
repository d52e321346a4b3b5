"""Text inside a story that is not part of it: links to other stories, notices, page numbers, embedded posts."""

from __future__ import annotations

import pytest
from selectolax.lexbor import LexborHTMLParser

from archive.records import Article
from reading.article import normalise
from reading.credits.reader import is_credit_line, without_links
from reading.extract.body import paragraphs
from reading.extract.raw import FoundText, RawArticle

URL = "https://www.koran.example.id/berita/1"


def article(*body: str, metadata: str = "2015-11-05T10:08:58+07:00", modified: str | None = None) -> Article:
    raw = RawArticle(
        url=URL,
        titles=(FoundText("Beras tiba", "text"),),
        metadata=(FoundText(metadata, "json-ld"),),
        modified=(FoundText(modified, "json-ld"),) if modified else (),
        body=body,
        body_from="text",
    )
    return normalise(raw, source=None, url=URL, fetched_at=None)


@pytest.mark.parametrize(
    "line",
    [
        "Baca: Hujan Turun di Kupang",
        "(Baca: Hujan Turun di Kupang)",
        "Simak: Hujan Turun di Kupang",
        "Jangan Lewatkan!",
        "2 dari 3 halaman",
        "Halaman 1 2 3",
        "Halaman 2 dari 3",
        "* Fakta atau hoaks? Tanyakan kepada kami",
        "Simak breaking news dan berita pilihan kami langsung di ponselmu.",
        "Loading...",
    ],
)
def test_a_line_of_the_site_is_not_part_of_the_story(line: str) -> None:
    assert is_credit_line(line)
    assert article("Kapal beras tiba.", line, "Muatannya dibongkar.").body == (
        "Kapal beras tiba.",
        "Muatannya dibongkar.",
    )


@pytest.mark.parametrize(
    "line",
    [
        "Simak cara merawat kapal",
        "Terkait muatan kapal",
        "Lihat ke pelabuhan",
        "Halaman rumah itu penuh beras.",
        "Video ini menunjukkan kapal itu",
        "3 dari 10 kapal rusak.",
    ],
)
def test_a_subhead_that_starts_like_a_link_is_kept(line: str) -> None:
    """A verb needs a colon after it to be a link: lost text is worse than a leftover line."""
    assert not is_credit_line(line)


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("Kapal tiba. (Baca: Hujan Turun di Kupang)", "Kapal tiba."),
        ("Kapal [Baca juga: Hujan Turun] tiba.", "Kapal tiba."),
        ("Kapal (lihat gambar) tiba.", "Kapal (lihat gambar) tiba."),
        ("Ia berkata: kapal (besar) tiba.", "Ia berkata: kapal (besar) tiba."),
    ],
)
def test_a_link_in_brackets_is_removed_from_its_paragraph(paragraph: str, expected: str) -> None:
    """kompas.com printed its links like this until 2017."""
    assert without_links(paragraph) == expected


@pytest.mark.parametrize(
    ("last", "authors", "body"),
    [
        ("RINA DEWI", ("Rina Dewi",), 1),
        ("RINA DEWI | REUTERS", ("Rina Dewi",), 1),
        ("JAKARTA PUSAT", (), 2),
        ("SELESAI", (), 2),
        ("Rina Dewi", (), 2),
        ("HARGA BERAS NAIK DI SEMUA PASAR", (), 2),
    ],
)
def test_a_name_in_capitals_at_the_end_of_a_story_is_its_author(last: str, authors: tuple[str, ...], body: int) -> None:
    """tempo.co signs like this. A single word, a place or a sentence is text."""
    read = article("Kapal beras tiba di pelabuhan.", last)
    assert (read.authors, len(read.body)) == (authors, body)


@pytest.mark.parametrize("kind", ["twitter-tweet", "instagram-media", "tiktok-embed", "fb-post"])
def test_an_embedded_post_of_a_social_network_is_not_part_of_the_story(kind: str) -> None:
    tree = LexborHTMLParser(f"<p>Satu.</p><blockquote class='{kind} x'><p>Cuit.</p></blockquote><p>Dua.</p>")
    assert tree.body is not None
    assert paragraphs(tree.body) == ("Satu.", "Dua.")


@pytest.mark.parametrize(
    ("modified", "expected", "flagged"),
    [
        ("2015-11-05T10:08:00+07:00", None, True),  # mediaindonesia.com rounds it down
        ("2015-11-05T10:08:58+07:00", "2015-11-05T10:08:58+07:00", False),
        ("2015-11-05T10:08+07:00", "2015-11-05T10:08:00+07:00", False),  # its seconds are not known
        ("2015-11-04", None, True),
    ],
)
def test_a_modification_before_the_publication_is_left_out(modified: str, expected: str | None, flagged: bool) -> None:
    """The two are compared to the precision that both have."""
    read = article("Kapal beras tiba.", modified=modified)
    assert (read.modified_at.isoformat() if read.modified_at else None) == expected
    assert ("modified-before-published" in read.flags) is flagged


@pytest.mark.parametrize("line", ["(Koran.com/Rina Dewi)", "(Liputan6.com/Rina Dewi)", "(AFP/Rina Dewi)"])
def test_the_credit_of_a_picture_in_a_story_names_neither_its_author_nor_its_wire(line: str) -> None:
    """A picture's caption and credit stand between the paragraphs of many stories."""
    read = article("Kapal beras tiba di pelabuhan.", line, "Muatannya dibongkar.")
    assert (read.authors, read.agency, read.credit) == ((), None, None)
