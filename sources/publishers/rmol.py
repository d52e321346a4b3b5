"""RMOL.id, the political news agency Rakyat Merdeka Online. The address contains the day."""

from sources.definition import Feed, Layout, Source

SOURCE = Source(
    name="rmol",
    title="RMOL.id",
    domains=("rmol.id",),
    finds=(
        Feed("https://rmol.id/rss/latest-posts"),
        Feed("https://rmol.id/rss/kategori/politik"),
        Feed("https://rmol.id/rss/kategori/nusantara"),
    ),
    article=r"https?://(?:www\.)?rmol\.id/(?:[a-z0-9-]+/)?read/\d{4}/\d\d/\d\d/\d+(?:/[a-z0-9-]*)?/?(?:[?#]|$)",
    exclude=r"rmol\.id/(?:foto|video|tag|amp|rmoltv|infografis)(?:/|$)",
    layouts=(
        Layout(
            title=(".single_post_heading h1", "h1"),
            published=(".author li",),
            authors=(".author a[href*='/about/']", "meta[name=author]@content"),
            body=("#fontResizableText",),
            drop=(
                "[class*=related], [class*=popular], [class*=sidebar], [class*=share], [class*=banner]",
                ".adsbygoogle, .author-box, .post-tags",
            ),
            image=("meta[property='og:image']@content",),
            tags=(".post-tags a",),
        ),
    ),
    outlets=("RMOL", "RMOL.id"),
    terms="No copy of its robots.txt is at hand, read it before enabling; all rights reserved.",
)
