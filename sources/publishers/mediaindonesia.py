"""Media Indonesia, the newspaper's site."""

from datetime import date

from sources.definition import Feed, Layout, Sitemap, Source

SOURCE = Source(
    name="mediaindonesia",
    title="Media Indonesia",
    domains=("mediaindonesia.com",),
    finds=(
        Feed("https://mediaindonesia.com/feed"),
        Feed("https://mediaindonesia.com/feed/all"),
        Sitemap("https://mediaindonesia.com/sitemap.xml"),
    ),
    article=r"https?://(?:www\.|m\.)?mediaindonesia\.com/[a-z0-9-]+/\d{4,8}/[a-z0-9-]*[a-z]",
    exclude=r"mediaindonesia\.com/(?:video|galleries|e-?paper|tag|author|penulis|search|pencarian|foto|infografis|indeks)/",
    layouts=(
        Layout(
            title=(".post-header h1", "h1"),
            published=(".info .datetime", "span.datetime"),
            authors=(".info .author-2",),
            editors=(".info-author",),
            body=("div.article",),
            drop=(
                "p.related-news", ".flying-carpet", ".ext-channel", ".info-author", "._ap_apex_ad", ".dfp-ad",
                ".related-tags",
            ),
            picture=("figure.main-img", "div.article figure"),
            image=("img@data-src", "img@src"),
            caption=("figcaption",),
            section=(".mi-breadcrumb li:last-child",),
            tags=(".related-tags a",),
        ),
    ),
    outlets=("Media Indonesia", "MI"),
    terms="its robots.txt was not read; all rights reserved.",
    delay=5.0,
    least_listed=10,
    proved=date(2026, 1, 8),
)  # fmt: skip
