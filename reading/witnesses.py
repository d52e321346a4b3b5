"""Compares a value with the other places of the page that say the same (decision 20, docs/normalisation.md).

A page has several witnesses of one fact. Two are independent if they are of different kinds, because a mistake of the
reader or the template in one of them does not bring the same mistake to the other:

- the print: what a reader sees ("selector", "text");
- JSON-LD, microdata, meta elements, scripts of the page, its address: each is one kind. og:title, twitter:title and the
  window's title are one kind, because a template fills them from one field;
- the source's own file ("source").

A witness that agrees is added to where a value was found: "selector+json-ld". Witnesses that disagree make a flag, but
only where they materially differ: publishers shorten headlines, add their names, write other headlines for search
engines, and put the outlet, the uploader or the editor into JSON-LD's author.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from urllib.parse import urlsplit

from reading.credits.reader import canonical_agency, people
from reading.extract.raw import FoundText, RawArticle

_PRINT = ("selector", "text")
_LETTERS = re.compile(r"[^\W_]+")
_LONGEST = 20_000
"""Characters of a text that are compared."""
_BEGINNING = 40
"""Letters that two texts must share at their beginning to be the same text."""
_COMPARED = 2_000
"""Characters of two texts in which their beginnings are looked for."""
_MOST_CLAIMS = 40
"""People of metadata that are compared; a story has a handful."""
_INITIALS = 4
"""Letters: a name of no more may be initials."""
_SAME, _OTHER = 0.8, 0.3
"""Shares of the shorter headline's words: from the first on it is the same one, below the second another one."""
_FEWEST_WORDS = 4
"""A headline of fewer words is a kicker, a section or the publisher's name, and contradicts nothing."""


def kind_of(where: str) -> str:
    """The kind of a witness by the place where it was found; only witnesses of two kinds are independent."""
    return "print" if where in _PRINT else where


def with_witness(found: FoundText, others: Iterable[FoundText], agree: Callable[[str, str], bool]) -> FoundText:
    """The value with the place of the first independent witness that agrees added to its own."""
    for other in others:
        if kind_of(other.where) != kind_of(found.where) and agree(found.text, other.text):
            return FoundText(found.text, f"{found.where}+{other.where}")
    return found


# -- headlines --------------------------------------------------------------------------------------------------------


def same_title(one: str, two: str) -> bool:
    """Whether two headlines are the same one: alike, shortened, or with the publisher's name or a kicker beside it."""
    letters, others = sorted((folded_letters(one), folded_letters(two)), key=len)
    if len(letters) >= 15 and letters in others:
        return True
    return letters == others or (min(_count(one), _count(two)) >= 3 and _shared_words(one, two) >= _SAME)


def titles_contradict(title: FoundText, raw: RawArticle) -> bool:
    """Whether the page names its story in two ways that have little in common, and no witness supports the one taken.

    The window's title is no such witness: on old pages it is the publisher's name and slogan.
    """
    own = kind_of(title.where.split("+")[0])
    if "+" in title.where or _count(title.text) < _FEWEST_WORDS:
        return False
    printed = () if own == "print" else (each for each in raw.titles if kind_of(each.where) == "print")
    others = [each.text for each in (*raw.claims.titles, *printed) if kind_of(each.where) != own]
    sites = folded_letters(raw.site or "")
    others = [text for text in others if not sites or sites not in folded_letters(text)]
    return any(_count(text) >= _FEWEST_WORDS and _shared_words(title.text, text) < _OTHER for text in others)


def _count(title: str) -> int:
    return len(_words(title))


def _shared_words(one: str, two: str) -> float:
    first, second = _words(one), _words(two)
    return len(first & second) / max(1, min(len(first), len(second)))


def _words(text: str) -> frozenset[str]:
    return frozenset(_LETTERS.findall(_folded(text)))


# -- people -----------------------------------------------------------------------------------------------------------


def same_person(one: str, two: str) -> bool:
    """Whether two names can be one person's: "M. Yusuf" and "Muhammad Yusuf", "rinadewi" and "Rina Dewi", "RD"."""
    shorter, longer = sorted((_name_words(one), _name_words(two)), key=len)
    if not shorter:
        return False
    joined, joined_other = "".join(shorter), "".join(longer)
    if joined == joined_other or (len(shorter) == 1 and len(joined) > 4 and joined_other.startswith(joined)):
        return True
    if len(shorter) == 1 and len(longer) > 1 and joined == "".join(word[0] for word in longer):
        return True
    return all(any(_same_word(word, other) for other in longer) for word in shorter)


def _same_word(one: str, two: str) -> bool:
    return one == two or (min(len(one), len(two)) == 1 and one[0] == two[0])


def _name_words(name: str) -> list[str]:
    return _LETTERS.findall(_folded(name).replace("'", "").replace("’", ""))


def where_of_people(
    names: Sequence[str], where: str | None, others: Sequence[str], claims: Iterable[FoundText]
) -> str | None:
    """Where people were found, with the first other kind that names one of them, and nobody who is not printed.

    `others` are the people whom the page names for another part: JSON-LD's author is often a writer and the editor.
    """
    if where is None:
        return None
    for kind, claimed in _by_kind(claims):
        known = all(any(same_person(each, name) for name in (*names, *others)) for each in claimed)
        named = any(same_person(each, name) for each in claimed for name in names)
        if kind != kind_of(where) and known and named:
            return f"{where}+{kind}"
    return where


def authors_contradict(names: Sequence[str], where: str | None, raw: RawArticle) -> bool:
    """Whether metadata credit a person whom neither the authors nor anything printed around the story name.

    That is a line of credits, a caption, the first and last paragraphs. An outlet, the publisher itself and a name of
    one word ("admin", "rina") contradict nobody, and nobody contradicts initials.
    """
    if where is None or "+" in where or all(len(folded_letters(name)) <= _INITIALS for name in names):
        return False
    other_kinds = [each for each in raw.claims.authors if kind_of(each.where) != kind_of(where)]
    claimed = [name for each in _names(other_kinds) if _is_full_name(name := each.text)]
    claimed = [name for name in claimed if not _is_publisher(name, raw)]
    if not claimed or any(_related(each, name) for each in claimed for name in names):
        return False
    credited = folded_letters("\n".join(_around_story(raw)))
    return not any(folded_letters(name) in credited for name in claimed)


def _around_story(raw: RawArticle) -> Iterator[str]:
    for line in (*raw.bylines, *raw.editor_lines, *raw.source_lines):
        yield line.text
    for image in raw.images:
        yield from (each.text for each in (image.caption, image.credit) if each)
    yield from (*raw.body[:2], *raw.body[2:][-6:])


def _related(one: str, two: str) -> bool:
    """Whether two names can be one person's, or share a word: a wedded name, a name of art, a misprint of the other."""
    longer = {word for word in _name_words(one) if len(word) > 2}
    return same_person(one, two) or bool(longer & set(_name_words(two)))


def _is_full_name(name: str) -> bool:
    return sum(len(word) > 1 for word in _name_words(name)) >= 2


def _is_publisher(name: str, raw: RawArticle) -> bool:
    """Whether a name is the publisher's: it is in the site's name or the host, or a part of these is in it."""
    letters, labels = folded_letters(name), (urlsplit(raw.url or "").hostname or "").split(".")
    owners = [each for part in (raw.site or "", *labels) if len(each := folded_letters(part)) > 4]
    return any(letters in each or each in letters for each in owners)


def _by_kind(claims: Iterable[FoundText]) -> Iterator[tuple[str, list[str]]]:
    kinds: dict[str, list[str]] = {}
    for each in _names(claims):
        kinds.setdefault(each.where, []).append(each.text)
    yield from kinds.items()


def _names(claims: Iterable[FoundText]) -> Iterator[FoundText]:
    for each in islice(claims, _MOST_CLAIMS):
        if "://" not in each.text:  # the address of a profile
            yield from (FoundText(name, each.where) for name in people(each.text))


# -- texts ------------------------------------------------------------------------------------------------------------


def same_beginning(one: str, two: str) -> bool:
    """Whether two texts begin alike; one of them may have a dateline or a credit before it, or be cut."""
    letters, others = sorted((folded_letters(one[:_COMPARED]), folded_letters(two[:_COMPARED])), key=len)
    if len(letters) < _BEGINNING:
        return len(letters) > 10 and (letters == others or others.startswith(letters))
    return letters[:_BEGINNING] in others[:400] or others[:_BEGINNING] in letters[:400]


def where_of_story(body: Sequence[str], raw: RawArticle) -> str | None:
    """Where the story was found, with the first other kind that begins as it does and is not much longer."""
    if not body or raw.body_from is None or "body-incomplete" in raw.flags:
        return raw.body_from if body else None
    beginning, most = " ".join(body[:3]), 1.5 * sum(map(len, body))
    texts = (each for each in raw.claims.texts if len(each.text) <= most)
    return with_witness(FoundText(beginning, raw.body_from), texts, same_beginning).where


def same_agency(one: str, two: str) -> bool:
    """Whether a text names that wire."""
    return canonical_agency(two) == one


def same_section(one: str, two: str) -> bool:
    """Whether two sections are the same one; an address has it in lower case and with hyphens."""
    return bool(folded_letters(one)) and folded_letters(one) == folded_letters(two)


def sections_in_address(url: str | None) -> Iterator[FoundText]:
    """What an address can name as a section: its first two folders, and the first part of its host."""
    parts = urlsplit(url or "")
    for text in (*parts.path.split("/")[1:-1][:2], (parts.hostname or "").split(".")[0]):
        yield FoundText(text, "url")


def folded_letters(text: str) -> str:
    """The letters and digits of a text without case and diacritics, joined."""
    return "".join(_LETTERS.findall(_folded(text)))


@lru_cache(maxsize=64)
def _folded(text: str) -> str:
    text = text[:_LONGEST].casefold()
    if text.isascii():
        return text
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
