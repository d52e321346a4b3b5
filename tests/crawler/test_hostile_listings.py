"""Listings made to hurt their reader: each is read as far as it goes or refused by name, soon and in little memory."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from archive import runs
from archive.identity import LONGEST, BadAddressError, canonical_key
from archive.records import Listing
from archive.tables import addresses
from crawler.discover import (
    BadListingError,
    Further,
    read_feed,
    read_links,
    read_sitemap,
)
from newsstand import Newsstand
from tests.conftest import DRAWN
from tests.support.children import opened, settings
from tests.support.machine import slowness
from tests.support.memory import peak, reset_peak
from tests.support.nasty_site import HOST, Answer, feed, nasty_site, page

JAKARTA = ZoneInfo("Asia/Jakarta")
AT = "http://www.newsstand.test/rss"
READERS: Mapping[str, Callable[[bytes], Iterable[Listing | Further]]] = {
    "feed": lambda content: read_feed(content, AT, zone=JAKARTA),
    "sitemap": lambda content: read_sitemap(content, AT, zone=JAKARTA),
    "links": lambda content: read_links(content, AT, links=("a[href]",)),
}
ITEM = b"<item><link>http://www.newsstand.test/berita/1/satu</link></item>"
SECONDS = 5.0
"""Of the processor, for 50 MB; a reader that is not linear takes minutes."""
MEGABYTES = 150
"""Beside the listing's own bytes. A tree of 50 MB of small elements would take a gigabyte and more."""


def entity_bomb(of: bytes) -> bytes:
    """Ten to the thirteenth letters in half a kilobyte."""
    names = b"abcdefghijklm"
    lines = [b'<!ENTITY a "aaaaaaaaaa">']
    lines += [b'<!ENTITY %c "%s">' % (name, b"&%c;" % names[place] * 10) for place, name in enumerate(names[1:])]
    return b"<!DOCTYPE l [%s]>%s" % (b"".join(lines), of)


def gz_bomb(size: int) -> bytes:
    """An endless feed of `size` bytes in a thousandth of them, made without holding it."""
    packer = zlib.compressobj(9, wbits=31)
    million = b"<item><title>%s</title></item>" % (b" " * 999_971)
    parts = [packer.compress(b"<rss>")]
    parts += [packer.compress(million) for _ in range(size // 1_000_000)]
    return b"".join([*parts, packer.flush()])


HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "entity bomb in a text": lambda: entity_bomb(b"<rss><item><link>http://x.test/&m;</link></item></rss>"),
    "entity bomb in an attribute": lambda: entity_bomb(b"<rss><item><link href='&m;'/></item></rss>"),
    "entity bomb behind a comment": lambda: b"<!-- <rss -->" + entity_bomb(b"<rss><item><link>&m;</link></item></rss>"),
    "entity that is a file": lambda: b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>',
    "outer DTD": lambda: b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/x.dtd"><rss>' + ITEM + b"</rss>",
    "gz bomb": lambda: gz_bomb(100_000_000),
    "gz bomb in a gz": lambda: gzip.compress(gz_bomb(100_000_000)),
    "gz cut off": lambda: gzip.compress(b"<rss>" + ITEM * 1000 + b"</rss>")[:-20],
    "gz damaged": lambda: b"\x1f\x8b\x08" + b"\xff" * 1000,
    "100,000 deep": lambda: b"<rss>" + b"<a>" * 100_000 + ITEM + b"</a>" * 100_000 + b"</rss>",
    "100,000 deep in HTML": lambda: b"<html>" + b"<div>" * 100_000 + b"<a href='/berita/1/x'>x</a>",
    "NULs": lambda: b"\x00" * 1_000_000 + b"<rss>" + ITEM.replace(b"1", b"\x001\x00") + b"</rss>",
    "a line of 50 MB": lambda: b"<rss><item><link>" + b"x" * 50_000_000 + b"</link></item></rss>",
    "an attribute of 50 MB": lambda: b"<rss><item x='" + b"x" * 50_000_000 + b"'/></rss>",
    "a tag of 50 MB": lambda: b"<rss><" + b"x" * 50_000_000,
    "a comment of 50 MB": lambda: b"<rss><!--" + b"x" * 50_000_000 + b"-->" + ITEM + b"</rss>",
    "50 MB before the first mark": lambda: b" " * 50_000_000 + b"<rss/>",
    "50 MB of ampersands": lambda: b"<rss><item><link>" + b"&" * 50_000_000 + b"</link></item></rss>",
    "15 MB of small elements": lambda: b"<rss><item>" + b"<a/>" * 3_750_000 + b"</item></rss>",
    "15 MB of tags that do not match": lambda: b"<rss><item>" + b"<a></b>" * 2_140_000 + b"</item></rss>",
    "300,000 attributes": lambda: b"<rss " + b" ".join(b'a%d="1"' % n for n in range(300_000)) + b"/>",
    "CDATA that never ends": lambda: b"<rss><item><title><![CDATA[" + b"x" * 5_000_000,
    "larger than 50 MB": lambda: b"<rss>" + (b"<item><title>" + b"x" * 900_000 + b"</title></item>") * 60 + b"</rss>",
    "random bytes": lambda: random.Random(1).randbytes(1_000_000),
}


HARMLESS = {
    "entity bomb behind a comment",
    "outer DTD",
    "NULs",
    "an attribute of 50 MB",
    "300,000 attributes",
}
"""What a feed's reader may read on behind; all others it refuses by name."""


def read(reader: str, content: bytes) -> tuple[int, str | None]:
    """How much a reader finds, and what it says where it refuses; anything else that it raises fails the test."""
    found = 0
    try:
        for each in READERS[reader](content):
            found += 1
            if len(each.url) > LONGEST:  # a lost quotation mark makes one of half a page
                taken_up(each.url)
    except BadListingError as refused:
        assert len(str(refused)) < 400
        return found, str(refused)
    return found, None


def taken_up(url: str) -> None:
    """A reader hands an address on as it stands; a crawl takes up one that is short, and refuses others by name."""
    try:
        assert len(canonical_key(url)) <= LONGEST
    except BadAddressError as refused:
        assert 0 < len(str(refused)) < 400


def measure(name: str) -> None:
    """Read one hostile listing with every reader in this process, and print what became of it."""
    content = HOSTILE[name]()
    reset_peak()
    before = peak()
    began = time.process_time()
    ended = {reader: read(reader, content) for reader in READERS}
    seconds = time.process_time() - began
    print(json.dumps({"ended": ended, "seconds": seconds, "megabytes": peak() - before}))  # noqa: T201  the test reads it


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_listing_is_refused_or_read_soon_and_in_little_memory(name: str) -> None:
    """In a process of its own, by all three readers: no crash, no minute, no gigabyte."""
    code = f"import tests.crawler.test_hostile_listings as t; t.measure({name!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=250
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["seconds"] < SECONDS or told["seconds"] < SECONDS * slowness()
    assert told["megabytes"] < MEGABYTES
    if name not in HARMLESS:
        assert told["ended"]["feed"][1], told


def mutants(whole: bytes, draw: random.Random, count: int) -> Iterable[bytes]:
    """The listing cut, flipped and shuffled."""
    for _ in range(count):
        content = bytearray(whole)
        match draw.randrange(4):
            case 0:
                del content[draw.randrange(len(content)) :]
            case 1:
                for _ in range(draw.randrange(1, 30)):
                    content[draw.randrange(len(content))] = draw.randrange(256)
            case 2:
                start, stop = sorted(draw.randrange(len(content)) for _ in range(2))
                del content[start:stop]
            case 3:
                pieces = [content[at : at + 50] for at in range(0, len(content), 50)]
                draw.shuffle(pieces)
                content = bytearray(b"".join(pieces))
        yield bytes(content)


@pytest.mark.parametrize("seed", [DRAWN])
def test_hundreds_of_damaged_listings_are_read_or_refused(seed: int) -> None:
    draw = random.Random(seed)
    with Newsstand() as site:
        paths = ("/rss/terkini.xml", "/sitemap-news.xml", "/sitemap.xml", "/")
        bodies = [site.answer("www.newsstand.test", path).body for path in paths]
    for body in bodies:
        for content in mutants(body, draw, 400):
            for reader in READERS:
                read(reader, content)


@pytest.mark.shared
@pytest.mark.parametrize("seed", [DRAWN])
def test_damaged_real_listings_are_read_or_refused(shared: Path, seed: int) -> None:
    draw = random.Random(seed)
    for file in sorted((shared / "listings").glob("*ml")):
        for content in mutants(file.read_bytes(), draw, 20):
            for reader in READERS:
                read(reader, content)


def test_a_crawl_names_each_hostile_listing_and_reads_the_good_one(tmp_path: Path) -> None:
    """A bomb, a foreign sitemap, private hosts, a sitemap that names itself: each a sentence in the verdict."""
    home = tmp_path / "home"
    private = "<sitemapindex><sitemap><loc>http://10.0.0.1/sitemap.xml</loc></sitemap></sitemapindex>"
    endless = f"<sitemapindex><sitemap><loc>{HOST}/endless.xml</loc></sitemap></sitemapindex>"
    xml = {"Content-Type": "application/xml"}
    packed = xml | {"Content-Encoding": "gzip"}
    pages: dict[str, Answer] = {
        "/bomb": (200, xml, HOSTILE["entity bomb in a text"]()),
        "/gz": (200, {"Content-Type": "application/gzip"}, gz_bomb(100_000_000)),
        "/encoded": (200, packed, gz_bomb(100_000_000)),
        "/deep": (200, xml, HOSTILE["100,000 deep"]()),
        "/hosts": feed(["http://192.168.0.1/berita/1/x", "http://localhost/berita/1/x"]),
        "/good": feed([f"{HOST}/berita/1/satu", f"{HOST}/berita/1/satu?amp=1", f"{HOST}/print/berita/1/satu"]),
        "/private.xml": (200, xml, private.encode()),
        "/endless.xml": (200, xml, endless.encode()),
        "/berita/1/satu": page("Satu"),
    }
    with nasty_site(pages) as base:
        environment = settings(
            home,
            {"newsstand.test": base},
            KLIPING_SOURCES__NEWSSTAND__FEEDS=json.dumps([HOST + path for path in list(pages)[:6]]),
            KLIPING_SOURCES__NEWSSTAND__SITEMAPS=json.dumps([f"{HOST}/private.xml", f"{HOST}/endless.xml"]),
            KLIPING_SOURCES__NEWSSTAND__LEAST_LISTED="0",
        )
        command = [sys.executable, "-m", "crawler", "newsstand"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=250)
    with opened(home) as archive:
        report = runs.latest(archive, "newsstand")
        assert report, done.stderr
        with archive.reading() as connection:
            remembered = connection.execute(select(addresses.c.url)).scalars().all()
    assert report.outcomes == {"stored": 1}, report
    assert remembered == [f"{HOST}/berita/1/satu"]
    assert report.verdict == "attention"
    assert report.reason
    assert report.traffic["feeds"] == 8  # the sitemap that names itself once
    for words in (
        "/bomb cannot be read: it declares entities",
        "/gz cannot be read: it is larger than 50 MB when unpacked",
        "/encoded gave no answer: Ignored response",
        "/deep cannot be read: it is nested more than 64 deep",
        "private hosts (192.168.0.1, localhost)",
        "names http://10.0.0.1/sitemap.xml, which is not the source's own",
    ):
        assert words in report.reason, (words, report.reason)
