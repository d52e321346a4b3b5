"""ANTARA's bureaus in Jakarta's zone: one host per province, the portal's template, their own ids."""

from sources.definition import Feed, FrontPage, Source
from sources.publishers.antara import TODAY


def bureaus(name: str, title: str, *, zone: str, hosts: tuple[str, ...], lists: tuple[str, ...] = ()) -> Source:
    """The bureaus of one zone as a source. The host "jogja" is jogja.antaranews.com; `lists` have /terkini."""
    return Source(
        name=name,
        title=title,
        domains=tuple(f"{host}.antaranews.com" for host in hosts),
        zone=zone,
        finds=(
            *(Feed(f"https://{host}.antaranews.com/rss/terkini.xml") for host in hosts),
            *(
                FrontPage(url=f"https://{host}.antaranews.com/terkini", links=("a[href*='/berita/']",))
                for host in lists
            ),
        ),
        article=rf"https?://(?:{'|'.join(hosts)})\.antaranews\.com/berita/\d{{3,8}}(?:/[a-z0-9-]+)?/?(?:[?#]|$)",
        layouts=(TODAY,),
        outlets=("ANTARA", "ANTARA News", "Antara"),
        agency="ANTARA",
        terms="No copy of the bureaus' robots.txt is at hand, read it before enabling; as at ANTARA, each article "
        "forbids crawling and automatic indexing for AI without written permission, so ask for it first.",
        group="antaranews.com",
    )


SOURCE = bureaus(
    "antara_regional",
    "ANTARA's bureaus (WIB)",
    zone="Asia/Jakarta",
    hosts=("jabar", "jateng", "jatim", "jogja", "sumbar", "sumsel"),
    lists=("jabar", "jateng", "jatim", "jogja"),
)
