"""Merdeka.com, of KapanLagi Youniverse. Where the page prints its date is unknown: metadata has it."""

from sources.definition import Feed, FrontPage, Layout, Sitemap, Source

SOURCE = Source(
    name="merdeka",
    title="Merdeka.com",
    domains=("merdeka.com",),
    finds=(
        Feed("https://www.merdeka.com/rss/"),
        Sitemap(
            "https://www.merdeka.com/sitemap.xml"
        ),  # an index of the sections' news sitemaps, without older stories
        *(FrontPage(url=f"https://www.merdeka.com/{section}") for section in ("peristiwa", "politik", "uang", "dunia")),
    ),
    article=r"https?://(?:www\.|m\.)?merdeka\.com/[a-z0-9-]+/(?:read/\d+/[a-z0-9-]+/?|[a-z0-9-]+\.html)$",
    exclude=r"merdeka\.com/(?:foto|video|slideshow|tag|search|author|infografis|ucnews|comment)/",
    layouts=(
        Layout(
            title=("h1",),
            authors=("[data-tracking=author_name]", "meta[name=author]@content"),
            body=(".articles-content__body",),
            drop=(".advertisement-placeholder", ".bg-primary-50", ".page-break"),
            image=("meta[property='og:image']@content",),
            section=("nav.breadcrumb-navigation li:last-child a span",),  # only JSON-LD also lists the title
            tags=(".tags-articles__list a", "meta[name=keywords]@content"),
        ),
    ),
    outlets=("Merdeka.com", "merdeka.com"),
    terms='robots.txt (2026-07-24) bars every address with a question mark, all with "index" or "comment" in them, '
    "/ucnews/ and /search/; all rights reserved.",
)
