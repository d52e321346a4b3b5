"""What can be seen on a page that nobody has described: the stamp, the bylines and the caption, by their looks."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.body import BLOCKS, text_of, tidy, walk
from crawler.extract.raw import Found

STAMP = re.compile(
    r"(?<![\d/.-])\d{1,2}(?:\s{1,3}|\s?[-/.]\s?)(?:[A-Za-z]{3,10}|\d{1,2})\.?(?:,?\s{1,3}|\s?[-/.]\s?)(?:(?:19|20)\d\d|\d\d)(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d-\d\d-\d\d"
)
_CLOCK = re.compile(r"(?<!\d)[0-2]?\d[:.][0-5]\d(?!\d)")
_LONGEST_STAMP = 100
_BYLINE = re.compile(
    r"^(?:penulis|pewarta|reporter|editor|jurnalis|wartawan|kontributor|oleh|by|laporan|rep|red|redaktur)\b", re.I
)
_LONGEST_BYLINE = 120
_BYLINE_SELECTORS = (
    "[itemprop=author], [itemprop=editor], [rel=author], [class*=byline], [class*=author], [class*=penulis], "
    "[class*=reporter], [class*=editor], [id*=penulis], [id*=author]"
)
_CAPTION_SELECTORS = "figcaption, [class*=caption], [id*=caption]"
_LINES_ABOVE_THE_TITLE = 6


def lines_around_title(tree: LexborHTMLParser, story: LexborNode | None) -> list[str]:
    """The lines between headline and story, and the few above the headline, where stamps and bylines stand."""
    lines: list[str] = []
    pieces: list[str] = []
    body, title = tree.body, tree.css_first("h1")
    if body is None:
        return []
    for node, entering in walk(body):
        if node.is_text_node:
            if entering:
                pieces.append(node.text_content or "")
        elif node.tag == "br" or node.tag in BLOCKS:
            if line := tidy("".join(pieces)):
                lines.append(line)
            pieces = []
            if entering and story is not None and node.mem_id == story.mem_id:
                break
            if not entering and title is not None and node.mem_id == title.mem_id:
                del lines[: -_LINES_ABOVE_THE_TITLE - 1]
    return lines


def stamps(lines: list[str]) -> tuple[Found, ...]:
    """The lines that look like a date of publication, the likeliest first: with a clock, and near the story.

    A page's head prints today's date, and teasers above the headline have dates of their own.
    """
    found = [line for line in reversed(lines) if len(line) <= _LONGEST_STAMP and STAMP.search(line)]
    return tuple(Found(line, "text") for line in sorted(found, key=lambda line: not _CLOCK.search(line)))


def bylines(tree: LexborHTMLParser, lines: list[str]) -> tuple[Found, ...]:
    """Lines with a byline's label, and what stands in elements named after one."""
    found = [line for line in lines if len(line) <= _LONGEST_BYLINE and _BYLINE.match(line)]
    for node in tree.css(_BYLINE_SELECTORS)[:5]:
        text = text_of(node)
        if text and len(text) <= _LONGEST_BYLINE and _BYLINE.match(text):
            found.append(text)
    return tuple(Found(line, "text") for line in dict.fromkeys(found))


def caption(tree: LexborHTMLParser) -> Found | None:
    """The first caption on the page that has words in it."""
    texts = (text_of(node) for node in tree.css(_CAPTION_SELECTORS)[:10])
    return next((Found(text, "text") for text in texts if len(text.split()) >= 4), None)
