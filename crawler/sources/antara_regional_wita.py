"""ANTARA's bureaus in the zone of Makassar; which zone their pages print is not established."""

from crawler.sources.antara import TODAY
from crawler.sources.definition import Feed, FrontPage, Source

BUREAUS = ("bali", "kalsel", "kupang", "makassar", "manado")

SOURCE = Source(
    name="antara_regional_wita",
    title="ANTARA's bureaus (WITA)",
    domains=tuple(f"{bureau}.antaranews.com" for bureau in BUREAUS),
    zone="Asia/Makassar",
    finds=(
        *(Feed(f"https://{bureau}.antaranews.com/rss/terkini.xml") for bureau in BUREAUS),
        FrontPage(url="https://bali.antaranews.com/terkini", links=("a[href*='/berita/']",)),
    ),
    article=rf"https?://(?:{'|'.join(BUREAUS)})\.antaranews\.com/berita/\d{{3,8}}(?:/[a-z0-9-]+)?/?(?:[?#]|$)",
    layouts=(TODAY,),
    outlets=("ANTARA", "ANTARA News", "Antara"),
    agency="ANTARA",
    terms="No copy of the bureaus' robots.txt is at hand, read it before enabling; as at ANTARA, each article forbids "
    "crawling and automatic indexing for AI without written permission, so ask for it first.",
    group="antaranews.com",
)
