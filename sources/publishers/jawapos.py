"""JawaPos.com of Surabaya. Its stories are only in the page's script data, without JSON-LD and without a zone."""

from sources.definition import Feed, FrontPage, Layout, Sitemap, Source

SOURCE = Source(
    name="jawapos",
    title="JawaPos.com",
    domains=("jawapos.com",),  # subdomains "radar…" have another template
    finds=(
        FrontPage(url="https://www.jawapos.com/indeks"),
        FrontPage(url="https://www.jawapos.com/"),
        Feed("https://www.jawapos.com/rss"),
        Sitemap("https://www.jawapos.com/sitemap.xml"),
    ),
    article=r"https?://(?:www\.)?jawapos\.com/[a-z0-9-]+/\d{9,10}/[a-z0-9-]+/?(?:[?#]|$)",
    exclude=r"jawapos\.com/(?:indeks|search|tag|author|login|subscription|foto|video|infografis)(?:/|$|\?)",
    state="props.pageProps.article",
    layouts=(
        Layout(
            title=("[data-state=title]", "h1"),
            published=("[data-state=published_at]",),
            authors=("[data-state='authors.name']",),
            body=("[data-state=content]",),
            drop=("p.page", "p:has(strong.readmore)", "[id^=div-gpt-ad]"),
            image=("[data-state=content] figure img@src", "meta[property='og:image']@content"),
            caption=("[data-state=content] figure figcaption",),
            section=("[data-state='category.name']",),
            tags=("[data-state='tags.name']",),
        ),
    ),
    outlets=("JawaPos.com", "Jawa Pos"),
    terms="robots.txt (2026-07-24) bars /fonts/, /search and /api/; all rights reserved.",
)
