"""Liputan6.com, its channels and its photo galleries."""

from datetime import date

from sources.definition import DailyIndex, Feed, Layout, Sitemap, Source

SOURCE = Source(
    name="liputan6",
    title="Liputan6.com",
    domains=("liputan6.com",),
    finds=(
        Feed("https://feed.liputan6.com/rss/news"),
        Feed("https://feed.liputan6.com/rss/bisnis"),
        Sitemap("https://www.liputan6.com/sitemap.xml"),
        DailyIndex(
            url="https://www.liputan6.com/indeks/{year}/{month}/{day}?page={page}",
            links=("a[data-template-var=url]",),
            oldest=date(2019, 1, 2),
        ),
    ),
    article=r"https?://(?:[a-z0-9-]+\.)?liputan6\.com/(?:(?:[a-z0-9-]+/)?read/\d{5,8}(?:[/?#]|$)|[a-z0-9-]+/[a-z0-9-]+-\d{7}$)",
    exclude=r"//(?:tv|video|enamplus|me|feed)\.|/(?:foto|video|indeks|tag|search|author|livestreaming|gallery|amp)(?:/|$|\?)",
    layouts=(
        Layout(
            title=("h1",),
            published=(".read-page--header__author__datetime", "[class*=read-page--header] time"),
            body=(".article-content-body__item-page", ".article-content-body"),
            drop=(".baca-juga-collections", ".article-ad", ".article-content-body__item-break", ".baca-juga"),
            picture=(".read-page--photo-gallery--item", ".read-page--photo-gallery figure"),
            image=("img@data-src", "img@src"),
            caption=("figcaption",),
            section=(".read-page--breadcrumb--item:last-child",),
            tags=(".tags--snippet__link", ".read-page--tags__link"),
        ),
        Layout(  # 2015 to 2018; a gallery has pictures but no text
            title=("h1.read-page--header__title",),
            published=("time.read-page--header__datetime",),
            authors=("[class*=read-page--header] [itemprop=author]",),
            editors=("#credits_editor + li [class*=credits__name]",),
            body=(".read-page__content-body", ".read-page--photo-gallery"),
            drop=(".baca-juga",),
            picture=(".read-page--photo-gallery--item",),
            image=("img@data-original", "img@src"),
            caption=(".read-page--photo-gallery--item__caption",),
            section=(".read-page--breadcrumb--item:nth-child(2)",),
            tags=(".read-page--tags__link",),
            valid_until=date(2018, 12, 31),
        ),
    ),
    outlets=("Liputan6.com", "Liputan6"),
    terms="robots.txt bars /search, /me/, /ucnews/, /gallery/ and live streams; all rights reserved.",
    delay=5.0,
    least_listed=20,
    proved=date(2016, 2, 16),
)
