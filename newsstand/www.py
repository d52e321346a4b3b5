"""Article pages like those of today: JSON-LD, OpenGraph and a canonical link (www.newsstand.test)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from newsstand.stamps import moment
from newsstand.stories import Story


def render(story: Story, page: int, others: Sequence[Story]) -> str:
    """One page of a story. `others` are stories to link to, the first inside the body as "Baca juga"."""
    dateline, paragraphs = story.opening(page)
    body = [f"<p>{escape(text, quote=False)}</p>" for text in paragraphs]
    if dateline:
        body[0] = f"<p><strong>{escape(dateline)}</strong> {escape(paragraphs[0], quote=False)}</p>"
    if others and len(body) > 2:
        body.insert(2, f'<p class="read-also">Baca juga: <a href="{others[0].path}">{escape(others[0].title)}</a></p>')
        body.insert(4, '<div class="ad">IKLAN<br>Gulir untuk melanjutkan membaca</div>')
    last = page == len(story.pages)
    if story.credit and last:
        body.append(f'<p class="source">{escape(story.credit)}</p>')
    return f"""<!DOCTYPE html>
<html lang="id">
<head>
<meta charset="utf-8">
<title>{escape(story.title)} - Newsstand</title>
<link rel="canonical" href="{story.url}">
{_opengraph(story)}
<script type="application/ld+json">{_json_ld(story)}</script>
</head>
<body>
<header><a href="/">Newsstand</a> <form action="/cari"><input name="q"></form></header>
<ol class="breadcrumb"><li><a href="/">Beranda</a></li><li>{escape(story.section)}</li></ol>
<main>
<h1 class="article-title">{escape(story.title)}</h1>
{_stamps(story)}
{_byline(story)}
{_picture(story) if page == 1 else ""}
<div class="article-body">
{chr(10).join(body)}
</div>
{_pages(story, page)}
<nav class="article-tags">{" ".join(f'<a href="/cari?q={escape(tag)}">{escape(tag)}</a>' for tag in story.tags)}</nav>
</main>
<aside><h2>Berita Lainnya</h2><ul>
{chr(10).join(f'<li><a href="{other.path}">{escape(other.title)}</a></li>' for other in others)}
</ul></aside>
<footer>&copy; Newsstand</footer>
</body>
</html>
"""


def _stamps(story: Story) -> str:
    lines = []
    if story.published_text:
        lines.append(f'<time class="article-date">{story.published_text}</time>')
    if story.modified_text:
        lines.append(f'<time class="article-updated">{story.modified_text}</time>')
    return "\n".join(lines)


def _byline(story: Story) -> str:
    credits = []
    if story.authors:
        credits.append("Penulis: " + ", ".join(story.authors))
    if story.editors:
        credits.append("Editor: " + ", ".join(story.editors))
    return f'<div class="byline">{escape(" | ".join(credits))}</div>' if credits else ""


def _picture(story: Story) -> str:
    if story.caption is None:
        return ""
    return (
        f'<figure class="lead-image"><img src="{story.picture}" alt="{escape(story.title)}">'
        f"<figcaption>{escape(story.caption)}</figcaption></figure>"
    )


def _pages(story: Story, page: int) -> str:
    if len(story.pages) == 1:
        return ""
    links = [
        f'<a href="{story.path}{"" if number == 1 else f"?page={number}"}">{number}</a>'
        for number in range(1, len(story.pages) + 1)
    ]
    if page < len(story.pages):
        links.append(f'<a rel="next" href="{story.path}?page={page + 1}">Selanjutnya</a>')
    return f'<nav class="article-pages">{" ".join(links)}</nav>'


def _opengraph(story: Story) -> str:
    properties = {"og:type": "article", "og:title": story.title, "og:url": story.url, "og:site_name": "Newsstand"}
    if story.caption is not None:
        properties["og:image"] = f"http://{story.outlet.host}{story.picture}"
    if story.metadata:
        properties["article:published_time"] = moment(story.published).isoformat()
        if story.modified is not None:
            properties["article:modified_time"] = moment(story.modified).isoformat()
    return "\n".join(f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items())


def _json_ld(story: Story) -> str:
    """The NewsArticle object; clocks are in WIB, whatever zone the page prints, as on national sites."""
    home = f"http://{story.outlet.host}"
    record: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": story.url},
        "headline": story.title,
        "author": [{"@type": "Person", "name": name} for name in story.authors],
        "publisher": {
            "@type": "Organization",
            "name": "Newsstand",
            "logo": {"@type": "ImageObject", "url": f"{home}/foto/0.png"},
        },
        "articleSection": story.section,
        "keywords": list(story.tags),
        "inLanguage": "id",
    }
    if story.editors:
        record["editor"] = [{"@type": "Person", "name": name} for name in story.editors]
    if story.caption is not None:
        record["image"] = [home + story.picture]
    if story.metadata:
        record["datePublished"] = moment(story.published).isoformat()
        record["dateModified"] = story.last_changed.isoformat()
    return json.dumps(record, ensure_ascii=False).replace("</", "<\\/")
