"""Puts a page together as its family prints it, before any fault."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from random import Random

from evaluation.synthetic import metadata
from evaluation.synthetic.family import Family
from evaluation.synthetic.page import Page, address
from evaluation.synthetic.printed import stamps
from evaluation.synthetic.story import InventedStory, LeadPicture


def compose(family: Family, story: InventedStory, rng: Random) -> Page:
    """The page of a story without any fault."""
    crawled = story.moment + timedelta(hours=rng.choice((3, 9, 30, 24 * 40, 24 * 900)), minutes=rng.randrange(60))
    page = Page(
        rng=rng,
        family=family,
        story=story,
        url=address(family, story.outlet, story.moment, story.title, rng),
        fetched_at=crawled,
        title_tag=rng.choice((f"{story.title} - {story.outlet.site}", f"{story.title} | {story.outlet.name}")),
        headline=escape(story.title, quote=False),
        stamp_form=rng.choice(family.stamps),
        declared_charset=family.charset,
    )
    if rng.random() < 0.85:
        page.picture = LeadPicture(page.address_of_picture(), story.writer.caption(), None)
    page.expect(title=story.title, url=page.url, caption=None, photo_credit=None)
    if page.picture:
        page.expect(caption=page.picture.caption)
        page.set_credit(rng.choice(family.credits))
    page.set_dateline(rng.choice(family.datelines))
    metadata.add_metadata(page)
    _stamp(page)
    _people(page)
    return page


def _stamp(page: Page) -> None:
    page.stamp = escape(page.print_stamp(page.stamp_form), quote=False)
    pattern = stamps.FORMS[page.stamp_form]
    in_metadata = page.has("times") or bool(page.ld) or "{{iso}}" in page.family.template
    moment = page.story.moment
    if "{HH}" not in pattern and not in_metadata:
        page.expect(published_at=moment.date().isoformat())
    elif "{tz}" in pattern or "{hours}" in pattern or in_metadata or page.story.place.zone == "WIB":
        page.expect(published_at=moment.isoformat())
    # else a clock without any zone in a region that is not WIB: who can tell


def _people(page: Page) -> None:
    family, story = page.family, page.story
    if not family.names("editors") and family.json_author != "editor":
        story.editors = []
    if not family.names("authors") and not (family.json_author == "author" and page.ld):
        story.authors = []
    page.byline = people_lines(page, family.byline)
    page.foot = people_lines(page, family.foot)
    page.expect(authors=list(story.authors), editors=list(story.editors) if family.names("editors") else [])


def people_lines(page: Page, lines: tuple[str, ...]) -> list[str]:
    """The lines with the story's people in their slots; a line about nobody is left out."""
    story = page.story
    known = {"authors": page.family.joiner.join(story.authors), "editors": ", ".join(story.editors)}
    printed = []
    for line in lines:
        if any(f"{{{role}}}" in line and not names for role, names in known.items()):
            continue
        filled = line
        for slot, value in (*known.items(), ("site", story.outlet.site), ("name", story.outlet.name)):
            filled = filled.replace(f"{{{slot}}}", escape(value, quote=False))
        printed.append(filled.replace("{year}", str(page.year)))
    return printed
