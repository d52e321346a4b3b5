"""Tribunnews.com and the regional sites of the Tribun network, which share its template."""

from datetime import date

from sources.definition import DailyIndex, Layout, NewsSitemap, Source

SOURCE = Source(
    name="tribunnews",
    title="Tribunnews.com",
    domains=("tribunnews.com",),
    finds=(
        NewsSitemap("https://www.tribunnews.com/sitemap-news.xml"),
        NewsSitemap("https://www.tribunnews.com/nasional/sitemap-news.xml"),
        DailyIndex(
            url="https://www.tribunnews.com/index-news?date={year}-{month}-{day}&page={page}", links=("ul.lsi h3 a",)
        ),
    ),
    article=r"https?://[a-z0-9-]+\.tribunnews\.com/(?:[a-z0-9-]+/)?(?:\d{4}/\d\d/\d\d|\d{5,9})/[a-z0-9-]*[a-z]",
    exclude=r"/(?:index-news|tag|topic|search|komentar|member|auth|api|ajax|json|posts|penulis|editor|epaper|images"
    r"|webstories|video|foto|rss|amp|live)(?:/|$|\?)",
    layouts=(
        Layout(
            title=("h1#arttitle", "h1"),
            published=("#article time", "time"),
            authors=("#penulis",),
            editors=("#editor",),
            sources=("#sumber",),
            body=(".side-article.txt-article",),
            drop=("p.baca", "blockquote.summary-article", ".ads-placeholder", "[id^=div-Inside]"),
            picture=("#artimg", ".imgfull_div"),
            image=("img.imgfull@src", "img@src"),
            caption=(".arial.f12", "figcaption"),
            credit=(".f11.white",),
            section=("#va ul[itemtype*=Breadcrumb] li:last-child",),
            tags=("h5.tagcloud3 a",),
            next_page=(".paging #pagecurrent + a@href",),
            all_pages="page=all",
        ),
    ),
    outlets=("TRIBUNNEWS.COM", "Tribunnews.com", "Tribunnews"),
    terms="robots.txt bars /api/, /ajax/, /komentar/, /search, /tag/ and /topic/; bare or bot-like agents get a 403, a "
    "browser's form with an own product token appended passes; all rights reserved.",
    delay=5.0,
    least_listed=20,
    proved=date(2020, 5, 4),
)
