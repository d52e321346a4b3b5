"""ANTARA's bureau in the zone of Jayapura; which zone its pages print is not established."""

from crawler.sources.antara import TODAY
from crawler.sources.definition import Feed, Source

SOURCE = Source(
    name="antara_regional_wit",
    title="ANTARA's bureau (WIT)",
    domains=("papuatengah.antaranews.com",),
    zone="Asia/Jayapura",
    finds=(Feed("https://papuatengah.antaranews.com/rss/terkini.xml"),),
    article=r"https?://papuatengah\.antaranews\.com/berita/\d{3,8}(?:/[a-z0-9-]+)?/?(?:[?#]|$)",
    layouts=(TODAY,),
    outlets=("ANTARA", "ANTARA News", "Antara"),
    agency="ANTARA",
    terms="No copy of the bureau's robots.txt is at hand, read it before enabling; as at ANTARA, each article forbids "
    "crawling and automatic indexing for AI without written permission, so ask for it first.",
    group="antaranews.com",
)
