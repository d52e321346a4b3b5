"""Tirto.id. Its articles have no JSON-LD; it prints English months."""

from sources.definition import Feed, FrontPage, Layout, Source

SOURCE = Source(
    name="tirto",
    title="Tirto.id",
    domains=("tirto.id",),
    finds=(
        FrontPage(url="https://tirto.id/indeks"),
        Feed("https://tirto.id/sitemap/r/google-discover"),
    ),
    article=r"https?://(?:www\.)?tirto\.id/[a-z0-9]+(?:-[a-z0-9]+){2,}-[A-Za-z0-9]{4}/?(?:[?#]|$)",
    exclude=r"tirto\.id/(?:author|tag|news|q|indeks|weekly|kueri|inception|jangkar|infografik|pikir-dua-kali)(?:/|$|\?)",
    layouts=(
        Layout(
            title=("h1.article-title", "h1"),
            published=(".byline div",),
            authors=(".byline a.reporter-name",),
            body=(".content-text-editor",),
            drop=(".baca-holder", "[id^=gpt-]", "ins[data-revive-id]"),
            image=("meta[property='og:image']@content",),
            caption=("figcaption",),
            section=(".breadcrumbs-wrapper a:last-of-type",),
            tags=("meta[name=news_keywords]@content",),
        ),
    ),
    outlets=("tirto.id", "Tirto.id", "Tirto"),
    terms='robots.txt (2026-07-24) bars every address with "?next" in it; all rights reserved.',
)
