"""What of an article makes a version: its text without what differs from one visit to the next. Pure.

A publisher that moves to another CMS resets quotation marks, dashes and spaces; links to other stories and counters
change daily. None of that is a change of the story, so none of it makes a version.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from archive.records import Article
from lexicon.credits import WORDS, alternation

_QUOTES = "\"'`´‘’‚‛“”„‟«»‹›″′‴〝〞＂＇"
_DASHES = "-‐‑‒–—―−﹘﹣－"
_SIGNS = str.maketrans(dict.fromkeys(_QUOTES, '"') | dict.fromkeys(_DASHES, "-"))
_UNSEEN = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
_REPEATED = re.compile(r'"{2,}|-{2,}')

_LINK = re.compile(rf"{alternation('links', 'headings_of_lists')}\b(?P<colon>\s*[:：])?[^\n]{{0,300}}", re.IGNORECASE)
_FORMS = re.compile("|".join(WORDS["boilerplate_forms"]))
_FRAME = " \t*•·>»()[]"


def folded(text: str) -> str:
    """The text without white space and invisible signs, with one kind of quotation mark and one kind of dash."""
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", text.translate(_SIGNS))).translate(_SIGNS)
    return _REPEATED.sub(lambda found: found[0][0], _UNSEEN.sub("", plain))


def is_of_the_page(line: str) -> bool:
    """Whether a line is none of a story's text: a link to another story ("Baca juga: …"), a counter, a button."""
    text = " ".join(line.split()).strip(_FRAME)
    link = _LINK.fullmatch(text)
    if link is not None and (link["colon"] or not text.endswith((".", '"', "”"))):
        return True
    return _FORMS.fullmatch(text.casefold()) is not None


def essence(article: Article) -> tuple[object, ...]:
    """What two readings of an unchanged story have in common: articles of one id and one essence are one version.

    Headline, text, publication time, authors, agency and captions, as in `content_hash`, but `folded`, without
    paragraphs, and without links to other stories and counters.
    """
    return (
        folded(article.title),
        folded("".join(_story(article.body))),
        article.published_at.isoformat(),
        tuple(map(folded, article.authors)),
        article.agency,
        tuple(folded(image.caption) for image in article.images if image.caption),
    )


def _story(body: Sequence[str]) -> Iterator[str]:
    for paragraph in body:
        yield from (line for line in paragraph.split("\n") if not is_of_the_page(line))
