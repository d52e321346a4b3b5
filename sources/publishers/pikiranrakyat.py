"""Pikiran Rakyat of Bandung and the hosts of its network. None of its feeds, sitemaps and indexes has been tested."""

from sources.definition import Feed, FrontPage, Layout, Sitemap, Source

SOURCE = Source(
    name="pikiranrakyat",
    title="Pikiran Rakyat",
    domains=("pikiran-rakyat.com",),
    finds=(
        Feed("https://www.pikiran-rakyat.com/feed"),
        Sitemap("https://www.pikiran-rakyat.com/sitemap.xml"),
        FrontPage(url="https://www.pikiran-rakyat.com/", links=("a[href*='/pr-']",)),
        FrontPage(url="https://www.pikiran-rakyat.com/indeks-berita", links=("a[href*='/pr-']",)),
    ),
    article=r"https?://[a-z0-9-]+\.pikiran-rakyat\.com/[a-z0-9-]+/pr-\d+/[a-z0-9-]*/?(?:[?#]|$)",
    exclude=r"pikiran-rakyat\.com/(?:foto|video|tag|search|amp|webstories)(?:/|$|\?)",
    layouts=(
        Layout(
            title=("h1",),
            published=("span.mt-10", "span[class*=date]"),
            body=("div.read__article", "article.read__content", "div[itemprop=articleBody]"),
            image=("meta[property='og:image']@content",),
            next_page=("a[href*='page=all']@href", "a[href$='?page=2']@href"),
            all_pages="page=all",
        ),
    ),
    outlets=("PIKIRAN RAKYAT", "Pikiran Rakyat", "Pikiran-Rakyat.com"),
    terms="No copy of its robots.txt is at hand, read it before enabling; Cloudflare limits the rate (error 1015). "
    "All rights reserved.",
    delay=10.0,
)
