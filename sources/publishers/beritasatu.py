"""BeritaSatu.com, of B-Universe Media Holdings. Where the page prints its date is unknown: JSON-LD has it."""

from sources.definition import FrontPage, Layout, NewsSitemap, Source

SOURCE = Source(
    name="beritasatu",
    title="BeritaSatu.com",
    domains=("beritasatu.com",),
    finds=(
        NewsSitemap("https://www.beritasatu.com/sitemap/nasional/news.xml"),
        *(FrontPage(url=f"https://www.beritasatu.com/terkini/indeks/{page}") for page in range(1, 8)),  # no page 8
    ),
    article=r"https?://(?:www\.)?beritasatu\.com/[a-z0-9-]+/\d{4,9}/[a-z0-9-]+/?(?:[?#]|$)",
    exclude=r"beritasatu\.com/(?:tag|search|widgets?|network|penulis|editor|indeks|foto|photo|video|multimedia|amp)/|/amp(?:/|$|\?)",
    layouts=(
        Layout(
            title=("h1",),
            authors=("a[href*='/penulis/']",),
            body=("div.body-content",),
            drop=('div:has(> p:lexbor-contains("BACA JUGA"))', "[id^=div-gpt-ad]"),
            image=("meta[property='og:image']@content",),
            tags=("a[href*='/tag/'] > h3.badge",),
        ),
    ),
    outlets=("Beritasatu.com", "BeritaSatu.com", "Beritasatu"),
    terms="robots.txt (2026-07-24) bars /widget/, /widgets/, /tag/, /search/ and /network/, and agents by name. "
    "A bare product token is answered 403; all rights reserved.",
)
