"""The fields of a layout: pictures, separate credits, sources, bodies in parts, all pages in one."""

from __future__ import annotations

import time
from typing import Any

import pytest

from archive.records import PhotoCredit, Rejected
from reading.article import normalise
from reading.credits.photos import read_credit_apart
from reading.extract.page import extract
from reading.extract.raw import FoundText, RawArticle, RawImage
from sources import (
    BadSourceError,
    Feed,
    Layout,
    Source,
)
from tests.support.machine import assert_cheap

URL = "https://www.koran.example.id/berita/1"
STORY = "<p>Kapal pengangkut beras tiba di pelabuhan pada pagi hari dan segera membongkar muatannya.</p>"
STAMP = "<i>Kamis, 5 November 2015 10:08 WIB</i>"


def source(**fields: Any) -> Source:
    return Source(
        name="koran",
        title="Koran",
        domains=("koran.example.id",),
        finds=(Feed("https://www.koran.example.id/rss"),),
        article=r"https?://www\.koran\.example\.id/berita/\d+",
        layouts=(Layout(**{"title": ("h1",), "body": (".isi",), "published": ("i",)} | fields),),
        terms="robots.txt allows all.",
    )


def read(html: str, url: str = URL, **fields: Any) -> RawArticle:
    page = f"<h1>Beras tiba di pelabuhan</h1>{STAMP}{html}"
    return extract(page.encode(), url=url, source=source(**fields))


@pytest.mark.parametrize(
    ("html", "caption", "credit"),
    [
        ("<div class=f><img src=a.jpg><b>RINA DEWI</b> Kapal sandar</div>", "Kapal sandar", "RINA DEWI"),
        ("<div class=f><img src=a.jpg>Kapal sandar.<b>(AFP)</b></div>", "Kapal sandar.", "(AFP)"),
        ("<div class=f><img src=a.jpg>Kapal sandar</div>", "Kapal sandar", None),
        ("<div class=f><img src=a.jpg><b>AFP</b></div>", None, "AFP"),
    ],
)
def test_a_credit_in_an_element_of_its_own_is_not_part_of_the_caption(
    html: str, caption: str | None, credit: str | None
) -> None:
    """Kompas prints the credit before the caption, in the same element."""
    raw = read(f"{html}<div class=isi>{STORY}</div>", picture=(".f",), image=("img@src",), credit=("b",))
    assert raw.images == (
        RawImage(
            "https://www.koran.example.id/berita/a.jpg",
            FoundText(caption, "selector") if caption else None,
            FoundText(credit, "selector") if credit else None,
        ),
    )


def test_each_picture_keeps_its_own_caption_and_credit() -> None:
    """A picture without a caption takes none from the next."""
    html = """<figure><img src=a.jpg></figure><figure><img src=b.jpg><figcaption>Dua</figcaption><b>AFP</b></figure>"""
    picture = {"picture": ("figure",), "image": ("img@src",), "caption": ("figcaption",), "credit": ("b",)}
    raw = read(f"{html}<div class=isi>{STORY}</div>", **picture)
    assert [each.caption.text if each.caption else None for each in raw.images] == [None, "Dua"]
    assert [each.credit.text if each.credit else None for each in raw.images] == [None, "AFP"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("KOMPAS.com/RINA DEWI", PhotoCredit("KOMPAS.com/RINA DEWI", "Rina Dewi", "KOMPAS.com")),
        ("Antara/Rina Dewi", PhotoCredit("Antara/Rina Dewi", "Rina Dewi", "ANTARA")),
        ("AFP", PhotoCredit("AFP", None, "AFP")),
        ("(Biro Pers Istana)", PhotoCredit("(Biro Pers Istana)", None, None, "Biro Pers Istana")),
        ("Twitter @kapalberas", PhotoCredit("Twitter @kapalberas")),
        ("Tangkapan layar", PhotoCredit("Tangkapan layar")),
        ("Rina Dewi", PhotoCredit("Rina Dewi")),
    ],
)
def test_any_text_in_the_credits_own_place_is_a_credit(line: str, expected: PhotoCredit) -> None:
    """It needs no bracket and no label. A name alone may be the photographer or the person who provided the picture."""
    assert read_credit_apart(line) == expected


@pytest.mark.parametrize(
    ("html", "agency", "credit"),
    [
        ("<u>Sumber : Antara</u>", "ANTARA", "Sumber : Antara"),
        ("<u>Antara/Reuters</u>", "ANTARA", "Antara/Reuters"),
        ("<u>kemenag.go.id</u>", None, "kemenag.go.id"),
        ("<em>Rep: Antara/ Red: Budi Raharja</em>", "ANTARA", "Rep: Antara/ Red: Budi Raharja"),
        ("", None, None),
    ],
)
def test_the_wire_is_read_from_a_source_line_beside_the_story(
    html: str, agency: str | None, credit: str | None
) -> None:
    """With the place where it was found. A ministry or another medium is a credit but not a wire."""
    one = source(sources=("u",), authors=("em",))
    page = f"<h1>Beras tiba di pelabuhan</h1>{STAMP}<div class=isi>{STORY}</div>{html}"
    raw = extract(page.encode(), url=URL, source=one)
    article = normalise(raw, source=one, url=URL, fetched_at=None)
    assert (article.agency, article.credit) == (agency, credit)
    assert article.provenance.get("agency") == ("selector" if agency else None)


def test_a_body_in_several_elements_is_read_whole_and_once() -> None:
    """Liputan6 has each part of a story in an element of its own. One inside another is not read twice."""
    first, second = (
        "<div class=isi><p>Satu.</p><div class=isi><p>Dua.</p></div></div>",
        "<div class=isi><p>Tiga.</p></div>",
    )
    html = f"{first}<p>Iklan.</p>{second}"
    assert read(html).body == ("Satu.", "Dua.", "Tiga.")


@pytest.mark.parametrize(
    ("url", "link", "expected"),
    [
        (URL, "?page=2", f"{URL}?page=all"),
        (f"{URL}?page=2", "?page=3", f"{URL}?page=all"),
        (f"{URL}?page=all", "?page=2", None),
        (f"{URL}?page=all#page2", "?page=2", None),
        (URL, None, None),
    ],
)
def test_the_page_that_shows_all_parts_is_the_next_page_where_the_publisher_has_one(
    url: str, link: str | None, expected: str | None
) -> None:
    html = f"<div class=isi>{STORY}</div>" + (f"<a class=lanjut href='{link}'>Lanjut</a>" if link else "")
    assert read(html, url, next_page=("a.lanjut@href",), all_pages="page=all").next_page == expected


@pytest.mark.parametrize("fields", [{"all_pages": "page=all"}, {"all_pages": "/all", "next_page": ("a@href",)}])
def test_all_pages_must_be_a_query_and_needs_next_page(fields: dict[str, Any]) -> None:
    with pytest.raises(BadSourceError, match="all_pages must be like"):
        Layout(body=("p",), **fields)


def test_a_field_that_its_selectors_miss_is_read_without_the_layout() -> None:
    """Templates differ from channel to channel; a stamp and a byline near the headline are still found, as "text"."""
    html = f"<p>Penulis: Rina Dewi</p><div class=isi>{STORY}</div>"
    raw = read(html, published=(".tanggal",), authors=(".penulis",))
    assert raw.printed == (FoundText("Kamis, 5 November 2015 10:08 WIB", "text"),)
    assert raw.bylines == (FoundText("Penulis: Rina Dewi", "text"),)


def test_a_layout_without_a_selector_for_bylines_reads_only_names_with_a_role() -> None:
    """And only where metadata name nobody: the publisher may print names in some channels, or nowhere."""
    html = f"<p>Penulis: Rina Dewi</p><b class=author>Ani Lestari</b><div class=isi>{STORY}</div>"
    assert read(html).bylines == (FoundText("Penulis: Rina Dewi", "text"),)
    assert read(f"<meta name=content_author content='Budi Raharja'>{html}").bylines == ()


def test_if_only_the_story_has_moved_the_other_selectors_are_still_used() -> None:
    """The page calls itself an article and no body matches: flagged, and names without a label are still found."""
    story = STORY * 4
    html = f"""<meta property="og:type" content="article"><b class=oleh>Rina Dewi</b><b class=red>Red: Budi Raharja</b>
    <figure><img src=a.jpg><figcaption>Kapal sandar</figcaption></figure><div class=baru>{story}</div>
    <b class=rubrik>Ekonomi</b>"""
    raw = read(html, authors=(".oleh",), editors=(".red",), section=(".rubrik",))
    assert raw.flags == ("layout-unknown",)
    assert raw.body_from == "text"
    assert raw.bylines == (FoundText("Rina Dewi", "selector"),)
    assert raw.editor_lines == (FoundText("Red: Budi Raharja", "selector"),)
    assert raw.sections == (FoundText("Ekonomi", "selector"),)
    assert [each.caption for each in raw.images] == [FoundText("Kapal sandar", "text")]


def test_on_an_unknown_layout_what_is_read_without_it_takes_precedence_over_its_selectors() -> None:
    """On a page of another era "h1" is the publisher's name, ".oleh" a person in the story, "figure" a teaser's."""
    html = f"""<meta property="og:type" content="article"><title>Beras tiba - Koran</title><h1>Koran</h1>
    <figure><img src=teaser.jpg><figcaption>Harga cabai naik lagi</figcaption></figure>
    <h2>Beras tiba</h2>{STAMP}<p>Penulis: Rina Dewi</p><img src=a.jpg><p class=caption>Kapal sandar di pelabuhan</p>
    <div class=baru>{STORY * 4}</div><b class=oleh>Budi Raharja</b>"""
    one = source(authors=(".oleh",), picture=("figure",), caption=("figcaption",))
    raw = extract(html.encode(), url=URL, source=one)
    assert raw.titles[0].text == "Beras tiba"
    assert raw.bylines == (FoundText("Penulis: Rina Dewi", "text"),)
    assert [each.caption for each in raw.images] == [FoundText("Kapal sandar di pelabuhan", "text")]


def test_a_page_that_does_not_call_itself_an_article_needs_an_articles_address_and_a_printed_stamp() -> None:
    """Pages before 2016 seldom have metadata. At other addresses such a page is a front page or a list."""
    html = f"<h1>Beras tiba</h1>{STAMP}<div class=baru>{STORY * 4}</div>"
    raw = extract(html.encode(), url=URL, source=source())
    assert (raw.flags, raw.printed[0].where, len(raw.body)) == (("layout-unknown",), "text", 4)
    elsewhere = "https://www.koran.example.id/terkini"
    undated = html.replace(STAMP, "")
    gone = html.replace("Beras tiba", "404 Not Found")
    for page, url, reason in ((html, elsewhere, "no-article"), (undated, URL, "no-article"), (gone, URL, "not-found")):
        with pytest.raises(Rejected, match=reason):
            extract(page.encode(), url=url, source=source())


def test_a_story_outside_the_empty_body_element_is_found_and_flagged() -> None:
    raw = read(f"<div class=isi></div><div class=baru>{STORY * 4}</div>")
    assert (raw.flags, raw.body_from, len(raw.body)) == (("layout-unknown",), "text", 4)
    undated = f"<h1>Beras tiba di pelabuhan</h1><div class=isi></div><div class=baru>{STORY * 4}</div>"
    gone = f"<h1>404 Not Found</h1>{STAMP}<div class=isi></div><div class=baru>{STORY * 4}</div>"
    for page, reason in ((undated, "no-article"), (gone, "not-found")):
        with pytest.raises(Rejected, match=reason):
            extract(page.encode(), url=URL, source=source())
    pictures = "<div class=f><img src={0}.jpg><b>Kapal {0} sandar di pelabuhan</b></div>"
    shown = "".join(pictures.format(number) for number in range(3))
    gallery = read(
        f"<div class=isi></div>{shown}<div class=baru>{STORY * 4}</div>", picture=(".f",), image=("img@src",)
    )
    assert (gallery.flags, gallery.body, len(gallery.images)) == ((), (), 3)


def test_an_editor_and_a_caption_that_have_moved_are_read_without_the_layout() -> None:
    html = f"""<p>Penulis: Rina Dewi</p><figure><img src=a.jpg>
    <figcaption>Kapal sandar di pelabuhan</figcaption></figure><div class=isi>{STORY * 4}</div>
    <p>Editor: Budi Raharja</p>"""
    one = source(authors=(".penulis",), editors=(".red",), picture=(".foto",), caption=("b",))
    page = f"<h1>Beras tiba</h1>{STAMP}{html}"
    article = normalise(extract(page.encode(), url=URL, source=one), source=one, url=URL, fetched_at=None)
    assert (article.authors, article.editors) == (("Rina Dewi",), ("Budi Raharja",))
    assert [image.caption for image in article.images] == ["Kapal sandar di pelabuhan"]


def test_on_an_unknown_layout_a_stamp_near_the_headline_takes_precedence_over_the_selectors() -> None:
    """On a page of another era the same class may mark any date."""
    html = f"<meta property='og:type' content='article'><b class=date>2 jam lalu</b><div class=baru>{STORY * 4}</div>"
    raw = read(html, published=(".date",))
    assert [each.where for each in raw.printed] == ["text"]


@pytest.mark.parametrize(
    ("byline", "editor", "authors", "editors"),
    [
        ("Rina Dewi", "Rina Dewi", ["Rina Dewi"], ["Rina Dewi"]),
        ("By Rina Dewi", "", ["Rina Dewi"], []),
        ("Rina Dewi - detikInet", "", ["Rina Dewi"], []),
        ("Rina Dewi, Budi Raharja", "", ["Rina Dewi", "Budi Raharja"], []),
        ("Rina Dewi, M. Yusuf", "", ["Rina Dewi", "M. Yusuf"], []),
        ("H. Budi Raharja, Lc, M.Si", "", ["H. Budi Raharja"], []),
        ("dr. Rina Dewi", "", ["dr. Rina Dewi"], []),
        ("Rina Dewi-Okezone", "", ["Rina Dewi"], []),
        ("Tempo.co - Rina Dewi", "", ["Rina Dewi"], []),
        ("Oleh Rina Dewi - Bisnis.com", "", ["Rina Dewi"], []),
        ("Rina Dewi 03 Juni 2024 14:05", "", ["Rina Dewi"], []),
        ("Rina Dewi, Senin 3/6/2024", "", ["Rina Dewi"], []),
        ("Reporter Rina Dewi Editor Budi Raharja", "", ["Rina Dewi"], ["Budi Raharja"]),
        ("", "(Rina Dewi)", [], ["Rina Dewi"]),
    ],
)
def test_a_name_alone_in_the_bylines_place_is_the_writer(
    byline: str, editor: str, authors: list[str], editors: list[str]
) -> None:
    """A name with a label is read once, by its label; one person may be both writer and editor."""
    one = source(authors=("em",), editors=("u",))
    page = f"<h1>Beras tiba</h1>{STAMP}<em>{byline}</em><u>{editor}</u><div class=isi>{STORY}</div>"
    article = normalise(extract(page.encode(), url=URL, source=one), source=one, url=URL, fetched_at=None)
    assert (list(article.authors), list(article.editors)) == (authors, editors)


def test_thousands_of_nested_bodies_are_read_in_one_walk() -> None:
    """The outermost contains them all; at the deepest nesting that is accepted the page is still read fast."""
    started = time.process_time()
    raw = read("<div class=isi>" * 5_000 + STORY)
    assert len(raw.body) == 1
    assert_cheap(started, 2)


@pytest.mark.parametrize(("address", "expected"), [(URL, "10:08:58"), (f"{URL}9", "09:00:00")])
def test_of_several_articles_in_json_ld_the_pages_own_is_read(address: str, expected: str) -> None:
    """JSON-LD may describe related stories too; the first one counts if none has the page's address."""
    block = """{"@type": "NewsArticle", "mainEntityOfPage": {"@id": "%s"}, "datePublished": "2015-11-05T%s+07:00"}"""
    blocks = (block % (f"{URL}2", "09:00:00"), block % (address, "10:08:58"))
    scripts = "".join(f'<script type="application/ld+json">{each}</script>' for each in blocks)
    raw = read(f"{scripts}<div class=isi>{STORY}</div>")
    assert raw.metadata[0] == FoundText(f"2015-11-05T{expected}+07:00", "json-ld")
