"""Feeds, sitemaps and pages of links: their entries in order, and a refusal with a reason for anything else."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import sources
from archive.records import Listing
from archive.twins import story_address
from crawler.discover import (
    BadListingError,
    ChildSitemap,
    choose,
    index_address,
    read_feed,
    read_links,
    read_sitemap,
)
from crawler.discover.choose import non_story_kind
from crawler.discover.links import is_paged
from crawler.fetching.coding import coding_of
from sources import DailyIndex, Feed, Layout, Source
from tests.conftest import WIB

AT = "http://www.x.test/rss.xml"
JAKARTA = ZoneInfo("Asia/Jakarta")


def read(listings: Iterable[Listing | ChildSitemap]) -> tuple[list[str], bool]:
    """The listed addresses, and whether the listing raised BadListingError after them."""
    found: list[str] = []
    try:
        found.extend(each.url for each in listings)
    except BadListingError:
        return found, True
    return found, False


def feed(content: bytes) -> Iterator[Listing]:
    return read_feed(content, AT, zone=JAKARTA)


def sitemap(content: bytes) -> Iterator[Listing | ChildSitemap]:
    return read_sitemap(content, AT, zone=JAKARTA)


@pytest.mark.parametrize(
    ("content", "links"),
    [
        (b"\n <?xml version='1.0'?><rss><channel><item><link> /a </link></item></channel></rss>", ["http://www.x.test/a"]),
        (b"<rss><channel><item><link>http://[rusak/</link></item><item><link>/b</link></item></channel></rss>",
         ["http://[rusak/", "http://www.x.test/b"]),
        (b"<rss><channel><item><guid>http://x.test/c</guid></item><item><guid>7</guid></item></channel></rss>",
         ["http://x.test/c"]),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>"
         b"<entry><link rel='self' href='/no'/><link href='/d'/></entry></feed>",
         ["http://www.x.test/d"]),
        (b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><channel><link>/no</link></channel>"
         b"<item><link>/e</link></item></rdf:RDF>", ["http://www.x.test/e"]),
        (b"<rss><channel><item><title>A & B &nbsp; C</title><link>/f?a=1&amp;b=2</link></item></channel></rss>",
         ["http://www.x.test/f?a=1&b=2"]),
        (b"<rss><channel><item><title>A & B</title><link>/k?a=1&b=2&c;</link></item>"
         b"<item><link><![CDATA[/l?a=1&b=2]]></link></item></channel></rss>",
         ["http://www.x.test/k?a=1&b=2&c;", "http://www.x.test/l?a=1&b=2"]),
        (b"<feed><entry><link href='/m?a=1&amp;b=2'/></entry></feed>", ["http://www.x.test/m?a=1&b=2"]),
        (b"<rss><channel><item><link>/g\x00</link></item>\x0c</channel></rss>", ["http://www.x.test/g"]),
        ("<?xml version='1.0' encoding='utf-16'?><rss><channel><item><link>/h</link></item></channel></rss>"
         .encode("utf-16"), ["http://www.x.test/h"]),
        (gzip.compress(b"<rss><channel><item><link>/i</link></item></channel></rss>", mtime=0), ["http://www.x.test/i"]),
        (b"<rss><channel><link>/no</link><item><image><link>/no</link></image><link><![CDATA[ /j ]]></link></item>"
         b"</channel></rss>\n<!-- 0.2 s --><script>x</script>", ["http://www.x.test/j"]),
        (b"<rss><channel/></rss>", []),
    ],
)  # fmt: skip
def test_a_feed_yields_its_links_and_malformed_ones_unchanged(content: bytes, links: list[str]) -> None:
    assert read(feed(content)) == (links, False)


def test_an_incomplete_feed_yields_its_entries_and_then_raises() -> None:
    """Otherwise the missing half would be lost silently."""
    assert read(feed(b"<rss><channel><item><link>http://x.test/e</link></item><item>")) == (["http://x.test/e"], True)


@pytest.mark.parametrize(
    ("declared", "content"),
    [
        ("iso-8859-1", "Jumat’s café".encode()),
        ("utf-8", "Jumat’s café".encode("cp1252")),
        ("utf-16", "Jumat’s café".encode()),
        ("no-such-charset", "Jumat’s café".encode()),
    ],
)
def test_a_wrong_charset_declaration_does_not_garble_a_feed(declared: str, content: bytes) -> None:
    whole = b"<?xml version='1.0' encoding='%s'?><rss><item><link>/a</link><title>%s</title></item></rss>"
    (listing,) = feed(whole % (declared.encode(), content))
    assert listing.title == "Jumat’s café"


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("<pubDate>Thu, 05 Nov 2015 14:56:43 +0700</pubDate>", "2015-11-05T14:56:43+07:00"),
        ("<pubDate>Thu, 05 Nov 15 12:58:01 +0700</pubDate>", "2015-11-05T12:58:01+07:00"),
        ("<pubDate>Thu, 05 Nov 2015 03:12:42 GMT</pubDate>", "2015-11-05T03:12:42+00:00"),
        ("<pubDate>Kam, 05 Nop 2015 14:56:43 +0700</pubDate>", "2015-11-05T14:56:43+07:00"),
        ("<pubDate>2015-11-05 14:56:43</pubDate>", "2015-11-05T14:56:43+07:00"),
        ("<published>2015-11-05T07:56:43Z</published>", "2015-11-05T07:56:43+00:00"),
        ("<dc:date xmlns:dc='d'>2015-11-05</dc:date>", "2015-11-05"),
        ("<pubDate>Fri, 05 Nov 2015 14:56:43 +0700</pubDate>", None),  # it was a Thursday
        ("<pubDate>kemarin</pubDate>", None),
        ("<pubDate></pubDate>", None),
    ],
)
def test_a_feed_s_stamp_is_a_time_a_day_or_none(stamp: str, moment: str | None) -> None:
    """Two-digit years, Indonesian names, times without a zone (the source's); a wrong weekday makes it invalid."""
    (listing,) = feed(f"<rss><channel><item><link>/a</link>{stamp}</item></channel></rss>".encode())
    assert (listing.published_at.isoformat() if listing.published_at else None) == moment


def test_an_aggregator_s_feed_has_the_publisher_s_own_address_too() -> None:
    """feedburner's and feedsportal's feeds of 2015: `link` is theirs, `guid` or `origLink` the publisher's."""
    content = (
        b"<rss><channel><item><link>http://pihak.ketiga.test/c/1</link><guid isPermaLink='false'>"
        b"http://www.koran.test/berita/1/a</guid></item></channel></rss>"
    )
    (listing,) = feed(content)
    assert (listing.url, listing.also_at) == ("http://pihak.ketiga.test/c/1", "http://www.koran.test/berita/1/a")
    assert [each.url for each in choose([listing], KORAN).stories] == ["http://www.koran.test/berita/1/a"]


@pytest.mark.parametrize("content", [b"", b"<html><body>hi</body></html>", b"\x00\x01\x02", b"<urlset/>", b"{}"])
def test_what_is_not_a_feed_is_refused(content: bytes) -> None:
    with pytest.raises(BadListingError):
        list(feed(content))


@pytest.mark.parametrize(
    ("lastmod", "moment"),
    [
        ("2015-12-18T10:05:00+07:00", "2015-12-18T10:05:00+07:00"),
        ("2015-12-18T10:05:00", "2015-12-18T10:05:00+00:00"),
        ("2015-12-18", "2015-12-18T23:59:59.999999+00:00"),
        ("kemarin", None),
        ("", None),
    ],
)
def test_a_sitemap_s_lastmod_is_a_time_or_none(lastmod: str, moment: str | None) -> None:
    """A day without a time counts as its end: one visit too many is better than a change missed."""
    content = f"<urlset><url><loc>/a</loc><lastmod>{lastmod}</lastmod></url></urlset>".encode()
    (listing,) = sitemap(content)
    assert isinstance(listing, Listing)
    assert (listing.changed_at.isoformat() if listing.changed_at else None) == moment


def test_a_sitemap_index_yields_child_sitemaps() -> None:
    one = b"<sitemap><loc><![CDATA[ /1.xml ]]></loc><lastmod>2015-12-18T00:00:00Z</lastmod></sitemap>"
    (child,) = sitemap(b"<sitemapindex>%s</sitemapindex>" % one)
    assert isinstance(child, ChildSitemap)
    assert child.url == "http://www.x.test/1.xml"
    assert child.changed_at


@pytest.mark.parametrize("declaration", [" xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'", ""])
def test_a_news_sitemap_yields_publication_and_title_but_no_images(declaration: str) -> None:
    content = (
        f"<urlset{declaration}><url><loc>/a</loc><image:image><image:loc>/a.jpg</image:loc><image:title>Foto"
        "</image:title></image:image><news:news><news:publication><news:name>Koran</news:name></news:publication>"
        "<news:publication_date>2025-06-12T10:05:00+07:00</news:publication_date><news:title>Judul</news:title>"
        "</news:news></url></urlset>"
    )
    (listing,) = sitemap(content.encode())
    assert isinstance(listing, Listing)
    assert (listing.url, listing.title) == ("http://www.x.test/a", "Judul")
    assert listing.published_at == datetime(2025, 6, 12, 10, 5, tzinfo=WIB)


@pytest.mark.large
def test_a_sitemap_of_fifty_thousand_pages_is_read_plain_or_gzipped() -> None:
    """The maximum of sitemaps.org."""
    one = "<url><loc>http://www.x.test/berita/%d/judul</loc><lastmod>2015-12-18T10:05:00+07:00</lastmod></url>"
    whole = f"<urlset>{''.join(one % number for number in range(50_000))}</urlset>".encode()
    for content in (whole, gzip.compress(whole)):
        assert sum(1 for _ in sitemap(content)) == 50_000


KORAN = Source(
    name="koran",
    title="Koran",
    domains=("koran.test",),
    finds=(Feed("http://www.koran.test/rss"),),
    article=r"https?://[a-z.]*koran\.test/.*\d+",
    exclude=r"/iklan/",
    layouts=(Layout(body=("article",)),),
    terms="Ours.",
)


@pytest.mark.parametrize(
    ("url", "story"),
    [
        ("http://www.koran.test/berita/1/a/amp", "http://www.koran.test/berita/1/a"),
        ("http://www.koran.test/amp/berita/1/a", "http://www.koran.test/berita/1/a"),
        ("http://amp.koran.test/berita/1/a", "http://koran.test/berita/1/a"),
        ("http://www.koran.test/berita/1/a?amp", "http://www.koran.test/berita/1/a"),
        ("http://www.koran.test/berita/1/a?amp=1&hal=2", "http://www.koran.test/berita/1/a?hal=2"),
        ("http://www.koran.test/berita/1/a.amp.html", "http://www.koran.test/berita/1/a.html"),
        ("http://www.koran.test/print/berita/1/a", "http://www.koran.test/berita/1/a"),
        ("http://www.koran.test/berita/cetak/1/a", "http://www.koran.test/berita/1/a"),
        ("http://www.koran.test/berita/1/a?view=print", "http://www.koran.test/berita/1/a"),
        ("http://www.koran.test/berita/1/amplop-dicetak-printer", "http://www.koran.test/berita/1/amplop-dicetak-printer"),
        ("http://www.koran.test/berita/1/a?hal=2&", "http://www.koran.test/berita/1/a?hal=2&"),
    ],
)  # fmt: skip
def test_an_amp_or_print_address_becomes_that_of_its_story(url: str, story: str) -> None:
    assert story_address(url) == story
    assert [each.url for each in choose([Listing(url, AT), Listing(story, AT)], KORAN).stories] == [story]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://www.koran.test/video/1/a", "video"),
        ("http://video.koran.test/1/a", "video"),
        ("http://www.koran.test/foto/1/a", "gallery"),
        ("http://www.koran.test/tag/1", "tag"),
        ("http://www.koran.test/indeks/2015", "list"),
        ("http://www.koran.test/berita/1/video-viral-foto-tag-indeks", None),
        ("http://www.koran.test/berita/1/a?asal=/video/", None),
        ("http://fotografer.koran.test/berita/1/a", None),
    ],
)
def test_videos_galleries_tags_and_lists_are_excluded_by_whole_segments(url: str, kind: str | None) -> None:
    assert non_story_kind(url) == kind
    assert bool(choose([Listing(url, AT)], KORAN).stories) == (kind is None)


def test_private_hosts_are_reported_and_other_sites_are_ignored() -> None:
    urls = [
        "http://192.168.0.1/berita/1",
        "http://localhost/1",
        "http://[::1]/1",
        "http://www.lain.test/1",
        "http://[x/",
    ]
    chosen = choose([Listing(url, AT) for url in urls], KORAN)
    assert chosen.stories == ()
    assert chosen.private == {"192.168.0.1", "localhost", "::1"}


def test_a_page_of_links_yields_each_address_once_by_its_selectors() -> None:
    content = (
        b"<base href='/arsip/'><div class=judul><a href=' a/1#atas '>A</a><a href='a/1'>A</a></div>"
        b"<a href='/menu'>Menu</a><li data-url='http://x.test/b'></li>"
    )
    found = read_links(content, "http://www.x.test/indeks", links=(".judul a", "li@data-url"))
    assert [each.url for each in found] == ["http://www.x.test/arsip/a/1", "http://x.test/b"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n", "not-html"),
        (b"<title>Just a moment...</title><p>Checking your browser", "barrier"),
    ],
)
def test_what_is_not_a_page_of_links_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(BadListingError, match=says):
        read_links(content, "http://www.x.test/", links=("a[href]",))


def test_a_page_without_links_is_an_empty_day_unless_it_is_a_barrier() -> None:
    assert read_links(b"<title>Indeks</title><p>Tidak ada berita.</p>", "http://www.x.test/", links=("a[href]",)) == ()


def test_the_address_of_a_day_s_index_is_filled_in() -> None:
    """detik's index has MM/DD/YYYY with escaped slashes (%2F). Pages may count from 0."""
    paged = DailyIndex(url="https://x.test/indeks?date={month}%2F{day}%2F{year}&page={page}", first_page=0)
    whole = DailyIndex(url="https://x.test/{year}/{month}/{day}")
    assert index_address(paged, date(2019, 1, 2), 3) == "https://x.test/indeks?date=01%2F02%2F2019&page=2"
    assert index_address(whole, date(2019, 1, 2)) == "https://x.test/2019/01/02"
    assert (is_paged(paged), is_paged(whole)) == (True, False)


@pytest.mark.shared
def test_the_first_stories_of_real_listings_are_found(shared: Path) -> None:
    """Four feeds in their order with publication times, and five pages of 2015 and 2016."""
    first = json.loads((shared / "listings/first_urls.json").read_text())
    for name, urls in first.items():
        content = (shared / "listings" / name).read_bytes()
        if name.endswith(".xml"):
            listings = list(read_feed(content, AT, zone=JAKARTA))
            assert [each.url for each in listings[:3]] == urls, name
            assert not [each.url for each in listings if non_story_kind(each.also_at or each.url)], name
            day = datetime(2015, 11, 5, 12, tzinfo=WIB)
            for each in listings:
                assert isinstance(each.published_at, datetime)
                assert abs(each.published_at - day) < timedelta(days=1)
        else:
            found = [each.url for each in read_links(content, f"http://{name}/", links=("a[href]",))]
            places = [found.index(url) for url in urls]
            assert places == sorted(places), name
        assert [story_address(url) for url in urls if non_story_kind(url) is None] == urls, name


@pytest.mark.shared
def test_each_source_accepts_the_first_stories_of_its_real_listing(shared: Path) -> None:
    """For the sources that have one. detik's feed of 2015 is an aggregator's: its links or guids are stories.

    The pages are of 2015 and 2016 and the selectors current, so all links of a page are used.
    """
    first = json.loads((shared / "listings/first_urls.json").read_text())
    known = {name.partition(".")[0]: name for name in first}
    for name in sorted(set(known) & set(sources.names())):
        source, file = sources.load(name), known[name]
        content = (shared / "listings" / file).read_bytes()
        if file.endswith(".xml"):
            listings = list(read_feed(content, AT, zone=ZoneInfo(source.zone)))
        else:
            listings = list(read_links(content, f"http://{source.domains[0]}/", links=("a[href]",)))
        stories = [each.url for each in choose(listings, source).stories]
        if name == "detik":
            assert len(stories) == len(listings)
        elif file.endswith(".xml"):
            assert stories[:3] == first[file], name
        else:
            assert set(first[file]) <= set(stories), name


SEVENTY, EIGHTY = "http://www.x.test/berita/70/garam", "http://www.x.test/berita/80/ikan"


@pytest.mark.parametrize(
    "content",
    [
        f"{SEVENTY}\n{EIGHTY}\n".encode(),
        f"\ufeff{SEVENTY}\r\n{EIGHTY}\r\n".encode(),
        f"{SEVENTY}\r{EIGHTY}".encode(),
        f"\n\n  {SEVENTY}  \n\n# bagian dua\n{EIGHTY}".encode(),
        f"{SEVENTY}\n{EIGHTY}".encode("utf-16"),
        gzip.compress(f"{SEVENTY}\n{EIGHTY}\n".encode(), mtime=0),
        f'"{SEVENTY}"\n"{EIGHTY}"'.encode(),
        f"{SEVENTY}\t2024-06-03\n{EIGHTY} 2024-06-04T08:00:00+07:00".encode(),
        f"<rss><channel><item><link>{SEVENTY}</link></item><item><link>{EIGHTY}</link></item></channel></rss>".encode(),
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="{SEVENTY}"/></entry>'
        f'<entry><link href="{EIGHTY}"/></entry></feed>'.encode(),
        f"<urlset><url><loc>{SEVENTY}</loc></url><url><loc>{EIGHTY}</loc></url></urlset>".encode(),
        f'<urlset xmlns="http://www.google.com/schemas/sitemap/0.84"><url><loc>{SEVENTY}</loc></url>'
        f"<url><loc>{EIGHTY}</loc></url></urlset>".encode(),
        f'<sm:urlset xmlns:sm="urn:lain"><sm:url><sm:loc>{SEVENTY}</sm:loc></sm:url><sm:url><sm:loc>\n'
        f"{EIGHTY}\n</sm:loc></sm:url></sm:urlset>".encode(),
    ],
    ids=("lines", "mark and CRLF", "CR", "blank lines", "UTF-16", "gzip", "quoted", "with days", "RSS", "Atom",
         "no namespace", "another namespace", "a prefix"),
)  # fmt: skip
def test_a_sitemap_is_read_in_every_format_that_the_protocol_allows(content: bytes) -> None:
    assert read(sitemap(content)) == ([SEVENTY, EIGHTY], False)


def test_a_text_sitemap_has_days_of_change_and_may_name_sitemaps() -> None:
    found = list(
        sitemap(f"{SEVENTY} 2024-06-03\nhttp://www.x.test/sitemap-2.xml.gz\nhttp://www.x.test/berita.txt\n".encode())
    )
    assert isinstance(found[0], Listing)
    assert found[0].changed_at is not None
    assert found[0].changed_at.date() == date(2024, 6, 3)
    assert found[1:] == [
        ChildSitemap("http://www.x.test/sitemap-2.xml.gz"),
        Listing("http://www.x.test/berita.txt", AT),
    ]


def test_a_feed_in_the_place_of_a_sitemap_says_what_changed() -> None:
    (one,) = sitemap(
        f"<feed><entry><link href='{SEVENTY}'/><published>2024-06-03T14:05:00+07:00</published>"
        "<updated>2024-06-04T08:00:00+07:00</updated></entry></feed>".encode()
    )
    assert isinstance(one, Listing)
    assert (one.published_at, one.changed_at) == (
        datetime(2024, 6, 3, 14, 5, tzinfo=WIB),
        datetime(2024, 6, 4, 8, 0, tzinfo=WIB),
    )


@pytest.mark.parametrize(
    ("content", "found", "says"),
    [
        (f"{SEVENTY}\nbukan alamat\n/berita/80\n".encode(), [SEVENTY], "2 of its lines are no addresses"),
        (b"Tidak ditemukan\n", [], "neither XML nor a list of addresses"),
        (b"<html><body>Tidak ada</body></html>", [], "its root is <html>"),
        (b"x" * 3_000_000, [], "more than a million characters"),
    ],
)
def test_a_text_that_is_no_sitemap_is_refused_with_the_reason(content: bytes, found: list[str], says: str) -> None:
    urls: list[str] = []
    with pytest.raises(BadListingError, match=says):
        urls.extend(each.url for each in sitemap(content))
    assert urls == found


@pytest.mark.parametrize(
    ("body", "encoding", "plain"),
    [
        (b"<urlset/>", b"gzip", True),
        (b"http://x.test/a", b"gzip", True),
        (gzip.compress(b"<urlset/>", mtime=0), b"gzip", False),
        (gzip.compress(b"<urlset/>", mtime=0), b"x-gzip", False),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?><urlset/>", b"br", True),
        (b"<!doctype html>", b"zstd", True),
        (b"\x0b\x02\x80", b"br", False),
    ],
)
def test_a_body_without_the_coding_that_its_header_declares_is_plain(body: bytes, encoding: bytes, plain: bool) -> None:
    assert (coding_of(body, encoding) is None) is plain
