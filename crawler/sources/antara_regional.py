"""ANTARA's bureaus in the zone of Jakarta: one host a province, the portal's template, ids of their own."""

from crawler.sources.antara import TODAY
from crawler.sources.definition import Feed, FrontPage, Source

BUREAUS = ("jabar", "jateng", "jatim", "jogja", "sumbar", "sumsel")

SOURCE = Source(
    name="antara_regional",
    title="ANTARA's bureaus (WIB)",
    domains=tuple(f"{bureau}.antaranews.com" for bureau in BUREAUS),
    zone="Asia/Jakarta",
    finds=(
        *(Feed(f"https://{bureau}.antaranews.com/rss/terkini.xml") for bureau in BUREAUS),
        *(
            FrontPage(url=f"https://{bureau}.antaranews.com/terkini", links=("a[href*='/berita/']",))
            for bureau in ("jabar", "jateng", "jatim", "jogja")
        ),
    ),
    article=rf"https?://(?:{'|'.join(BUREAUS)})\.antaranews\.com/berita/\d{{3,8}}(?:/[a-z0-9-]+)?/?(?:[?#]|$)",
    layouts=(TODAY,),
    outlets=("ANTARA", "ANTARA News", "Antara"),
    agency="ANTARA",
    terms="No copy of the bureaus' robots.txt is at hand, read it before enabling; as at ANTARA, each article forbids "
    "crawling and automatic indexing for AI without written permission, so ask for it first.",
    group="antaranews.com",
)
