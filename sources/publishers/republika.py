"""Republika Online, its channels, and its sub-sites of 2017 (ihram.co.id is one)."""

from datetime import date

from sources.definition import DailyIndex, Feed, Layout, Sitemap, Source

SOURCE = Source(
    name="republika",
    title="Republika",
    domains=("republika.co.id", "ihram.co.id"),
    finds=(
        Feed("https://www.republika.co.id/rss"),
        Sitemap("https://republika.co.id/files/xml/sitemap.xml"),
        DailyIndex(url="https://republika.co.id/index/0/{year}/{month}/{day}", links=("ul.wrap-latest a",)),
    ),
    article=r"https?://(?:[a-z0-9-]+\.)?(?:republika|ihram)\.co\.id/berita/{1,2}(?:[a-z0-9-]+/){0,3}"
    r"(?:\d\d/\d\d/\d\d/)?[a-z0-9]{6,14}(?:[-/?#]|$)",
    exclude=r"//(?:tv|static|files)\.|/(?:foto|video|infografis|komik|karikatur|kanal|tag|page|search|indeks)/",
    layouts=(
        Layout(
            title=(".max-card__title h1",),
            published=(".max-card__title .date", ".date"),
            authors=(".max-card__title .by", ".by"),
            sources=(".article-content .source",),
            body=(".article-content article",),
            drop=(".picked-article", ".footnote-wrap", "[id^=div-gpt-ad]", "[id^=bn_]", ".detail__media-caption"),
            caption=(".detail__media-caption", "figcaption"),
            image=(".max-card img@src", ".detail__media img@src"),
            section=(".breadcrumb a:last-child",),
        ),
        Layout(  # 2015 to 2017
            title=(".jdl-detail h2", ".jdl-detail h1"),
            published=(".date-detail",),
            authors=(".wp-reset .red", ".red"),
            sources=(".content-detail ~ div",),
            body=(".content-detail",),
            drop=(".ads", ".baca-juga"),
            image=(".img-detail img@src",),
            caption=(".wp-cap .caption",),
            credit=(".img-detail .cap-foto",),
            section=(".breadcome a:last-child",),
            tags=(".tagging a",),
            valid_until=date(2017, 12, 31),
        ),
        Layout(  # sub-sites of 2016 and 2017
            title=(".wrap-title .h5", ".wrap-title h1"),
            published=(".wrap-title .date-detail",),
            authors=(".set-sosmed .red td", ".red"),
            sources=(".set-sosmed .red td",),
            body=(".detail-left .teaser",),
            image=(".img-detail img@src",),
            caption=(".img-detail .caption",),
            credit=(".img-detail .def",),
            section=(".breadcome a:last-child",),
            tags=(".tagging a",),
            valid_until=date(2017, 12, 31),
        ),
    ),
    outlets=("REPUBLIKA.CO.ID", "IHRAM.CO.ID", "Republika"),
    terms="robots.txt bars search, comments and tracking parameters, and shuts out about thirty agents, Scrapy and "
    "news-please by name among them: go under your own product token.",
    delay=5.0,
    least_listed=10,
    proved=date(2017, 2, 17),
)
