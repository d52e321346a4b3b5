"""DW Indonesia, the Indonesian section of Deutsche Welle. None of its feeds and sitemaps has been tested."""

from sources.definition import Feed, FrontPage, Layout, NewsSitemap, Source

SOURCE = Source(
    name="dw_indonesia",
    title="DW Indonesia",
    domains=("www.dw.com", "rss.dw.com"),
    zone="Europe/Berlin",
    finds=(
        Feed("https://rss.dw.com/rdf/rss-id-indonesia"),
        NewsSitemap("https://www.dw.com/id/news-sitemap.xml"),
        FrontPage(url="https://www.dw.com/id", links=("a[href*='/a-']",)),
    ),
    article=r"https?://www\.dw\.com/id/[^/?#]+/a-\d{6,9}/?(?:[?#]|$)",
    exclude=r"/(?:av|g|video|live|s|t|p|l)-\d+",
    layouts=(
        Layout(
            title=("h1",),
            body=("div.rich-text",),
            image=("meta[property='og:image']@content",),
            tags=("header > div.kicker > span",),
        ),
    ),
    outlets=("DW", "Deutsche Welle", "DW Indonesia"),
    terms="No copy of its robots.txt is at hand, read it before enabling; © Deutsche Welle.",
    group="dw.com",
)
