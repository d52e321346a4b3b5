"""Suara.com, of Arkadia Digital Media, and its regional hosts; Yoursay, which readers write, is excluded."""

from sources.definition import Feed, FrontPage, Layout, Source

SOURCE = Source(
    name="suara",
    title="Suara.com",
    domains=("suara.com",),
    finds=(
        Feed("https://www.suara.com/rss/news"),
        Feed("https://www.suara.com/rss/bisnis"),
        FrontPage(url="https://www.suara.com/indeks"),  # lists print only the time: the day is in the address
    ),
    article=r"https?://(?:(?:www\.)?suara\.com/[a-z0-9-]+|(?!www\.|yoursay\.)[a-z]+\.suara\.com/read)"
    r"/\d{4}/\d\d/\d\d/\d{6}/[a-z0-9-]*/?(?:[?#]|$)",
    exclude=r"suara\.com/(?:tag|indeks|search|author|reporter|foto|video|amp|loadmoredetail)(?:/|$|\?)",
    layouts=(
        Layout(
            title=(".article-image h1", "h1"),
            authors=(".author-trigger a",),
            body=(".article-content", ".detail-content"),
            drop=(
                ".ten-second, .article-read, #next-article, .wrap-pagination, .article-tags",
                "[id*=div-ad], .placeholder_belt, .placeholder_read_body, .google-pref",
            ),
            image=(".article-image img@src", "meta[property='og:image']@content"),
            caption=(".article-image figcaption",),
            tags=(".article-tags a",),
            next_page=(".wrap-pagination a[href]@href", ".pagination-custom a[href]@href"),
            all_pages="page=all",
        ),
    ),
    outlets=("Suara.com",),
    terms="robots.txt (2026-07-24) bars /loadmoredetail; the rest of it is not at hand. All rights reserved.",
)
