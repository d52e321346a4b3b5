"""Writes a page: the family's template with everything in its slots."""

from __future__ import annotations

import re
from html import escape

from evaluation.synthetic.metadata import head
from evaluation.synthetic.page import Page
from evaluation.synthetic.story import Block

_SLOT = re.compile(r"\{\{(\w+)\}\}")
_INLINE = ('<a href="/tag/{slug}">{word}</a>', "<strong>{word}</strong>", "<em>{word}</em>", "<b>{word}</b>")


def render(page: Page) -> bytes:
    """The page as a server sends it."""
    slots = {
        "head": head(page),
        "headline": page.headline,
        "stamp": page.stamp,
        "byline": "\n".join(page.byline),
        "picture": picture(page),
        "story": page.headline_after + story(page),
        "foot": "\n".join(page.foot),
        "above": "\n".join(page.above),
        "below": "\n".join(page.below),
        "side": "\n".join(page.side),
        "tags": "".join(
            f'<a href="/tag/{tag.lower().replace(" ", "-")}">{escape(tag)}</a> ' for tag in page.story.tags
        ),
        "section": page.story.section,
        "site": page.story.outlet.site,
        "name": page.story.outlet.name,
        "teasers": teasers(page, 5),
        "year": str(page.year),
        "url": escape(page.url),
        "iso": page.story.moment.isoformat() if page.iso is None else page.iso,
        "story_class": page.story_class,
        "charset": page.declared_charset,
    }
    html = _SLOT.sub(lambda slot: slots[slot[1]], page.family.template)
    for change in page.finish:
        html = change(html)
    return page.encode(html)


def picture(page: Page) -> str:
    """The markup of the main picture, empty where there is none."""
    if page.picture_html is not None:
        return page.picture_html
    shown = page.picture
    if shown is None:
        return ""
    form = page.family.picture
    credit = escape(shown.credit.text, quote=False) if shown.credit else ""
    caption = escape(shown.caption, quote=False)
    if "{credit}" not in form and credit:
        caption = f"{caption} {credit}"
    filled = form.replace("{src}", escape(shown.src)).replace("{alt}", escape(page.story.title))
    return filled.replace("{caption}", caption).replace("{credit}", credit)


def teasers(page: Page, count: int) -> str:
    """A list of other stories in the family's markup."""
    lines = []
    for _ in range(count):
        title, url, moment, _ = page.other_story()
        filled = page.family.teaser.replace("{url}", escape(url)).replace("{title}", escape(title, quote=False))
        stamp = page.print_stamp(page.family.stamps[0], moment)
        lines.append(filled.replace("{stamp}", stamp).replace("{src}", page.address_of_picture()))
    return "\n".join(lines)


def story(page: Page) -> str:
    """The column of the story: its paragraphs with the dateline before the first one."""
    pieces = []
    first = True
    for block in page.story.blocks:
        inner = block.html if block.html is not None else None
        if first and block.kind == "p":
            first = False
            text = inner if inner is not None else inline(page, block)
            if page.dateline_apart:
                pieces.append(mark_up(page, Block("p", html=opening(page).rstrip())))
                pieces.append(mark_up(page, Block("p", html=text)))
            else:
                pieces.append(mark_up(page, Block("p", html=opening(page) + text)))
            continue
        pieces.append(mark_up(page, block))

    def join(some: list[str]) -> str:
        return ("\n<br /><br />\n" if page.family.paragraphs == "br" else "\n").join(some)

    return page.arrange(pieces, join)


def opening(page: Page) -> str:
    """The dateline's markup."""
    if page.dateline_html is not None:
        return page.dateline_html
    return escape(page.dateline.text, quote=False) if page.dateline else ""


def inline(page: Page, block: Block) -> str:
    """A paragraph's text, at times with a word that is linked or bold."""
    text = escape(block.text, quote=False)
    if page.rng.random() < 0.15:
        word = page.story.place.name
        if word in text:
            form = page.rng.choice(_INLINE)
            text = text.replace(word, form.format(word=word, slug=word.lower()), 1)
    return text


def mark_up(page: Page, block: Block) -> str:
    """A block in the family's markup."""
    style = page.family.paragraphs
    match block.kind:
        case "noise":
            return block.html or ""
        case "h":
            return block.html if block.html is not None else page.family.subhead.format(escape(block.text, quote=False))
        case "list":
            return "<ul>" + "".join(f"<li>{escape(item, quote=False)}</li>" for item in block.items) + "</ul>"
        case "table":
            rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in block.rows)
            return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
        case "quote":
            return f"<blockquote>{escape(block.text, quote=False)}</blockquote>"
    text = block.html if block.html is not None else inline(page, block)
    return _PARAGRAPHS[style].format(text)


_PARAGRAPHS = {
    "p": "<p>{}</p>",
    "br": "{}",
    "div": "<div>{}</div>",
    "span": '<p><span style="font-size: medium;">{}</span></p>',
    "font": '<p align="justify"><font face="Arial" size="2">{}</font></p>',
    "bare-p": "<p>{}",
    "spaced": "<p>{}</p>\n<p>&nbsp;</p>",
}
