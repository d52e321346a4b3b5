"""JPNN.com, Jaringan Pemberitaan Nusantara Negeriku. Its RSS was dead in 2026-07; its index was not tested since."""

from sources.definition import DailyIndex, FrontPage, Layout, Sitemap, Source

SOURCE = Source(
    name="jpnn",
    title="JPNN.com",
    domains=("jpnn.com",),
    finds=(
        Sitemap("https://www.jpnn.com/sitemap.xml"),
        FrontPage(url="https://www.jpnn.com/", links=("a[href*='/news/']",)),
        DailyIndex(
            url="https://www.jpnn.com/indeks?id=&d={day}&m={month}&y={year}&tab=all&page={page}",
            links=("a[href*='/news/']",),
        ),
    ),
    article=r"https?://(?:www\.|m\.)?jpnn\.com/news/[a-z0-9-]+/?(?:[?#]|$)",
    exclude=r"jpnn\.com/(?:foto|video|tag|indeks|search|amp)(?:/|$|\?)",
    layouts=(
        Layout(
            title=("h1.judul", "h1"),
            published=("span.date-publish", "meta[name=jpnncom_news_pubdate]@content"),
            authors=("meta[name=jpnncom_news_author]@content",),
            body=("div[itemprop=articleBody]",),
            drop=(".baca-juga", ".caption"),
            image=("meta[property='og:image']@content",),
            caption=("div.caption",),
            section=(".breadcrumb a:nth-last-of-type(2)",),  # the last one is the title
            tags=(".tags a:not(:first-child)", "meta[name=news_keywords]@content"),  # the first one says "TAGS"
            next_page=("a[href*='?page=2']@href",),
        ),
    ),
    outlets=("JPNN", "JPNN.com", "jpnn.com"),
    terms="No copy of its robots.txt is at hand, read it before enabling; "
    "copyright PT Jaringan Pemberitaan Nusantara Negeriku.",
)
