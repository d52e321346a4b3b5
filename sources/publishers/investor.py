"""Investor Daily, of B-Universe Media Holdings. None of its feeds, sitemaps and indexes has been tested."""

from sources.definition import Feed, FrontPage, Layout, Sitemap, Source

SOURCE = Source(
    name="investor",
    title="Investor Daily",
    domains=("investor.id",),
    finds=(
        Feed("https://investor.id/rss"),
        Sitemap("https://investor.id/sitemap.xml"),
        *(FrontPage(url=f"https://investor.id/{section}/indeks/1") for section in ("market", "national")),
        FrontPage(url="https://investor.id/"),
    ),
    article=r"https?://(?:www\.)?investor\.id/[a-z0-9-]+/\d{4,8}/[a-z0-9-]+(?:/all)?/?(?:[?#]|$)",
    exclude=r"investor\.id/(?:tag|search|indeks|foto|video|infografis|penulis)(?:/|$|\?)",
    layouts=(
        Layout(  # the time comes from JSON-LD: "span.text-muted" has it too, but matches other text
            title=("h1",),
            authors=(".col.small.pt-1",),
            body=(".body-content",),
            drop=("[class^=id-group]", "[class^=baca-juga]", "[class^=related]", ".modal.fade"),
            image=("meta[property='og:image']@content",),
            section=(".breadcrumb a:last-of-type", ".breadcrumb li:last-child a"),
            next_page=("a[href$='/all']@href",),
        ),
    ),
    outlets=("investor.id", "Investor Daily"),
    terms="No copy of its robots.txt is at hand, and lists answered scripts with 403 (2026-07-18): ask for access "
    "first. All rights reserved.",
    delay=10.0,
)
