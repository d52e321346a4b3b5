"""Whether the whole of a story was read, judged by every other witness that its page has.

A witness says that there is more of the story than was read: JSON-LD's text or count of words, pages that go on at
other addresses, a text that breaks off, text in the story's element that was left out, a summary that is longer than
the story, a headline of which the text has no word. Witnesses are often wrong in small ways (they count captions, and
links to other stories), so each has a margin. None adds text: the article is flagged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from reading.credits.reader import is_boilerplate, is_credit_line
from reading.extract.body import letters, tidy
from reading.extract.lines import is_read_more
from reading.extract.story_block import shared_words, subject_words

INCOMPLETE = "body-incomplete"

_SENTENCE = re.compile(r"(?<=[.!?])[\"”’)]{0,2}\s+|\n+")
_FEWEST_SENTENCE_WORDS = 6
_MOST_SENTENCES = 300
_LONGEST_TEXT = 200_000
"""Letters that are compared; longer stories are reports of a whole day."""
_COMPARED = 36
"""Letters at both ends of a sentence: JSON-LD glues links to other stories to its sentences."""
_MISSING_WORDS = 25
_MISSING_SHARE = 0.12


@dataclass(slots=True)
class Signs:
    """What the readers of a page noticed around the story's text.

    `tail` has the lines at the end of the story's element and right below it, links too. `turned`: further pages of the
    story were on the page, and were read. `left_out` counts the words in the story's element that look like its text
    and were left out. `marks` are the page marks in and below it, "2 dari 5 halaman" as (2, 5).
    `fetches`: a button there fetches the rest of the text; `more`: its last line ends in a link to read more.
    """

    tail: list[str] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    turned: bool = False
    left_out: int = 0
    fetches: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What a page says about its story. `titles` are its headlines in a row, `descriptions` its summaries."""

    url: str
    titles: str
    article_body: str = ""
    word_count: str = ""
    descriptions: tuple[str, ...] = ()


def unread(tree: LexborHTMLParser, body: Sequence[str], said: Witnesses, signs: Signs) -> str | None:
    """Why there is more of the story than `body`, in a few words; None if no witness says so."""
    text = [paragraph for paragraph in body if not is_boilerplate(paragraph)]
    words = sum(len(paragraph.split()) for paragraph in text)
    if not words:
        return None
    told = letters("\n".join(body))[:_LONGEST_TEXT]
    confirmed, missing = _compared(said.article_body, told)
    if missing >= max(_MISSING_WORDS, _MISSING_SHARE * (confirmed + missing)) and confirmed >= 0.25 * missing:
        return f"JSON-LD's articleBody has {missing} more words"
    if _counts_more(said.word_count, words, len(" ".join(text))):
        return f"JSON-LD counts {said.word_count} words, and {words} were read"
    if signs.left_out >= max(60, words * 0.35):
        return f"{signs.left_out} words in the story's element were left out"
    if not signs.turned and (page := _further_page(tree, said.url, signs.marks)):
        return f"the story goes on: {page}"
    if signs.fetches and not signs.turned:
        return "a button fetches the rest"
    if not signs.turned and not signs.marks and any(map(_NEXT_PAGE.fullmatch, signs.tail)):
        return "a link leads to its next page"
    if _breaks_off(text, words, signs):
        return "its text breaks off"
    summary = max((len(each.split()) for each in said.descriptions), default=0)
    if words < 60 and summary > 1.2 * words + 5:
        return "its summary is longer"
    if _shares_no_word(said.titles, told) and not any(_agrees(each, told) for each in said.descriptions):
        return "it has no word of its headline"
    return None


def _compared(article_body: str, told: str) -> tuple[int, int]:
    """The words of JSON-LD's sentences that the text has, and of those that it lacks."""
    found = missing = 0
    for sentence in sentences(article_body):
        plain = letters(sentence)
        count = len(sentence.split())
        if plain[:_COMPARED] in told or plain[-_COMPARED:] in told:
            found += count
        elif not is_credit_line(sentence):
            missing += count
    return found, missing


_TAG = re.compile(r"<[^<>]{1,2000}>")


def sentences(text: str) -> list[str]:
    """The sentences of a text that are long enough to be compared; markup in it is dropped."""
    plain = _TAG.sub("\n", text) if "<" in text else text
    found = (tidy(each) for each in _SENTENCE.split(plain[: 2 * _LONGEST_TEXT]))
    return [each for each in found if len(each.split()) >= _FEWEST_SENTENCE_WORDS][:_MOST_SENTENCES]


def _counts_more(word_count: str, words: int, characters: int) -> bool:
    """Whether `wordCount` is clearly more than the words that were read. Some publishers count characters."""
    if not word_count.isdecimal() or len(word_count) > 6:
        return False
    count = int(word_count)
    return count > 1.25 * words + 25 and not 0.75 * characters < count < 1.6 * characters


_MARK = re.compile(
    r"(?:(?:halaman|hal\.?|laman|page)\s?:?\s?)?(\d{1,2})\s?(?:dari|of|/)\s?(\d{1,2})(?:\s?halaman)?"
    r"(?:[\s»›>|]|\d{1,2}\b|selanjutnya|berikutnya|sebelumnya|next|prev(?:ious)?|show all){0,30}",
    re.I,
)
_LONGEST_MARK = 60
# unlike "Lanjutkan membaca", this never unfolds what is on the page
_NEXT_PAGE = re.compile(
    r"\W{0,3}(?:lanjut(?:kan)? ?)?(?:ke )?(?:halaman (?:berikutnya|selanjutnya)|next page)\W{0,5}|\W{0,3}page 2\W{0,5}",
    re.I,
)
_PAGE_PARAMETERS = frozenset(("page", "hal", "halaman", "pg", "paged", "p", "pages"))
_ALL_PAGES = re.compile(r"(?:^|&)(?:page|single|show|halaman|view)=(?:all|1|semua|full|single)(?:&|$)", re.I)
_PAGE_IN_PATH = re.compile(r"/?(?:/|/page/|/halaman/|-page-|/page-)(\d{1,2})/?")
_IN_QUERY_OR_PLACE = frozenset("?#")
_PLAIN_SLUG = re.compile(r"[\w.%~-]+", re.ASCII)
_MOST_PAGES = 40
_MOST_LINKS = 3_000


def page_marks(lines: Iterable[str]) -> list[tuple[int, int]]:
    """The lines like "2 dari 5 halaman", as (2, 5)."""
    found = (_MARK.fullmatch(line.strip(" ()[]-–")) for line in lines if len(line) <= _LONGEST_MARK)
    marks = [(int(each[1]), int(each[2])) for each in found if each]
    return [(at, last) for at, last in marks if 1 <= at <= last <= _MOST_PAGES and last > 1]


def _further_page(tree: LexborHTMLParser, url: str, marks: Sequence[tuple[int, int]]) -> str | None:
    """A page mark or an address which says that the story has a further page; None on a page with all of it."""
    if marks:
        at, last = max(marks)
        return None if at == last else f"it is page {at} of {last}"
    own = urlsplit(url)
    if _ALL_PAGES.search(own.query) and not own.query.lower().endswith("page=1"):
        return None
    current = _page_number(own.query, own.path, own.path) or 1
    own_path = _without_page(own.path)
    slug = own_path.rstrip("/").rsplit("/", 1)[-1]
    same = f"a[href*='{slug}'], link[href*='{slug}']" if _PLAIN_SLUG.fullmatch(slug) else "a[href], link[href]"
    for node in tree.css(f"{same}, a[href^='?']")[:_MOST_LINKS]:
        href = node.attributes.get("href") or ""
        if slug not in href and not href.startswith("?"):
            continue  # another story's: cheaper to see than to join the address
        if _IN_QUERY_OR_PLACE.isdisjoint(href) and href.rstrip("/").endswith(slug):
            continue  # this page's
        try:
            link = urlsplit(urljoin(url, href))
        except ValueError:
            continue
        number = _page_number(link.query, link.path, own_path)
        if number is not None and current < number <= _MOST_PAGES:
            return f"page {number} is at {link.geturl()[:200]}"
    return None


def _without_page(path: str) -> str:
    return re.sub(r"(?:/page|/halaman)?/\d{1,2}/?$", "", path)


def _page_number(query: str, path: str, own: str) -> int | None:
    """The number of the page that an address of this story names; None for another story's address."""
    if not own.strip("/"):
        return None
    rest = path.rstrip("/").removeprefix(own.rstrip("/")) if path.startswith(own.rstrip("/")) else None
    if rest is None:
        return None
    if rest:
        found = _PAGE_IN_PATH.fullmatch(rest)
        return int(found[1]) if found else None
    for name, value in parse_qsl(query):
        if name.lower() in _PAGE_PARAMETERS and value.isdecimal() and len(value) <= 2:
            return int(value)
    return None


_CUT = ("[…]", "[...]", "(…)", "(...)", "[..]")
_ELLIPSIS = re.compile(r"[^\W\d_][,;]?\s?(?:…|\.{3,4})$")
_LONGEST_ELLIPSIS = 8
_SHORT = 120
"""Words: a longer story that has a button to read more below it has a summary of another one below it."""
_CLOSED = (".", "!", "?", '"', "”", "’", "'", ")", "]", "*", ";", ":")


def _breaks_off(text: Sequence[str], words: int, signs: Signs) -> bool:
    """Whether a text ends amid a sentence, or before a button to read more."""
    last = next((each for each in reversed(text) if not is_credit_line(each)), "").rstrip()
    if last.endswith(_CUT):
        return True
    cut = last.endswith(("…", "...")) and _ELLIPSIS.search(last[-_LONGEST_ELLIPSIS:]) is not None
    if cut and (words < 2 * _SHORT or signs.more):
        return True
    more = signs.more or any(len(line) <= 40 and is_read_more(line) for line in signs.tail)
    return more and (cut or words < _SHORT / 2 or (words < _SHORT and not last.endswith(_CLOSED)))


_FEWEST_SUBJECT_WORDS = 4


def _agrees(description: str, told: str) -> bool:
    """Whether the text has the summary's first words."""
    plain = letters(description)[:_COMPARED]
    return len(plain) == _COMPARED and plain in told


def _shares_no_word(titles: str, told: str) -> bool:
    """Whether the text has none of the headline's words: none of 5,000 stories of ten publishers is like that."""
    words = subject_words(titles)
    return len(words) >= _FEWEST_SUBJECT_WORDS and not shared_words(words, told)
