"""Katadata.co.id; its charts (Databoks) are excluded. Dates in JSON-LD have a blank instead of the T."""

from sources.definition import DailyIndex, FrontPage, Layout, Source

SOURCE = Source(
    name="katadata",
    title="Katadata.co.id",
    domains=("katadata.co.id",),
    finds=(
        FrontPage(url="https://katadata.co.id/indeks", links=("article.article--berita a[href]",)),
        DailyIndex(  # the first 24 stories of a day; sitemap-index.xml has all since 2021-01, too many for a night
            url="https://katadata.co.id/indeks/search/-/{day}-{month}-{year}/{day}-{month}-{year}",
            links=("article.article--berita a[href]",),
        ),
    ),
    article=r"https?://(?:www\.)?katadata\.co\.id/[a-z0-9-]+/[a-z0-9-]+/[0-9a-f]{12,14}/[a-z0-9-]+/?(?:[?#]|$)",
    exclude=r"katadata\.co\.id/(?:[a-z0-9-]+/)?(?:infografik|video|foto|indeks|tag|search|author|kategori|pencarian)/",
    layouts=(
        Layout(
            title=(".detail-title.mb-4", ".detail-title", "h1"),
            published=(".detail-date.text-gray", ".detail-date"),
            authors=(".detail-author-name",),
            body=(".detail-main", ".detail-body"),
            drop=("[class^=widget-baca-juga]", ".ai-summary"),
            image=("meta[property='og:image']@content",),
            section=(".section-breadcrumb a:last-of-type", ".section-breadcrumb"),
        ),
    ),
    outlets=("Katadata", "Katadata.co.id"),
    terms="robots.txt (2026-10-03) allows all; all rights reserved.",
)
