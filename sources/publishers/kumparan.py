"""kumparan: newsroom accounts (kumparannews, kumparanbisnis …) beside stories that its users write."""

from sources.definition import Feed, Layout, Sitemap, Source

SOURCE = Source(
    name="kumparan",
    title="kumparan",
    domains=("kumparan.com",),
    finds=(
        Feed("https://lapi.kumparan.com/v2.0/rss/"),
        Sitemap("https://kumparan.com/sitemap.xml"),
    ),
    article=r"https?://(?:m\.)?kumparan\.com/[a-z0-9-]+/[a-z0-9-]+-\d{1,2}[A-Za-z0-9]{8,10}(?:/full)?/?(?:[?#]|$)",
    exclude=r"kumparan\.com/(?:channel|topic|trending|search|user|tag|video|amp)(?:/|$|\?)",
    layouts=(
        Layout(
            title=("h1[data-qa-id=story-title]", "h1"),
            published=("time[data-qa-id=publish-date]",),
            authors=("[data-qa-id=author-name]",),
            body=("p[data-qa-id=story-paragraph]",),
            image=("figure[data-qa-id=image-figure] img@src", "meta[property='og:image']@content"),
            caption=("figure[data-qa-id=image-figure] figcaption",),
            tags=("a[data-qa-id=tag-topic] span[data-qa-id=label-tag-topic]",),
        ),
    ),
    outlets=("kumparan", "kumparanNEWS"),
    terms="robots.txt (2026-07-24) bars nothing for general crawlers; all rights reserved, and its users' stories "
    "are theirs.",
)
