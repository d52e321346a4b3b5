"""Faults of metadata that name a story: another story's data, front pages, shortened headlines."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.metadata import own_data
from evaluation.synthetic.page import Page
from evaluation.synthetic.prose.names import plain_person

ALL = ("title", "published_at", "authors", "editors", "body", "url")


def _record_of_another(page: Page, *, text: bool = False) -> dict[str, Any]:
    title, url, moment, writer = page.other_story()
    record: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "mainEntityOfPage": url,
        "url": url,
        "datePublished": moment.isoformat(),
        "author": {"@type": "Person", "name": plain_person(page.rng)},
    }
    if text:
        record["articleBody"] = " ".join(writer.paragraph() for _ in range(12))
    return record


@fault("data", *ALL, since=2015)
def data_of_another_story(page: Page) -> None:
    """The only JSON-LD of the page is that of another story."""
    if page.relies_on_data or not page.stamp:
        return
    people = page.family.names("authors") or any(name in page.byline_text for name in page.expected["authors"])
    if not people:
        page.expect(authors=[])
    page.ld = _record_of_another(page, text=page.rng.random() < 0.5)


@fault("data", *ALL, since=2015)
def data_of_others_too(page: Page) -> None:
    """JSON-LD of the lists of the page stands beside that of the story, before or in one array."""
    own = own_data(page)
    others = [_record_of_another(page) for _ in range(3)]
    items = [{"@type": "ListItem", "position": at, "item": each} for at, each in enumerate(others, 1)]
    kind = page.rng.randrange(3)
    if kind == 0:
        page.extra_ld.append(
            json.dumps({"@context": "https://schema.org", "@type": "ItemList", "itemListElement": items})
        )
    elif kind == 1:
        page.ld = None
        page.extra_ld.append(json.dumps([*others, own]))
    else:
        page.head_extra.insert(0, f'<script type="application/ld+json">{json.dumps(others[0])}</script>')


@fault("data", *ALL, since=2009)
def canonical_of_another_story(page: Page) -> None:
    """rel=canonical names another story or a list; og:url and JSON-LD have the page's own address."""
    _, url, _, _ = page.other_story()
    page.own_address()
    page.canonical = url


@fault("data", *ALL, since=2009)
def canonical_of_the_front_page(page: Page) -> None:
    """rel=canonical and og:url name the front page, or a section."""
    parts = urlsplit(page.url)
    front = f"{parts.scheme}://{parts.hostname}/"
    page.canonical = page.rng.choice((front, front.rstrip("/"), "/"))
    if page.has("og"):
        page.meta("og:url", front)


@fault("data", "title", since=2011)
def headline_shortened_in_data(page: Page) -> None:
    """og:title is cut, has the outlet's name, or is another wording; the printed headline counts."""
    title, site = page.story.title, page.story.outlet.site
    words = title.split()
    cut = " ".join(words[: max(3, len(words) - 2)])
    page.meta(
        "og:title",
        page.rng.choice((f"{cut}...", f"{title} - {site}", f"{title} | {page.story.outlet.name}", f"{cut}…")),
    )
    page.title_tag = page.rng.choice((f"{cut}... - {site}", f"{title} Halaman all - {site}", f"{site}: {title}"))
    if page.ld:
        page.ld["headline"] = cut


@fault("data", "title", since=2011)
def name_of_the_site_as_headline(page: Page) -> None:
    """og:title is that of the site on all its pages, and the logo is the first heading."""
    name = page.story.outlet.name
    page.meta("og:title", f"{name} - Kabar Hari Ini")
    page.above.insert(0, f'<h1 class="logo"><a href="/"><img src="/logo.png" alt="{name}">{name}</a></h1>')


@fault("data", "title", "body")
def section_and_kicker_above_the_headline(page: Page) -> None:
    """A section in a heading of the first rank, and a kicker before the headline."""
    page.above.append(f"<h1>{page.story.section}</h1>")
    kicker = page.rng.choice(("Kabar Desa", "Musim Ikan", "LAPORAN KHUSUS", page.story.tags[-1].title()))
    page.above.append(f'<div class="kicker">{kicker}</div>')
