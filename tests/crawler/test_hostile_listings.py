"""Hostile listings: each is read as far as possible or refused with a reason, fast and in little memory."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from archive import runs
from archive.identity import MAX_KEY_LENGTH, BadAddressError, canonical_key
from archive.records import Listing
from archive.tables import addresses
from crawler.discover import (
    BadListingError,
    ChildSitemap,
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
READERS: Mapping[str, Callable[[bytes], Iterable[Listing | ChildSitemap]]] = {
    "feed": lambda content: read_feed(content, AT, zone=JAKARTA),
    "sitemap": lambda content: read_sitemap(content, AT, zone=JAKARTA),
    "links": lambda content: read_links(content, AT, links=("a[href]",)),
}
ITEM = b"<item><link>http://www.newsstand.test/berita/1/satu</link></item>"
SECONDS = 5.0
"""CPU time for 50 MB. A reader that is not linear takes minutes."""
MEGABYTES = 150
"""In addition to the listing's own bytes. A tree of 50 MB of small elements would take more than a gigabyte."""


def entity_bomb(of: bytes) -> bytes:
    """10¹³ letters in half a kilobyte."""
    names = b"abcdefghijklm"
    lines = [b'<!ENTITY a "aaaaaaaaaa">']
    lines += [b'<!ENTITY %c "%s">' % (name, b"&%c;" % names[place] * 10) for place, name in enumerate(names[1:])]
    return b"<!DOCTYPE l [%s]>%s" % (b"".join(lines), of)


def gz_bomb(size: int) -> bytes:
    """A feed of `size` bytes, packed to a thousandth of that; it is never in memory unpacked."""
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
"""Listings that the feed reader may read. It must refuse all others."""


@pytest.mark.parametrize("bad", ["http://[x/1", "http://a]b/1", "http://exam\u2100ple.com/1"])
def test_an_address_that_is_none_costs_a_list_of_addresses_nothing_else(bad: str) -> None:
    """A crawl refuses that address with a reason, as it does in any other listing."""
    lines = f"http://www.newsstand.test/1\n{bad}\nhttp://www.newsstand.test/2\n".encode()
    found = [each.url for each in READERS["sitemap"](lines)]
    assert found == ["http://www.newsstand.test/1", bad, "http://www.newsstand.test/2"]
    with pytest.raises(BadAddressError):
        canonical_key(bad)


def read(reader: str, content: bytes) -> tuple[int, str | None]:
    """Number of entries, and the reason if the reader refuses. Any other exception fails the test."""
    found = 0
    try:
        for each in READERS[reader](content):
            found += 1
            if len(each.url) > MAX_KEY_LENGTH:  # a missing quotation mark makes a very long one
                check_address(each.url)
    except BadListingError as refused:
        assert len(str(refused)) < 400
        return found, str(refused)
    return found, None


def check_address(url: str) -> None:
    """Readers do not check addresses; a crawl accepts a short one and refuses others with a reason."""
    try:
        assert len(canonical_key(url)) <= MAX_KEY_LENGTH
    except BadAddressError as refused:
        assert 0 < len(str(refused)) < 400


def measure(name: str) -> tuple[dict[str, Any], float, float]:
    """Read one hostile listing with every reader: the results, the processor's seconds, and megabytes of memory."""
    content = HOSTILE[name]()
    reset_peak()
    before = peak()
    began = time.process_time()
    results = {reader: read(reader, content) for reader in READERS}
    return results, time.process_time() - began, peak() - before


@pytest.fixture(scope="module")
def one_process_each() -> Iterator[ProcessPoolExecutor]:
    """Runs each call in a process of its own, forked from one that has imported this module."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:
        yield pool


@pytest.mark.processes
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_listing_is_refused_or_read_fast_and_in_little_memory(
    one_process_each: ProcessPoolExecutor, name: str
) -> None:
    """By all three readers, in its own process: no crash, no minute, no gigabyte."""
    results, seconds, megabytes = one_process_each.submit(measure, name).result(timeout=250)
    assert seconds < SECONDS or seconds < SECONDS * slowness()
    assert megabytes < MEGABYTES
    if name not in HARMLESS:
        assert results["feed"][1], results


def mutants(whole: bytes, draw: random.Random, count: int) -> Iterable[bytes]:
    """Random damage: the listing cut off, with changed bytes, with a gap, or shuffled."""
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


@pytest.mark.processes
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


@pytest.mark.large
@pytest.mark.shared
@pytest.mark.parametrize("seed", [DRAWN])
def test_damaged_real_listings_are_read_or_refused(shared: Path, seed: int) -> None:
    draw = random.Random(seed)
    for file in sorted((shared / "listings").glob("*ml")):
        for content in mutants(file.read_bytes(), draw, 20):
            for reader in READERS:
                read(reader, content)


@pytest.mark.processes
def test_a_crawl_reports_each_hostile_listing_and_reads_the_good_one(tmp_path: Path) -> None:
    """A bomb, a foreign sitemap, private hosts: each is a sentence in the verdict. A sitemap in itself is read once."""
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
    assert report.traffic["feeds"] == 8  # the sitemap that names itself counts once
    for words in (
        "/bomb cannot be read: it declares entities",
        "/gz cannot be read: it is larger than 50 MB when unpacked",
        "/encoded gave no answer: it cannot be unpacked as gzip",
        "/deep cannot be read: it is nested more than 64 deep",
        "private hosts (192.168.0.1, localhost)",
        "names http://10.0.0.1/sitemap.xml, which is on none of the source's domains",
    ):
        assert words in report.reason, (words, report.reason)
