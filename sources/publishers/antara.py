"""ANTARA News, the state news agency: the portal and its sub-sites (regional bureaus are sources of their own)."""

from datetime import date

from sources.definition import Feed, Layout, Source

TODAY = Layout(  # from published descriptions, not yet tested with a real page
    title=(".wrap__article-detail-title h1", "h1"),
    published=(".wrap__article-detail-info .list-inline-item", "span.text-secondary.font-weight-normal"),
    authors=("p.text-muted.mt-2.small", ".wrap__article-detail p.text-muted"),
    body=(".wrap__article-detail-content.post-content", ".wrap__article-detail-content"),
    drop=(".baca-juga", ".text-muted"),
    caption=(".wrap__article-detail-image figcaption", "figcaption"),
    image=(".wrap__article-detail-image img@src",),
    section=(".breadcrumbs__item:nth-child(2)",),
    tags=(".blog-tags a", ".list-inline a[href*='/tag/']"),
)

SOURCE = Source(
    name="antara",
    title="ANTARA News",
    domains=("antaranews.com",),
    zone="Asia/Jakarta",
    finds=(
        Feed("https://www.antaranews.com/rss/terkini.xml"),
        Feed("https://www.antaranews.com/rss/top-news.xml"),
    ),
    article=r"https?://(?:(?:www|m|otomotif)\.)?antaranews\.com/berita/\d{5,8}(?:/[a-z0-9-]*)?/?(?:[?#]|$)",
    exclude=r"/(?:foto|video|infografi[ks]|slug|tag|search|rss)/|/(?:terkini|indeks|ketentuan-penggunaan)(?:[/?]|$)",
    layouts=(
        TODAY,
        Layout(  # 2015 and 2016, the otomotif sub-site included
            title=("h1.title",),
            published=(".bjbrt .date time", ".bjbrt > .date"),
            authors=(".bjbrt .byline",),
            editors=("#content_news p.mt10",),
            body=("#content_news",),
            caption=("#caption_news",),
            image=("#image_news img@src",),
            section=("#topnav > li.active > a",),
            tags=("[itemprop=keywords]",),
        ),
    ),
    outlets=("ANTARA", "ANTARA News", "Antara", "Antaranews"),
    agency="ANTARA",
    terms="robots.txt bars /ajax/ and /ucnews/ alone; each article forbids crawling and automatic indexing for AI "
    "without ANTARA's written permission, so ask for it first.",
    delay=5.0,
    least_listed=1,
    proved=date(2016, 2, 23),
)
