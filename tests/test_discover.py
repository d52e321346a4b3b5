"""Feeds and sitemaps: what they list, in their order, and a named refusal for what is neither."""

from __future__ import annotations

import pytest

from crawler.discover import BadListing, read_feed, read_sitemap

AT = "http://www.x.test/rss.xml"
BOMB = b"""<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<rss><channel><item><link>http://x.test/&d;</link></item></channel></rss>"""


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
        (b"<rss><channel><item><link>http://x.test/e</link></item><item>", ["http://x.test/e"]),
        (b"<rss><channel/></rss>", []),
    ],
)  # fmt: skip
def test_a_feed_gives_its_links_broken_ones_as_they_stand(content: bytes, links: list[str]) -> None:
    assert [listing.url for listing in read_feed(content, AT)] == links


def test_entities_are_never_expanded() -> None:
    assert all(len(listing.url) < 100 for listing in read_feed(BOMB, AT))


@pytest.mark.parametrize("content", [b"", b"<html><body>hi</body></html>", b"\x00\x01\x02", b"<urlset/>", b"{}"])
def test_what_is_no_feed_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(BadListing):
        read_feed(content, AT)


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
def test_a_sitemap_s_lastmod_is_a_moment_or_nothing(lastmod: str, moment: str | None) -> None:
    """A bare day counts as its end: rather one visit too many."""
    content = f"<urlset><url><loc>/a</loc><lastmod>{lastmod}</lastmod></url></urlset>".encode()
    (listing,) = read_sitemap(content, AT).pages
    assert (listing.changed_at.isoformat() if listing.changed_at else None) == moment


def test_a_sitemap_index_gives_further_sitemaps_and_no_pages() -> None:
    found = read_sitemap(b"<sitemapindex><sitemap><loc>/1.xml</loc></sitemap></sitemapindex>", AT)
    assert ([each.url for each in found.further], found.pages) == (["http://www.x.test/1.xml"], ())
