"""Chooses the headline of a story among a page's titles: as readers see it, without what templates add. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.identity import host_of
from archive.records import Rejected
from lexicon.domains import ENDING
from reading.extract.body import letters, tidy
from reading.extract.raw import FoundText, RawArticle

# Suffixes that <title> and og:title add to a headline: " | Koran", " - Kompas.com Regional", " - ANTARA News"
_PUBLISHERS_NAME = re.compile(
    rf"\s(?:\|\s[^|]{{2,40}}|[–—-]\s(?=[^|–—]*(?:\.{ENDING}\b|\bnews\b))[^|–—]{{2,40}})$", re.I
)
# What joins a headline with the names of site and section: "Judul | Koran", "Koran: Judul", "Ekonomi » Judul"
_JOINT = re.compile(r"\s+(?:[|–—»«›‹>~•·/-]|::)\s+|:\s+")
_MOST_PARTS = 12
# The mark of a part of a story: "Judul - Halaman 2", "Judul (Page 3)", "Judul | Hal 2 dari 4"
_PAGE_MARK = re.compile(
    r"\s*[|–—,(\[-]?\s*\b(?:halaman|hal\.?|page|bagian|part)\s+\d{1,2}(?:\s(?:dari|of)\s\d{1,2})?\s?[)\]]?$", re.I
)
_MENU_WORDS = frozenset("home beranda berita news indeks index amp artikel".split())
_LONGEST_TITLE = 500
_SAME = 0.8
_OTHER = 0.34
_FEWEST_WORDS = 3
_PRINT = ("selector", "text")


def choose_headline(raw: RawArticle) -> FoundText:
    """Returns the headline as readers see it.

    Metadata shorten it, drop its question mark, add names of site and section, or hold a summary. So a printed heading
    wins if it shares its words with another title. Alone, it may be the publisher's logo. Raises Rejected("no-title").
    """
    if not raw.titles:
        raise Rejected("no-title", "the page has no headline")
    house = _names_of_site(raw) | {letters(each.text) for each in raw.sections}
    titles = [FoundText(_without_names(each, house), each.where) for each in raw.titles]
    titles = [each for each in titles if letters(each.text) not in house] or list(raw.titles)
    first = titles[0]
    if first.where in _PRINT and not _is_contradicted(first, titles):
        return first
    printed = [each for each in titles if each.where == "text" and len(_words(each.text)) >= _FEWEST_WORDS]
    for heading in printed:
        others = (_words(other.text) for other in titles if other is not heading)
        if any(_likeness(_words(heading.text), other) >= _SAME for other in others if len(other) >= _FEWEST_WORDS):
            return heading
    in_metadata = next((each for each in titles if each.where not in _PRINT), first)
    best = first if first.where not in _PRINT else in_metadata
    return FoundText(_PUBLISHERS_NAME.sub("", best.text), best.where) if best.where == "meta" else best


def house_names(raw: RawArticle) -> frozenset[str]:
    """The letters of the publisher's names on a page, which need not be in the lexicon.

    `og:site_name`, the ends of its window's title, and its address tell them ("Pelita Kota" at pelitakota.example).
    """
    windows = [each.text[-_LONGEST_TITLE:] for each in raw.titles if each.where == "meta"]
    ends = [parts[-1] for title in windows if len(parts := re.split(r"\s[|–—»-]\s", title)) > 1]
    return _names_of_site(raw) | frozenset(filter(None, map(letters, ends)))


def _names_of_site(raw: RawArticle) -> frozenset[str]:
    labels = host_of(raw.url or "").split(".")
    return frozenset(filter(None, map(letters, (raw.site or "", *labels, ".".join(labels[-2:])))))


def _without_names(title: FoundText, house: frozenset[str]) -> str:
    """A title without names of the site and of sections at its ends, and without the mark of a part.

    In a printed heading only the mark of a part is no part of it: "Kompas: Kurs Rupiah Turun" may be a headline.
    """
    if len(title.text) > _LONGEST_TITLE:
        return title.text  # no headline; it is refused later
    text = _without_page_mark(title.text)
    if title.where in _PRINT:
        return text
    joints = list(_JOINT.finditer(text))[:_MOST_PARTS]
    start, stop = 0, len(text)
    while joints and _is_name(text[start : joints[0].start()], house):
        start = joints.pop(0).end()
    while joints and _is_name(text[joints[-1].end() : stop], house):
        stop = joints.pop().start()
    rest = tidy(text[start:stop])
    return _without_page_mark(rest) or text


def _is_name(part: str, house: frozenset[str]) -> bool:
    plain = letters(part)
    return not plain or plain in house or plain in _MENU_WORDS


def _without_page_mark(title: str) -> str:
    """A title without "- Halaman 2" at its end, but never without any text."""
    marked = title.rstrip(" )]")[-1:].isdigit()  # cheap, and most titles end in a word
    return (_PAGE_MARK.sub("", title) if marked else "") or title


def _is_contradicted(title: FoundText, titles: Sequence[FoundText]) -> bool:
    """Whether a heading is the publisher's logo or a section: metadata agree on another headline that is printed.

    A heading that shares words with any other title stands.
    """
    words = _words(title.text)
    others = [each for each in titles if each is not title and each.text != title.text]
    if any(_likeness(words, _words(each.text)) > _OTHER for each in others):
        return False
    told = [_words(each.text) for each in others if each.where not in _PRINT]
    printed = [_words(each.text) for each in others if each.where in _PRINT]
    return any(
        _likeness(one, other) >= _SAME
        for one in told
        for other in printed
        if min(len(one), len(other)) >= _FEWEST_WORDS
    )


def _words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", title.casefold()))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))
