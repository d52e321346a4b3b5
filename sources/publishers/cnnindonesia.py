"""CNN Indonesia, of Trans Media. The 14 digits in an address are not the time of publication."""

from sources.definition import DailyIndex, Feed, Layout, Sitemap, Source

SOURCE = Source(
    name="cnnindonesia",
    title="CNN Indonesia",
    domains=("cnnindonesia.com",),
    finds=(
        Feed("https://www.cnnindonesia.com/nasional/rss"),
        *(
            Feed(f"https://www.cnnindonesia.com/{section}/rss")
            for section in ("ekonomi", "internasional", "olahraga", "teknologi", "hiburan", "gaya-hidup")
        ),
        Sitemap("https://www.cnnindonesia.com/sitemap.xml"),  # recent stories only
        DailyIndex(
            url="https://www.cnnindonesia.com/indeks/2?date={year}/{month}/{day}&page={page}",  # "2" is the index's id
            links=("article a[href]",),
        ),
    ),
    article=r"https?://(?:www\.)?cnnindonesia\.com/[a-z-]+/\d{14}-\d+-\d+(?:/[a-z0-9-]+)?/?(?:[?#]|$)",
    exclude=r"cnnindonesia\.com/(?:tv|video|foto|infografis|live[a-z-]*|indeks|tag|search)/",
    layouts=(
        Layout(
            title=("h1",),
            published=("div.text-cnn_grey.text-sm.mb-4",),
            body=("div.detail-text",),
            drop=(
                ".linksisip, .paradetail, .newstag, .end-of-article, .embed.videocnn",
                "[id^=div-gpt-ad], .detail_ads, a.border",
            ),
            image=(".detail-image img@src",),
            caption=(".detail-image figcaption", ".detail-image span"),
            section=("a.gtm_breadcrumb_kanal",),
            tags=("aside:has(.title-box) a[href*='/tag/']",),
        ),
    ),
    outlets=("CNN Indonesia", "CNNIndonesia.com"),
    terms="robots.txt (2026-10-03) allows all but a few Google paths; all rights reserved.",
)
