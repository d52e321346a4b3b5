"""Bisnis.com, of Bisnis Indonesia: one host per section and region. Its article pages are behind a bot challenge."""

from sources.definition import DailyIndex, Layout, Source

SOURCE = Source(
    name="bisnis",
    title="Bisnis.com",
    domains=("bisnis.com",),
    finds=(
        DailyIndex(  # about forty stories a day, far from all
            url="https://www.bisnis.com/index?categoryId=0&type=indeks&date={year}-{month}-{day}",
            links=("a.artLink[href*='/read/']",),
        ),
    ),
    article=r"https?://(?!(?:epaper|foto|video|infografis|premium|search)\.)[a-z0-9-]+\.bisnis\.com"
    r"/read/\d{8}/\d+/\d+/[a-z0-9-]+/?(?:[?#]|$)",
    exclude=r"bisnis\.com/(?:interaktif|spektrum|topic|tag|infografik)/",
    layouts=(
        Layout(
            title=("h1.detailsTitleCaption", "h1"),
            published=(".detailsAttributeDates", ".authorTime"),
            authors=(".authorName", ".detailsAttributeAuthor a"),
            body=("article.detailsContent",),
            drop=("[class^=baca-juga-box]",),
            image=(".detailsCoverImg img@src", "meta[property='og:image']@content"),
            caption=(".detailsCoverImg figcaption", ".detailsCoverImg p"),
            section=(".breadcrumb .breadcrumbItem:last-child .breadcrumbLink",),
        ),
    ),
    outlets=("Bisnis.com", "Bisnis Indonesia", "Bisnis"),
    terms="robots.txt (2026-10-03) bars /rss/, /feed/, /interaktif/, /spektrum/ and many AI agents. Articles and "
    "sitemaps answered 403 with a challenge then, so ask for access first; all rights reserved, partly premium.",
)
