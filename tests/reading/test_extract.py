"""Extraction: bytes in, what the page prints out."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from archive.records import Rejected
from reading.extract.body import paragraphs, text_of, tidy
from reading.extract.charset import declared_charset, decode
from reading.extract.jsonld import articles, blocks, people, values
from reading.extract.multi_page import join_pages, next_page
from reading.extract.page import claimed_addresses, extract
from reading.extract.parsed_page import parse_html
from reading.extract.raw import FoundText, RawArticle, RawImage
from reading.extract.refuse import LARGEST_PAGE
from sources import Feed, Layout, Source
from tests.support.machine import assert_cheap

SOURCE = Source(
    name="koran",
    title="Koran",
    domains=("koran.example.id",),
    finds=(Feed("https://www.koran.example.id/rss"),),
    article=r"https?://(?:www\.)?koran\.example\.id/berita/\d+",
    layouts=(
        Layout(
            title=("h1",),
            body=("div.isi",),
            drop=(".iklan",),
            caption=("figcaption",),
            image=("figure img@src",),
            published=(".tanggal",),
            next_page=("a.lanjut@href",),
        ),
        Layout(title=("h1",), body=("td.cerita",), valid_until=date(2010, 12, 31)),
    ),
    terms="robots.txt allows all.",
)
URL = "https://www.koran.example.id/berita/1"
STORY = "Kapal pengangkut beras tiba di pelabuhan pada pagi hari dan segera membongkar muatannya di dermaga utama. "


def read(html: str | bytes, source: Source | None = SOURCE, content_type: str | None = None) -> RawArticle:
    return extract(html.encode() if isinstance(html, str) else html, url=URL, content_type=content_type, source=source)


def rejection_of(html: str | bytes, source: Source | None = SOURCE, content_type: str | None = None) -> str:
    with pytest.raises(Rejected) as caught:
        read(html, source, content_type)
    assert caught.value.detail, "a rejection needs a detail"
    return caught.value.reason


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>satu</p><p>dua</p>", ("satu", "dua")),
        ("satu<br><br>dua<br />\n<br />tiga", ("satu", "dua", "tiga")),
        ("<div>satu</div><div><br></div><div><br>dua<br><br>tiga&nbsp;</div>", ("satu", "dua", "tiga")),
        ("satu<br>masih satu<br><br>dua", ("satu\nmasih satu", "dua")),
        ("satu <b>tebal</b><i>miring</i> lagi", ("satu tebalmiring lagi",)),
        ("<p>satu\n  dua\t\u00a0tiga\u200b</p><p>&nbsp;</p>", ("satu dua tiga",)),
        ("<p>a</p><script>var x = '<p>b</p>'</script><style>p{}</style><p>c</p><!-- <p>d</p> -->", ("a", "c")),
        ("<p>a</p><p style='display: none'>b</p><p hidden>c</p><div class=iklan>d</div>", ("a",)),
        ("<p>a</p><figure><img><figcaption>b</figcaption></figure><aside>c</aside>", ("a",)),
        ("<p>a</p><p><a href=/x>Harga beras naik lagi</a></p><p>b</p>", ("a", "b")),
        ("<p>Lihat <a href=/x>laporan ini</a> selengkapnya.</p>", ("Lihat laporan ini selengkapnya.",)),
        ("<p><a href=/x>Laporan itu terbit kemarin.</a></p>", ("Laporan itu terbit kemarin.",)),
        ("a<table><tr><td>b</td><td>c</td></tr></table>d", ("a", "b", "c", "d")),
        ("<ul><li>a<li>b</ul><h2>c</h2><blockquote>d</blockquote>", ("a", "b", "c", "d")),
        ("", ()),
    ],
)
def test_paragraphs_are_found_in_every_style_of_markup(html: str, expected: tuple[str, ...]) -> None:
    """<p>, <div> and <br><br> make paragraphs; scripts, captions, hidden text, advertisements and bare links do not."""
    tree = LexborHTMLParser(f"<div class=isi>{html}</div>")
    story = tree.css_first("div.isi")
    assert story is not None
    assert paragraphs(story, {node.mem_id for node in story.css(".iklan")}) == expected


def test_a_line_break_inside_a_headline_is_a_space() -> None:
    node = LexborHTMLParser("<h1>Kapal beras<br>tiba<span> pagi</span></h1>").css_first("h1")
    assert node is not None
    assert text_of(node) == "Kapal beras tiba pagi"


UTF8, LATIN = "Café “Sumatra” – naik".encode(), "Café \x93Sumatra\x94 \x96 naik".encode("latin-1")


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (UTF8, None),
        (UTF8, "text/html; charset=utf-8"),
        (UTF8, "text/html; charset=ISO-8859-1"),
        (b"\xef\xbb\xbf" + UTF8, "text/html; charset=windows-1252"),
        (LATIN, None),
        (LATIN, "text/html; charset=utf-8"),
        (LATIN, "text/html; charset=iso-8859-1"),
        (LATIN, "text/html; charset=no-such-charset"),
        (LATIN, "text/html; charset=hex"),
        ("Café “Sumatra” – naik".encode("utf-16"), None),
        ("Café “Sumatra” – naik".encode("utf-16-le"), "text/html; charset=utf-8"),
        ("Café “Sumatra” – naik".encode("utf-16-be"), None),
        ("Café “Sumatra” – naik".encode("gbk"), "text/html; charset=gb2312"),
        ("Café “Sumatra” – naik".encode("gb18030"), "text/html; charset=gb18030"),
    ],
)
def test_a_wrong_charset_declaration_is_corrected(content: bytes, header: str | None) -> None:
    """UTF-8 declared as Latin-1 and the reverse are both decoded right."""
    assert decode(content, header) == "Café “Sumatra” – naik"


def test_one_invalid_byte_does_not_change_the_rest_of_a_utf8_page() -> None:
    assert decode("Café ".encode() + b"\xe9" + " Café".encode()) == "Café é Café"


def test_the_charset_in_the_header_takes_precedence_over_the_one_in_the_page() -> None:
    page = b'<html><meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
    assert declared_charset(page, "text/html; charset=utf-8") == "utf-8"
    assert declared_charset(page, "text/html") == "gb2312"
    assert declared_charset(b"<html>", None) is None


@given(st.binary(max_size=300), st.sampled_from([None, "text/html; charset=utf-8", "charset=utf-16", "charset=idna"]))
def test_any_bytes_decode(content: bytes, header: str | None) -> None:
    """No bytes and no declaration raise, and the text can be encoded as UTF-8."""
    decode(content, header).encode("utf-8")


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "Judul"}',
        '[{"@type": "WebSite"}, {"@type": ["Thing", "NewsArticle"], "headline": "Judul"}]',
        '{"@context": "x", "@graph": [{"@type": "WebPage"}, {"@type": "Article", "headline": "Judul"}]}',
        '{"@type": "WebPage", "mainEntity": {"@type": "https://schema.org/NewsArticle", "headline": "Judul"}}',
        '{"@type": "NewsArticle", "description": "baris\nbaru", "headline": "Judul"}',
        '{"@type": "NewsArticle", "headline": "Judul",}',
        '<!-- {"@type": "NewsArticle", "headline": "Judul"} -->',
        '//<![CDATA[\n{"@type": "NewsArticle", "headline": "Judul"}\n//]]>',
        '{"@type": "WebSite"}{"@type": "NewsArticle", "headline": "Judul"};',
        '{"@type": "NewsArticle", "headline": ["Judul"]}',
        '{"@type": "NewsArticle", "headline": "  Judul\u00a0"}',
        "{&quot;@type&quot;: &quot;NewsArticle&quot;, &quot;headline&quot;: &quot;Judul&quot;}",
        '/* <![CDATA[ */ {"@type": "NewsArticle", "headline": "Judul"} /* ]]> */',
        '<!--//--><![CDATA[//><!--\n{"@type": "NewsArticle", "headline": "Judul"}\n//--><!]]>',
        '\ufeff<![CDATA[{"@type": "NewsArticle", "headline": "Judul"}]]>;',
        '// dari templat\n{"@type": "NewsArticle", "headline": "Judul",}',
        '{\n"@type": "NewsArticle",\n"headline": "Judul",\n"description": "Kapal "Beras" tiba",\n}',
        '{"@type": "NewsArticle", "headline": "Judul", "description": "Jum\\\'at"}',
        '{"@type": "NewsArticle", "headline": "Judul"} {"@type": rusak',
        '{"@type": "schema:NewsArticle", "headline": "Judul"}',
    ],
)
def test_json_ld_is_read_in_every_shape(script: str) -> None:
    """Lists, graphs, nested entities, raw line breaks, trailing commas, wrappings, several objects in a row."""
    found = articles(blocks(LexborHTMLParser(f'<script type="application/ld+json">{script}</script>')))
    assert [values(each, "headline") for each in found] == [(FoundText("Judul", "json-ld"),)]


@pytest.mark.parametrize("script", ["", "{", "null", "[" * 100_000, '{"@type": 7}', '"NewsArticle"', '{"@graph": 1}'])
def test_unreadable_json_ld_is_skipped(script: str) -> None:
    assert articles(blocks(LexborHTMLParser(f'<script type="application/ld+json">{script}</script>'))) == []


def test_the_stamps_of_an_article_are_read_from_json_ld_that_cannot_be_repaired() -> None:
    """An unescaped quotation mark. Other fields may be cut off anywhere, so they are not read."""
    broken = '{"@type": "%s", "headline": "Kapal "Beras" tiba", "datePublished": "2015-11-05T10:08:58+07:00"}'
    page = '<script type="application/ld+json">' + broken + "</script>"
    (found,) = articles(blocks(LexborHTMLParser(page % "NewsArticle")))
    assert values(found, "datePublished") == (FoundText("2015-11-05T10:08:58+07:00", "json-ld"),)
    assert values(found, "headline") == ()
    assert articles(blocks(LexborHTMLParser(page % "WebPage"))) == []


def test_authors_in_json_ld_are_names_in_any_shape() -> None:
    thing = {"author": [{"@type": "Person", "name": "Ani &amp; Budi"}, "Citra", {"name": ["Dodi"]}, 5, None, {}]}
    assert [found.text for found in values(thing, "author")] == ["Ani & Budi", "Citra", "Dodi"]


@pytest.mark.parametrize(
    "reference",
    [
        '{"@id": "#ani"}',
        '[{"@id": "#ani"}]',
        '{"@type": "Person", "@id": "#ani"}',
        '{"@id": "#ani", "name": "Ani Lestari"}',
    ],
)
def test_an_author_that_json_ld_only_refers_to_is_read_from_its_own_place(reference: str) -> None:
    """In the graph of the same block, as Yoast writes it, or in another block."""
    person = '{"@type": "Person", "@id": "#ani", "name": "Ani Lestari"}'
    article = f'{{"@type": "NewsArticle", "author": {reference}}}'
    script = '<script type="application/ld+json">%s</script>'
    for page in (script % f'{{"@graph": [{article}, {person}]}}', script % article + script % person):
        (found,) = articles(blocks(LexborHTMLParser(page)))
        assert [name.text for name in people(found, "author")] == ["Ani Lestari"]


def test_an_organisation_is_no_author() -> None:
    thing = {
        "author": [{"@type": ["Organization"], "name": "Dewi Sartika"}, {"@type": "Person", "name": "Ani Lestari"}]
    }
    assert [name.text for name in people(thing, "author")] == ["Ani Lestari"]


def test_the_first_layout_whose_body_is_on_the_page_is_used() -> None:
    """An old page is read with the layout of its time, though the newer layout comes first."""
    assert read("<h1>Judul</h1><div class=isi><p>baru</p></div>").body == ("baru",)
    assert read("<h1>Judul</h1><table><td class=cerita>lama</table>").body == ("lama",)


def test_each_field_is_extracted_with_the_place_where_it_was_found() -> None:
    raw = read(
        "<link rel=canonical href=/berita/1/judul><meta property=og:url content='https://www.koran.example.id/berita/1'>"
        "<meta property='article:published_time' content='2025-06-10T08:00:00+07:00'>"
        "<h1>Judul</h1><p class=tanggal>Selasa, 10 Juni 2025 08:00 WIB</p>"
        "<figure><img src=/a.jpg><figcaption>Kapal. (Foto: Ani)</figcaption></figure><div class=isi><p>Isi.</p></div>"
        "<a class=lanjut href='?page=2'>2</a>"
    )
    assert raw.titles[0] == FoundText("Judul", "selector")
    assert [found.text for found in raw.addresses] == [f"{URL}/judul", URL]
    assert raw.printed == (FoundText("Selasa, 10 Juni 2025 08:00 WIB", "selector"),)
    assert raw.metadata == (FoundText("2025-06-10T08:00:00+07:00", "meta"),)
    assert raw.images == (RawImage("https://www.koran.example.id/a.jpg", FoundText("Kapal. (Foto: Ani)", "selector")),)
    assert raw.next_page == f"{URL}?page=2"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<link rel=canonical href='https://k.id/1'><meta property=og:url content='https://k.id/2'>",
            ("https://k.id/1", "https://k.id/2"),
        ),
        ("<link rel=canonical href='/1'><meta property=og:url content='about:blank'>", ()),
        (
            '<script type="application/ld+json">{"@type": "Article", "mainEntityOfPage": {"@id": "https://k.id/3"}, '
            '"url": "https://k.id/4"}</script>',
            ("https://k.id/3", "https://k.id/4"),
        ),
        (
            "<div itemscope itemtype='http://schema.org/NewsArticle'><a itemprop=url href='http://k.id/5'></a></div>",
            ("http://k.id/5",),
        ),
    ],
)
def test_a_page_saved_without_its_address_may_claim_one(html: str, expected: tuple[str, ...]) -> None:
    """Absolute addresses only, in the order of trust."""
    assert claimed_addresses(parse_html(html.encode())) == expected


def test_microdata_of_related_stories_is_not_the_articles() -> None:
    """A teaser (a WebPage inside the page) does not count."""
    raw = read(
        "<div itemscope itemtype='http://schema.org/NewsArticle'><h1 itemprop=headline>Judul</h1>"
        "<div class=isi>Isi.</div>"
        "<div itemscope itemtype='http://schema.org/WebPage'><h2 itemprop=headline>Lain</h2>"
        "<time itemprop=datePublished datetime=2001-01-01>x</time></div>"
        "<span itemprop=author itemscope itemtype='http://schema.org/Person'>oleh <b itemprop=name>Ani</b></span></div>"
    )
    assert "Lain" not in {found.text for found in raw.titles}
    assert raw.metadata == ()
    assert raw.authors == (FoundText("Ani", "microdata"),)


def test_a_page_that_matches_no_layout_is_read_without_one_and_flagged_if_it_calls_itself_an_article() -> None:
    page = f"<h1>Judul</h1><section><p>{STORY}</p><p>{STORY}</p></section>"
    raw = read(f"<meta property=og:type content=article>{page}")
    assert raw.flags == ("layout-unknown",)
    assert raw.body == (STORY.strip(), STORY.strip())
    assert rejection_of(page) == "no-article"


def test_the_fallback_finds_the_story_among_menus_and_teasers() -> None:
    """Without a source: the densest running text, the stamp near the headline, metadata for the rest."""
    teasers = "<li><a href=/x>Berita lain yang judulnya cukup panjang untuk dibaca</a></li>" * 40
    raw = read(
        f"<html lang=id><title>Judul - Koran</title><ul class=menu>{teasers}</ul><h1>Judul</h1>"
        f"<span>Selasa, 10 Juni 2025 08:00 WIB</span><div>Penulis: Ani Lestari</div><div id=x>{STORY}<br><br>{STORY}"
        f"<div class=baca-juga>Baca juga tentang beras yang lain di sini</div></div><ul>{teasers}</ul>"
        "<div class=komentar><p>Saya senang sekali membaca berita ini, terima kasih banyak, redaksi.</p></div>",
        source=None,
    )
    assert raw.body == (STORY.strip(), STORY.strip())
    assert raw.printed == (FoundText("Selasa, 10 Juni 2025 08:00 WIB", "text"),)
    assert raw.bylines == (FoundText("Penulis: Ani Lestari", "text"),)


@pytest.mark.parametrize(
    ("page", "content_type", "reason"),
    [
        (b"", None, "empty"),
        (b" \r\n\t\x00\x00", None, "empty"),
        (random.Random(20151218).randbytes(20_000), "text/html", "not-html"),
        (b"%PDF-1.4 <html>", "text/html", "not-html"),
        (b"\x89PNG\r\n\x1a\n<p>", None, "not-html"),
        (b"<h1>Judul</h1>", "image/jpeg", "not-html"),
        (b'{"judul": "Kapal"}', "application/json", "not-html"),
        (b"Kapal beras tiba.", "text/html", "not-html"),
        (b"\n<?xml version='1.0'?>\n<rss><channel></channel></rss>", "text/xml", "not-html"),
        (b"<h1>Depan</h1><ul><li><a href=/1>Satu</a></ul>", "text/html", "no-article"),
        (b"<h1>Judul</h1><div class=isi><script>1</script></div>", "text/html", "no-article"),
        (b"<title>Just a moment...</title><p>Checking your browser", "text/html", "blocked"),
        (b"<title>koran</title><h1>Access Denied</h1>", "text/html", "blocked"),
        (b"<h1>Apakah Anda manusia?</h1><p>Buktikan bahwa Anda bukan robot.", "text/html", "blocked"),
        (b"<title>502 Bad Gateway</title>", "text/html", "blocked"),
        (b"<title>Koran</title><h1>Halaman yang Anda cari tidak ditemukan</h1>", "text/html", "not-found"),
        (b"<p>" + b"x" * LARGEST_PAGE, "text/html", "too-large"),
        (b"<div>" * 100_000 + b"isi" + b"</div>" * 100_000, "text/html", "too-deep"),
        (b"<div></span>" * 100_000, "text/html", "too-deep"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input_is_rejected_by_name(page: bytes, content_type: str | None, reason: str) -> None:
    """The reason is the same with a source and without."""
    assert rejection_of(page, SOURCE, content_type) == reason
    assert rejection_of(page, None, content_type) == reason


def test_a_story_about_captchas_is_a_story() -> None:
    raw = read("<title>Captcha</title><h1>Access denied, kata situs itu</h1><div class=isi>Captcha itu gagal.</div>")
    assert raw.body == ("Captcha itu gagal.",)


@pytest.mark.parametrize(
    "page",
    [
        f"<h1>Judul</h1><div class=isi>{'<b>' * 15_000}Isi.</div>",
        f"<h1>Judul</h1>{'<div>' * 5_000}<div class=isi>Isi.</div>",
        f"<h1>Judul</h1><div class=isi>Isi.</div>{'<p>x' * 500_000}",
        f"<h1>Ju\x00dul</h1><div class=isi>I\x00si.{chr(0) * 1000}</div>",
        f"<h1>Judul</h1><div class=isi>Isi.{'<br>' * 200_000}</div>",
        f"<h1>Judul</h1><div class=isi>Isi.</div>{'<' * 1_000_000}",
    ],
    ids=["open-tags", "deep", "long", "nul", "breaks", "brackets"],
)
def test_hostile_pages_are_read_in_little_time(page: str) -> None:
    """Deep nesting, NULs and long rows of tags are read within seconds of processor time."""
    began = time.process_time()
    raw = read(page)
    assert_cheap(began, 5)
    assert raw.titles[0].text == "Judul"
    assert raw.body[0] == "Isi."


@given(st.binary(max_size=400))
def test_any_bytes_give_an_article_or_a_rejection(content: bytes) -> None:
    """Nothing but Rejected is raised."""
    for source in (SOURCE, None):
        with suppress(Rejected):
            assert read(b"<h1>Judul</h1><div class=isi>" + content, source).body


def page_of(*body: str, following: str | None = None) -> RawArticle:
    return RawArticle(url=URL, titles=(FoundText("Judul", "selector"),), body=body, next_page=following)


def test_the_pages_of_one_article_are_joined_without_repeated_paragraphs() -> None:
    """The body stays in order; a paragraph or foot that is on every page is kept once."""
    joined = join_pages(
        page_of("Satu.", "Editor: Ani", "© Koran", following=f"{URL}?page=2"),
        [page_of("Dua.", "Editor: Ani", "© Koran", following=f"{URL}?page=3"), page_of("Satu.", "Tiga.", "© Koran")],
    )
    assert joined.body == ("Satu.", "Dua.", "Editor: Ani", "Tiga.", "© Koran")
    assert joined.next_page is None


@pytest.mark.parametrize(
    ("following", "already_read", "expected"),
    [
        (f"{URL}?page=2", (), f"{URL}?page=2"),
        (f"{URL}?page=2", (f"{URL}?page=2",), None),
        (URL, (), None),
        ("https://lain.example.org/berita/1?page=2", (), None),
        (None, (), None),
    ],
)
def test_a_next_page_is_another_address_on_the_same_host(
    following: str | None, already_read: tuple[str, ...], expected: str | None
) -> None:
    assert next_page(page_of("Satu.", following=following), already_read) == expected


def test_tidy_keeps_one_line_and_no_invisible_characters() -> None:
    assert tidy(" a\u00a0\u200b b\n\tc\x07\u00ad ") == "a b c"
