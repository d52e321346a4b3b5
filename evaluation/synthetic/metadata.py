"""The metadata of a page as its family gives them, by the year in which each kind came into use."""

from __future__ import annotations

import json
from datetime import timedelta
from html import escape
from typing import Any

from evaluation.synthetic.page import Page


def add_metadata(page: Page) -> None:
    """Fills the page's metas, links and JSON-LD by its family and year."""
    story = page.story
    if page.has("description"):
        page.meta("description", story.paragraphs[0][:150].rsplit(" ", 1)[0])
    if page.has("og"):
        page.meta("og:title", story.title)
        page.meta("og:url", page.url)
        page.meta("og:type", "article")
        page.meta("og:site_name", story.outlet.site)
        if page.picture:
            page.meta("og:image", page.picture.src)
    if page.has("times"):
        page.meta("article:published_time", story.moment.isoformat())
    if page.has("author") and story.authors:
        page.meta("author", ", ".join(story.authors))
    if page.has("keywords"):
        page.meta("keywords", ", ".join(story.tags))
    if page.has("canonical"):
        page.canonical = page.url
    if page.has("json-ld"):
        page.ld = news_article(page)


def news_article(page: Page) -> dict[str, Any]:
    """The NewsArticle of the page's own story."""
    story = page.story
    record: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "mainEntityOfPage": {"@type": "WebPage", "@id": page.url},
        "datePublished": story.moment.isoformat(),
        "dateModified": (story.moment + timedelta(minutes=page.rng.choice((0, 0, 3, 41)))).isoformat(),
        "publisher": {"@type": "Organization", "name": story.outlet.site},
        "description": story.paragraphs[0][:120],
    }
    if page.picture:
        record["image"] = {"@type": "ImageObject", "url": page.picture.src}
    match page.family.json_author:
        case "author" if story.authors:
            record["author"] = [{"@type": "Person", "name": name} for name in story.authors]
        case "editor" if story.editors:
            record["author"] = {"@type": "Person", "name": story.editors[0]}
        case "outlet":
            record["author"] = {"@type": "Organization", "name": story.outlet.site}
    return record


def own_data(page: Page) -> dict[str, Any]:
    """The page's JSON-LD, made where its family has none."""
    if page.ld is None:
        page.ld = news_article(page)
    return page.ld


def head(page: Page) -> str:
    """The markup of the page's head, less its charset."""
    lines = [f"<title>{escape(page.title_tag)}</title>"]
    for key, content in page.metas:
        attribute = "property" if key.startswith(("og:", "article:")) else "name"
        if key.startswith("itemprop:"):
            attribute = "itemprop"
        lines.append(f'<meta {attribute}="{key.removeprefix("itemprop:")}" content="{escape(content)}">')
    if page.canonical:
        lines.append(f'<link rel="canonical" href="{escape(page.canonical)}">')
    scripts = [json.dumps(page.ld, ensure_ascii=False)] if page.ld else []
    for text in (*map(page.ld_text, scripts), *page.extra_ld):
        lines.append(f'<script type="application/ld+json">{text}</script>')
    lines += page.head_extra
    return "\n".join(lines)
