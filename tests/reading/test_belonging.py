"""What stands on a page and is another story's lends it no value (docs/decisions/0021)."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest

from archive.records import Article, Rejected
from reading.article import normalise
from reading.extract.belonging import same_story
from reading.extract.page import claimed_addresses, extract
from reading.extract.parsed_page import parse_html
from sources.definition import Layout, Sitemap, Source
from tests.support.machine import assert_cheap

URL = "https://www.koran.example.id/ekonomi/read/4012345/kapal-beras-tiba-di-pelabuhan-lama"
TITLE = "Kapal Beras Tiba di Pelabuhan Lama"
STORY = (
    "Kapal pengangkut beras tiba di pelabuhan pada pagi hari setelah tiga hari berlayar dari pulau seberang, katanya."
)
ISI = f"<div id=isi><p>{STORY}</p><p>{STORY}</p></div>"
OTHER_URL = "https://www.koran.example.id/daerah/read/4012001/jembatan-gantung-muara-dibuka-wali-kota"
OTHER_TITLE = "Jembatan Gantung Muara Dibuka Wali Kota"
OTHER = "Wali kota membuka jembatan gantung yang menghubungkan dua kampung nelayan di muara sungai itu kemarin sore."
HEAD = f"<title>{TITLE} - Koran</title><meta property=og:title content='{TITLE}'>"
STAMP = "<div class=date>Selasa, 10 Juni 2025 08:00 WIB</div>"
OTHER_STAMP = "<div class=date>Senin, 9 Juni 2025 07:00 WIB</div>"
OWN = f"<h1>{TITLE}</h1>{STAMP}<p class=penulis>Penulis: Rina Dewi</p><div class=isi><p>{STORY}</p><p>{STORY}</p></div>"
SECOND = (
    f"<h1>{OTHER_TITLE}</h1>{OTHER_STAMP}<p class=penulis>Penulis: Budi Raharja</p><figure><img src=j.jpg>"
    "<figcaption>Jembatan gantung di muara. (Foto: Budi)</figcaption></figure>"
    f"<div class=isi>{f'<p>{OTHER}</p>' * 6}</div>"
)

SOURCE = Source(
    name="koran",
    title="Koran",
    domains=("koran.example.id",),
    finds=(Sitemap("https://www.koran.example.id/sitemap.xml"),),
    article=r"https?://www\.koran\.example\.id/\w+/read/\d+",
    layouts=(Layout(title=("h1",), body=(".isi",), published=(".date",), authors=(".penulis", ".author")),),
    terms="robots.txt allows all.",
)


def read(html: str, url: str = URL, source: Source | None = None) -> Article:
    raw = extract(html.encode(), url=url, source=source)
    return normalise(raw, source=source, url=url, fetched_at=None)


def json_ld(**fields: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle"} | fields)}</script>'


@pytest.mark.parametrize("source", [None, SOURCE], ids=["generic", "by source"])
@pytest.mark.parametrize(
    "page",
    [
        f"<article>{OWN}</article><article>{SECOND}</article>",
        f"<div class=gulir><div class=berita>{OWN}</div><div class=berita>{SECOND}</div><div>{SECOND}</div></div>",
        f"<article class=hentry>{OWN}</article><aside>Iklan</aside><div class=next><article>{SECOND}</article></div>",
        f"<main><div><div>{OWN}</div></div><div data-url='{OTHER_URL}'><section>{SECOND}</section></div></main>",
        f"<article>{OWN.replace('h1', 'h2')}</article><article>{SECOND.replace('h1', 'h2')}</article>",
    ],
)
def test_a_second_story_on_the_page_lends_nothing(page: str, source: Source | None) -> None:
    """Endless scrolls append whole stories, mostly longer than the page's own."""
    article = read(f"{HEAD}{page}", source=source)
    assert (article.title, article.authors, list(article.body)) == (TITLE, ("Rina Dewi",), [STORY, STORY])
    assert article.published_at.isoformat() == "2025-06-10T08:00:00+07:00"
    assert not article.images
    assert article.flags == ("other-story",)


@pytest.mark.parametrize(
    "page",
    [
        f"<article><h1>{TITLE}</h1>{STAMP}<section><h1>Angin Barat Mulai Reda</h1>{ISI}</section>"
        f"<section><h1>Harga Cabai Ikut Turun</h1><p>{OTHER}</p><p>{OTHER}</p><p>{OTHER}</p></section></article>",
        f"<h1>{TITLE}</h1>{STAMP}<div class=isi><p>{STORY}</p><p>{STORY}</p><h1>Harga Cabai Ikut Turun</h1>"
        f"<p>{OTHER}</p></div>",
        f"<article><h1>{TITLE}</h1>{STAMP}<article><h2>Pukul 08.00: Kapal Mulai Sandar</h2><time>10 Juni 2025</time>"
        f"<p>{STORY}</p><p>{STORY}</p></article><article><h2>Pukul 07.00: Ombak Masih Tinggi</h2>"
        f"<time>10 Juni 2025</time><p>{OTHER}</p><p>{OTHER}</p></article></article>",
    ],
)
def test_chapters_and_the_posts_of_a_live_report_are_the_story(page: str) -> None:
    """They have headings of their own too, but stand inside the story."""
    article = read(f"{HEAD}{page}")
    assert OTHER in article.body
    assert article.flags == ()


def test_a_page_that_does_not_say_which_story_is_its_own_keeps_them_all() -> None:
    article = read(f"<title>Koran</title><article>{OWN}</article><article>{SECOND}</article>")
    assert "other-story" not in article.flags


def test_cards_of_related_stories_and_comments_lend_nothing() -> None:
    """A layout's selectors match them too; they are on every page, so there is no flag."""
    teaser = f"<h3><a href=/x>{OTHER_TITLE}</a></h3><b class=author>Budi Raharja</b>{OTHER_STAMP}"
    card = f"<article class=card>{teaser}</article>"
    comment = "<ol class=commentlist><li><b class=author>Joko Susilo</b><p>Bagus sekali.</p></li></ol>"
    own = OWN.replace("<p class=penulis>Penulis: Rina Dewi</p>", "<b class=author>Rina Dewi</b>")
    article = read(f"{HEAD}{card}<main>{own}</main>{card}{comment}", source=SOURCE)
    assert (article.authors, article.flags) == (("Rina Dewi",), ())


@pytest.mark.parametrize(
    ("fields", "belongs"),
    [
        ({"headline": TITLE}, True),
        ({"headline": f"{TITLE} Pagi Ini, Warga Lega"}, True),
        ({"headline": "Beras Tiba", "url": URL}, True),
        ({"headline": OTHER_TITLE, "url": URL.replace("https://www.", "http://m.")}, True),
        ({"mainEntityOfPage": URL}, True),
        ({"mainEntityOfPage": {"@type": "WebPage", "@id": URL + "?utm_source=x"}}, True),
        ({"url": "https://www.koran.example.id/amp/ekonomi/read/4012345/judul-lama"}, True),
        ({}, True),
        ({"url": "https://www.koran.example.id/"}, True),
        ({"headline": "Koran"}, True),
        ({"headline": OTHER_TITLE}, False),
        ({"headline": OTHER_TITLE, "url": OTHER_URL}, False),
        ({"url": OTHER_URL}, False),
        ({"mainEntityOfPage": {"@id": OTHER_URL}}, False),
        ({"@id": f"{OTHER_URL}#article"}, False),
    ],
)
def test_json_ld_counts_unless_its_headline_or_address_is_another_storys(fields: dict[str, Any], belongs: bool) -> None:
    described = json_ld(author={"@type": "Person", "name": "Ani Lestari"}, articleSection="Ekonomi", **fields)
    article = read(f"{HEAD}{described}<h1>{TITLE}</h1>{STAMP}{ISI}")
    assert article.authors == (("Ani Lestari",) if belongs else ())
    assert article.section == ("Ekonomi" if belongs else None)
    assert article.flags == (() if belongs else ("other-story",))


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_articles_in_json_ld_the_pages_own_counts_wherever_it_stands(order: int) -> None:
    blocks = [
        json_ld(headline=OTHER_TITLE, url=OTHER_URL, author="Budi Raharja", datePublished="2025-06-09T07:00:00+07:00"),
        json_ld(headline=TITLE, author="Ani Lestari", datePublished="2025-06-10T08:00:00+07:00"),
        json_ld(headline="Harga Cabai Rawit Turun di Pasar Induk", author="Joko Susilo"),
    ]
    article = read(f"{HEAD}{''.join(blocks[::order])}<h1>{TITLE}</h1>{ISI}")
    assert article.authors == ("Ani Lestari",)
    assert article.published_at.isoformat() == "2025-06-10T08:00:00+07:00"


def test_microdata_of_another_article_on_the_page_lends_nothing() -> None:
    scope = "<div itemscope itemtype='https://schema.org/NewsArticle'>"
    other = (
        f"{scope}<span itemprop=headline>{OTHER_TITLE}</span>"
        "<meta itemprop=datePublished content=2025-06-09T07:00:00+07:00><span itemprop=author>Budi Raharja</span></div>"
    )
    own = f"{scope}<h1 itemprop=headline>{TITLE}</h1>{ISI}<meta itemprop=datePublished content="
    article = read(f"{HEAD}{other}{own}2025-06-10T08:00:00+07:00></div>")
    assert article.authors == ()
    assert article.published_at.isoformat() == "2025-06-10T08:00:00+07:00"
    assert article.flags == ("other-story",)


@pytest.mark.parametrize(
    ("claim", "address", "flags"),
    [
        (URL, URL, ()),
        ("/", URL, ()),
        ("https://www.koran.example.id/ekonomi", "https://www.koran.example.id/ekonomi", ()),
        (OTHER_URL, URL, ("other-story",)),
        ("/ekonomi/read/4012345/beras-tiba-warga-lega-harga-turun", None, ()),
        ("/2025/06/kapal-beras-tiba-di-pelabuhan-lama.html", None, ()),
        (URL.replace("https", "http"), URL, ()),
        (URL.replace("www.", "amp."), URL, ()),
        (f"{URL}/amp", URL, ()),
        (f"{URL}?amp=1", URL, ()),
        ("https://www.koran.example.id/daerah/read/99/x", URL, ("other-story",)),
    ],
)
def test_a_canonical_address_counts_unless_it_is_another_storys(
    claim: str, address: str | None, flags: tuple[str, ...]
) -> None:
    """After a change of headline or of the address's form it differs; then it keeps the number or the words."""
    page = f"{HEAD}<link rel=canonical href='{claim}'><h1>{TITLE}</h1>{STAMP}{ISI}"
    article = read(page)
    expected = address or (claim if claim.startswith("http") else f"https://www.koran.example.id{claim}")
    assert (article.url, article.flags) == (expected, flags)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("https://a.id/x/judul-berita-kapal-beras", "http://m.a.id/x/judul-berita-kapal-beras/?utm_source=wa", True),
        ("https://a.id/read/4012345/judul-lama-kapal", "https://a.id/ekonomi/read/4012345/judul-yang-baru", True),
        ("https://a.id/d-4012345/judul-kapal-beras", "https://a.id/d-4012346/harga-cabai-rawit", False),
        ("https://a.id/?p=17", "https://a.id/?p=18", False),
        ("https://a.id/?p=17", "https://a.id/2025/06/judul-berita-kapal", None),
        ("https://a.id/read/2025/06/10/10000001/kapal-beras-tiba", "https://a.id/read/2025/06/09/10000001/x-y-jembatan-muara",
         False),
        ("https://a.id/", "https://a.id/judul-berita-kapal-beras", None),
        ("https://a.id/ekonomi", "https://a.id/judul-berita-kapal-beras", None),
        ("https://[", "https://a.id/judul-berita-kapal-beras", None),
    ],
)  # fmt: skip
def test_two_addresses_are_compared_by_number_and_words(one: str, other: str, expected: bool | None) -> None:
    assert same_story(one, other) is expected
    assert same_story(other, one) is expected


@pytest.mark.parametrize("base", ["https://www.koran.example.id/", "/", "//www.koran.example.id/"])
def test_relative_addresses_start_from_the_pages_base(base: str) -> None:
    """Joomla's pages have a base; canonical address, pictures and next page are relative to it."""
    page = (
        f"{HEAD}<base href='{base}'><link rel=canonical href='berita/12-kapal'><h1>{TITLE}</h1>{STAMP}"
        f"<figure><img src='images/kapal.jpg'><figcaption>Kapal beras di dermaga.</figcaption></figure>"
        f"{ISI}"
    )
    article = read(page, url="https://www.koran.example.id/index.php/berita/12-kapal.html")
    assert article.url == "https://www.koran.example.id/berita/12-kapal"
    assert article.images[0].url == "https://www.koran.example.id/images/kapal.jpg"


def test_a_saved_page_claims_its_front_page_last() -> None:
    """Some templates of Blogger name the front page as canonical before the story."""
    tree = parse_html(
        b"<link rel=canonical href='https://k.id/'><link rel=canonical href='https://k.id/2020/10/beras'>"
    )
    assert claimed_addresses(tree)[0] == "https://k.id/2020/10/beras"


@pytest.mark.parametrize(
    "page",
    [
        f"{HEAD}<h1>{TITLE}</h1>" + f"<article><h1>{OTHER_TITLE}</h1>" * 4_000,
        f"{HEAD}<h1>{TITLE}</h1>" + f"<div><h1>{OTHER_TITLE}</h1>{OTHER_STAMP}<p>{OTHER}</p><p>{OTHER}</p></div>" * 300,
        f"{HEAD}<h1>{TITLE}" * 3_000 + "</h1>",
        f"{HEAD}<h1>{TITLE}</h1>" + "<div class=comments>" * 5_000 + "</div>" * 5_000,
        f"{HEAD}" + json_ld(headline=OTHER_TITLE, url=OTHER_URL) * 3_000,
        f"{HEAD}" + f"<link rel=canonical href='{OTHER_URL}'>" * 5_000,
        f"{HEAD}<div itemscope itemtype=NewsArticle>" + f"<b itemprop=headline>{OTHER_TITLE}</b>" * 5_000,
    ],
)
def test_a_page_of_thousands_of_stories_is_judged_in_little_time(page: str) -> None:
    started = time.process_time()
    with contextlib.suppress(Rejected):
        extract(f"{page}{ISI}".encode(), url=URL, source=None)
    assert_cheap(started, 3)
