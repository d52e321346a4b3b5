"""IDN Times; its hyperlocal hosts have another template and are excluded. It prints English months."""

from sources.definition import FrontPage, Layout, Sitemap, Source

SOURCE = Source(
    name="idntimes",
    title="IDN Times",
    domains=("www.idntimes.com",),
    finds=(
        Sitemap("https://www.idntimes.com/sitemap.xml"),
        *(FrontPage(url=f"https://www.idntimes.com/{section}") for section in ("news", "tech", "sport")),
    ),
    # new addresses end in the author's and the article's code, old ones only in the article's
    article=r"https?://www\.idntimes\.com/[a-z0-9-]+/[a-z0-9-]+/(?:[a-z0-9-]+/)?[a-z0-9-]+-[a-z0-9]+/?(?:[?#]|$)",
    exclude=r"idntimes\.com/(?:author|tag|tag-manager|search|ajax|v1|video|quiz|live)(?:/|$|\?)|/amp(?:/|$|\?)",
    layouts=(
        Layout(
            title=("h1",),
            published=("main time", "time"),
            body=("#article-description .article-text",),
            image=("meta[property='og:image']@content",),
        ),
    ),
    outlets=("IDN Times",),
    terms="robots.txt (2026-07-24) bars /?…, /*?utm…, /search?, /tag-manager, /v1 and /ajax/; all rights reserved.",
)
