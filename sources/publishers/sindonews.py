"""SINDOnews, of the MNC group: one host per section, "Jum'at" with an apostrophe, stories without <p>."""

from sources.definition import DailyIndex, Feed, Layout, NewsSitemap, Source

SOURCE = Source(
    name="sindonews",
    title="SINDOnews",
    domains=("sindonews.com",),
    finds=(
        Feed("https://nasional.sindonews.com/rss"),
        Feed("https://www.sindonews.com/feed"),
        NewsSitemap("https://www.sindonews.com/sitemap-news.xml"),
        DailyIndex(  # of all sections ("0"), twenty stories a page
            url="https://www.sindonews.com/indeks/0/{page}?t={year}-{month}-{day}",
            links=("a[href*='/read/']",),
            first_page=0,
            page_step=20,
        ),
    ),
    article=r"https?://(?!(?:hi-lite|scope|media|e|pict|index|photo|video)\.)[a-z0-9-]+\.sindonews\.com"
    r"/(?:read|newsread)/\d+/\d+/[a-z0-9-]+/?(?:[?#]|$)",
    exclude=r"sindonews\.com/(?:photo|foto|video|infografis|topic|tag|blog|search|indeks)(?:/|$|\?)",
    layouts=(
        Layout(
            title=("h1.detail-title",),
            published=(".detail-date-artikel",),
            authors=(".detail-nama-redaksi a[rel=author]", ".warp-nama-redaksi"),
            body=(".detail-desc", "#detail-desc"),
            drop=("[class^=v-]", ".editor", "[id^=ads_]", ".adsbygoogle"),
            image=("meta[property='og:image']@content",),
            caption=("figcaption",),
            section=(".breadcrumb a:nth-of-type(2)",),
            tags=("meta[name=keywords]@content",),
            next_page=("a[href*='showpage=all']@href", ".pagination a[href]@href"),
            all_pages="showpage=all",  # page 1 has the metadata, this page the whole body
        ),
    ),
    outlets=("SINDOnews", "SINDOnews.com", "Sindonews"),
    terms="No copy of its robots.txt is at hand, read it before enabling; all rights reserved.",
)
