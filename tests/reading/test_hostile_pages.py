"""Hostile pages: any bytes give an article or a named rejection, within the deadline of a page and bounded memory."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from archive.deadline import PAGE_SECONDS
from archive.records import Rejected
from reading.article import normalise
from reading.extract.page import extract
from sources import for_url
from sources.definition import Source
from tests.support.machine import assert_cheap
from tests.support.memory import peak, reset_peak

OWN = Path(__file__).parents[1] / "fixtures"
SHARED = Path(__file__).parents[2].parent / "shared"
SEED = 20260106
_MEMORY = 1_500
"""Megabytes of the whole test process, with the largest page in it."""
STORY = (
    "Kapal pengangkut beras tiba di pelabuhan pada pagi hari setelah tiga hari berlayar dari pulau seberang, katanya."
)


def outcome(page: bytes, url: str, source: Source | None) -> str:
    """Returns "article" or the rejection's reason; fails if reading takes longer than a page may take."""
    began = time.process_time()
    found = _read(page, url, source)
    assert_cheap(began, PAGE_SECONDS)
    return found


def _read(page: bytes, url: str, source: Source | None) -> str:
    try:
        article = normalise(extract(page, url=url, source=source), source=source, url=url, fetched_at=None)
    except Rejected as refusal:
        assert refusal.reason
        return refusal.reason
    json.dumps(article.as_json()).encode("utf-8")
    return "article"


def around(middle: str, head: str = "") -> bytes:
    return (
        f"<title>Kapal Beras Tiba di Pelabuhan Lama</title>{head}<h1>Kapal Beras Tiba di Pelabuhan Lama</h1>"
        f"<p>Selasa, 10 Juni 2025 08:00 WIB</p><div class=isi><p>{STORY}</p><p>{STORY}</p>{middle}</div>"
    ).encode()


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


MALFORMED_LD = [
    "{", "[[[[", '{"@type": "NewsArticle", "headline": ',
    '{"@type": ["NewsArticle", {"a": [1, null]}], "author": {"name": {}}}',
    '{"@type": "NewsArticle", "datePublished": 20250610, "author": [[[["Ani"]]]], "image": {"url": {"url": 1}}}',
    '{"@type": "NewsArticle", "headline": "\\ud800", "articleBody": "\\udfff\\u0000"}',
    "{'@type': 'NewsArticle'}",
    '{"@type": "NewsArticle", "isAccessibleForFree": {}, "wordCount": [1e999], "keywords": {"a": 1}}',
    "NaN", "[" * 50_000,
    '{"a":' * 50_000, '{"@type": "NewsArticle", "headline": "' + "x" * 200_000 + '"}', "{}" * 20_000,
    '{"@graph": [' + '{"@type": "Thing"},' * 20_000 + '{"@type": "NewsArticle"}]}', "\\", '"', "<!-- --", ",,,,}",
]  # fmt: skip

ENTITIES = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))

HOSTILE: dict[str, Callable[[], bytes]] = {
    "nested 100,000 deep": lambda: b"<div>" * 100_000 + around("") + b"</div>" * 100_000,
    "nested 100,000 deep within the story": lambda: around("<b>" * 100_000 + "x"),
    "nested 100,000 deep in turns": lambda: around("<div><span>" * 50_000),
    "nested tables": lambda: around("<table><tr><td>" * 20_000),
    "nested lists": lambda: around("<ul><li>" * 20_000),
    "nested forms of formatting": lambda: around("<a><b><i><u>" * 10_000),
    "50,000 unclosed paragraphs": lambda: around("<p>x" * 50_000),
    "closing tags alone": lambda: around("</div></p></b>" * 100_000),
    "a million brackets": lambda: around("<" * 1_000_000),
    "NULs everywhere": lambda: around("").replace(b" ", b" \x00\x00").replace(b"<p", b"<\x00p"),
    "a megabyte of NULs": lambda: around("\x00" * 1_000_000),
    "a line of 50 MB": lambda: around("x" * 50_000_000),
    "a line of 18 MB": lambda: around("x" * 18_000_000),
    "a sentence of 10 MB": lambda: around("Kata " * 2_000_000),
    "an attribute of 18 MB": lambda: around(f"<a title='{'x' * 18_000_000}'>x</a>"),
    "class names without end": lambda: around("".join(f"<i class='c{n} caption-{n}'>x</i>" for n in range(20_000))),
    "one class of a megabyte": lambda: around(f"<div class='{'author ' * 150_000}'>x</div>"),
    "50,000 attributes": lambda: around(f"<div {' '.join(f'a{n}=1' for n in range(50_000))}>x</div>"),
    "an entity bomb": lambda: f"<!DOCTYPE html [<!ENTITY e0 'x'>{ENTITIES}]>".encode() + around("&e9;" * 1000),
    "numeric entities": lambda: around("&#0;&#xD800;&#x110000;&#99999999999;&#x80;" * 10_000),
    "a million entities": lambda: around("&amp;" * 1_000_000),
    "unclosed comments": lambda: around("<!--" * 200_000),
    "an unclosed script": lambda: around("<script>" + "var a = '<p>';" * 100_000),
    "surrogates and broken UTF-8": lambda: around("") + b"\xed\xa0\x80\xff\xfe\xc3(" * 50_000,
    "UTF-16 in disguise": lambda: around("").decode().encode("utf-16-le"),
    "20,000 dates": lambda: around("<p>Kamis (5/11/2015) dan Jumat, 6 November 2015 pukul 10.00 WIB</p>" * 10_000),
    "20,000 bylines": lambda: around("<p>Penulis: Rina Dewi | Editor: Budi Raharja</p>" * 20_000),
    "20,000 authors": lambda: around("<span itemprop=author class=author>Rina Dewi</span>" * 20_000),
    "10,000 captions": lambda: around(
        "<figure><img src=a.jpg><figcaption>Kapal di dermaga</figcaption></figure>" * 10_000
    ),
    "10,000 pictures above": lambda: (
        b"<h1>Kapal Beras</h1>" + b"<div><img src=a.jpg><i>x</i></div>" * 10_000 + around("")
    ),
    "brackets in a caption": lambda: (
        around("").replace(b"<div", b"<div><img src=a.jpg><i>" + b"(" * 50_000 + b"</i></div><div")
    ),
    "20,000 meta elements": lambda: around("", "".join(f"<meta name=n{n} content=x>" for n in range(20_000))),
    "20,000 links to itself": lambda: around("", "<link rel=canonical href=/berita/1>" * 20_000),
    "20,000 scripts": lambda: around("<script>dataLayer = [{'penulis': 'Rina Dewi'}]</script>" * 20_000),
    "a title of a megabyte": lambda: b"<title>" + b"Kapal - " * 125_000 + b"</title>" + around(""),
    "a script of JSON": lambda: around("", f"<script type='application/json'>{'[' * 100_000}</script>"),
    "a Next.js story of 4 MB": lambda: (
        b"<h1>x</h1>" + f"<script type='application/json'>{json.dumps(f'<p>{STORY}' * 35_000)}</script>".encode()
    ),
    **{f"JSON-LD {number}": partial(around, "", ld(text)) for number, text in enumerate(MALFORMED_LD)},
    **{f"JSON-LD {number} alone": partial(str.encode, ld(text)) for number, text in enumerate(MALFORMED_LD)},
}  # fmt: skip


_URLS = ("https://www.koran.example.id/berita/1", "http://www.newsstand.test/berita/1/x")
_READERS = [(url, for_url(url)) for url in _URLS]  # the first has no source


@pytest.mark.large
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_gives_an_article_or_a_named_rejection_within_a_second(name: str) -> None:
    """Deep nesting, NULs, lines of 50 MB, entity bombs, malformed JSON-LD, and thousands of each thing that is read."""
    page = HOSTILE[name]()
    reset_peak()
    for url, source in _READERS:
        outcome(page, url, source)
    assert peak() < _MEMORY


def pages() -> list[tuple[bytes, str]]:
    """The project's own fixtures, and the real pages if ../shared exists, each with its address."""
    files = sorted([*OWN.glob("generic/*.html"), *OWN.glob("sources/*/*.html")])
    found = [(file, file.with_suffix(".json")) for file in files]
    if SHARED.is_dir():
        found += [
            (SHARED / "pages" / f"{label.stem}.html", label) for label in sorted((SHARED / "labels").glob("*.json"))
        ]
    return [(page.read_bytes(), json.loads(label.read_text(encoding="utf-8"))["url"]) for page, label in found]


def _cut(page: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(page))
    del page[at : at + chance.choice((1, 100, 10_000, len(page)))]


def _flip(page: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 20, 500))):
        page[chance.randrange(len(page))] = chance.randrange(256)


def _shuffle(page: bytearray, chance: random.Random) -> None:
    pieces = bytes(page).split(b"<")
    chance.shuffle(pieces)
    page[:] = b"<".join(pieces)


def _repeat(page: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(page))
    piece = page[at : at + chance.choice((5, 200, 5_000))]
    page[at:at] = piece * chance.choice((2, 50))


def _lose_tags(page: bytearray, chance: random.Random) -> None:
    page[:] = bytes(page).replace(chance.choice((b"</", b">", b'"', b"<div", b"<p", b"{")), b"")


MUTATIONS = (_cut, _flip, _shuffle, _repeat, _lose_tags)


def mutate_all(rounds: int) -> None:
    chance = random.Random(SEED)
    sys.stdout.write(f"seed {SEED}, {rounds} mutations\n")
    known = [(content, url, for_url(url)) for content, url in pages()]
    reset_peak()
    outcomes: dict[str, int] = {}
    for _ in range(rounds):
        content, url, source = chance.choice(known)
        page = bytearray(content)
        for mutation in chance.choices(MUTATIONS, k=chance.randint(1, 3)):
            if page:
                mutation(page, chance)
        found = outcome(bytes(page), url, chance.choice((None, source)))
        outcomes[found] = outcomes.get(found, 0) + 1
    sys.stdout.write(f"{outcomes}\n")
    assert outcomes["article"] > rounds // 20, "too few mutated pages still give an article"
    assert peak() < _MEMORY


@pytest.mark.large
@pytest.mark.parametrize(
    "bad", ["http://[x/berita/1", "http://a]b/berita/1", "http://exam\u2100ple.com/berita/1", "//[x/1"]
)
@pytest.mark.parametrize("named", [True, False])
def test_an_address_that_is_none_costs_a_page_that_value_alone(bad: str, named: bool) -> None:
    """Wherever a page has an address, in a page with an address of its own or without one."""
    own = "http://www.newsstand.test/berita/1/kapal"
    story = {
        "@type": "NewsArticle",
        "url": bad,
        "mainEntityOfPage": {"@id": bad},
        "image": bad,
        "isPartOf": {"url": bad},
    }
    head = (
        f'<!-- saved from url=(0009){bad} --><link rel=canonical href="{bad}"><meta property="og:url" content="{bad}">'
        f'<link rel=amphtml href="{bad}"><link rel=next href="{bad}"><base href="{bad}">'
        f'<meta property="og:image" content="{bad}"><link rel=alternate href="{bad}">{ld(json.dumps(story))}'
    )
    link = f'<p>Berita ini telah diperbarui: <a href="{bad}">{STORY}</a></p><a href="{bad}?page=2">2</a>'
    page = around(f'{link}<figure><img src="{bad}" data-src="{bad}"><figcaption>Kapal.</figcaption></figure>', head)
    raw = extract(page, url=own if named else "", source=None)
    assert STORY in " ".join(raw.body)
    if named:
        assert outcome(page, own, None) == "article"


def test_pages_mutated_by_the_thousand_give_articles_or_named_rejections() -> None:
    """Pages cut, with flipped bytes, shuffled, with repeated parts or lost tags; the seed is printed."""
    mutate_all(1_000)


@pytest.mark.soak
def test_pages_mutated_by_the_ten_thousand_give_articles_or_named_rejections() -> None:
    mutate_all(10_000)
