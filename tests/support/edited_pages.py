"""Edits of pages, as publishers make them: cosmetic ones, which are no change of the story, and real ones.

Each function takes the HTML of a page, the article read from it and a source of chance. It returns the edited HTML, or
None where it has nothing to edit.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archive.records import Article

Edit = Callable[[str, Article, random.Random], str | None]


@dataclass(frozen=True, slots=True)
class EditedPage:
    """A page as it is kept: its address, its HTML, and when it was fetched."""

    name: str
    url: str
    html: str
    fetched_at: datetime


def _fragment(html: str, article: Article, draw: random.Random, wanted: re.Pattern[str]) -> re.Match[str] | None:
    """A place of the story's text that matches, in a run of text that the page has exactly once."""
    found = []
    for paragraph in article.body:
        for match in wanted.finditer(paragraph):
            around = paragraph[max(0, match.start() - 25) : match.end() + 25]
            if len(around) > 20 and "\n" not in around and html.count(around) == 1:
                begin = html.index(around) + match.start() - max(0, match.start() - 25)
                if _is_visible(html, begin):
                    found.append((begin, begin + len(match.group())))
    if not found:
        return None
    begin, end = draw.choice(found)
    return re.compile(re.escape(html[begin:end])).match(html, begin)


def _is_visible(html: str, place: int) -> bool:
    """Whether a place is neither inside a tag nor inside a script."""
    in_tag = html.rfind("<", 0, place) > html.rfind(">", 0, place)
    return not in_tag and html.rfind("<script", 0, place) <= html.rfind("</script", 0, place)


def _replaced(html: str, place: re.Match[str] | None, text: str) -> str | None:
    return None if place is None else html[: place.start()] + text + html[place.end() :]


def _paragraph_end(html: str, article: Article, draw: random.Random) -> int | None:
    """The end of a p element of the story that another one follows."""
    ends = []
    for one, other in zip(article.body, article.body[1:], strict=False):
        place, following = html.find(one[-30:]), html.find(other[:30])
        if 0 <= place < following and html.count(one[-30:]) == html.count(other[:30]) == 1:
            end = html.find("</p>", place)
            if 0 <= end < following and "<p" in html[end:following]:
                ends.append(end + 4)
    return draw.choice(ends) if ends else None


# -- cosmetic ---------------------------------------------------------------------------------------------------------


def quotation_marks(html: str, article: Article, draw: random.Random) -> str | None:
    place = _fragment(html, article, draw, re.compile(r"[\"“”‘’]"))
    return _replaced(html, place, draw.choice('"“”„«')) if place else None


def dashes(html: str, article: Article, draw: random.Random) -> str | None:
    place = _fragment(html, article, draw, re.compile(r"(?<=\w)[-–—‑](?=\w)| [–—-] "))
    if place is None:
        return None
    around = " " if place.group().startswith(" ") else ""
    return _replaced(html, place, f"{around}{draw.choice('–—‑-')}{around}")


def white_space(html: str, article: Article, draw: random.Random) -> str | None:
    place = _fragment(html, article, draw, re.compile(r"(?<=\w) (?=\w)"))
    return _replaced(html, place, draw.choice(("  ", "&nbsp;", "\n    ", " \u200b", "\u00a0")))


def soft_hyphens(html: str, article: Article, draw: random.Random) -> str | None:
    place = _fragment(html, article, draw, re.compile(r"(?<=[a-z]{4})(?=[a-z]{4})"))
    return _replaced(html, place, "&shy;")


def related_link(html: str, article: Article, draw: random.Random) -> str | None:
    end = _paragraph_end(html, article, draw)
    label = draw.choice(("Baca juga: ", "Simak juga: ", "BACA JUGA: ", "Lihat juga "))
    link = f'<p>{label}<a href="/berita/{draw.randrange(9999)}/lain">Harga Beras Naik di Pasar Kendari</a></p>'
    return None if end is None else html[:end] + link + html[end:]


def counter(html: str, article: Article, draw: random.Random) -> str | None:
    end = _paragraph_end(html, article, draw)
    text = draw.choice(("Dibaca {} kali", "{} views", "Dilihat: {}", "{} komentar"))
    shown = f'<p class="info">{text.format(draw.randrange(10, 9999))}</p>'
    return None if end is None else html[:end] + shown + html[end:]


COSMETIC: tuple[Edit, ...] = (quotation_marks, dashes, white_space, soft_hyphens, related_link, counter)

# -- real -------------------------------------------------------------------------------------------------------------


def headline(html: str, article: Article, draw: random.Random) -> str | None:
    words = [word for word in article.title.split() if len(word) > 4 and word.isalpha()]
    if not words:
        return None
    other = article.title.replace(draw.choice(words), draw.choice(("Batal", "Jumat", "Turun", "Gagal")), 1)
    return html.replace(article.title, other) if article.title in html else None


def number(html: str, article: Article, draw: random.Random) -> str | None:
    place = _fragment(html, article, draw, re.compile(r"(?<![\d./-])[1-9]\d{0,3}(?![\d./-])"))
    return _replaced(html, place, str(int(place.group()) + draw.randint(1, 9))) if place else None


def name(html: str, article: Article, draw: random.Random) -> str | None:
    place = _fragment(html, article, draw, re.compile(r"(?<=[a-z] )[A-Z][a-z]{3,}(?= [a-z])"))
    return _replaced(html, place, draw.choice(("Wulandari", "Situmorang", "Tangke")))


def word(html: str, article: Article, draw: random.Random) -> str | None:
    place = _fragment(html, article, draw, re.compile(r"(?<=[a-z] )[a-z]{5,}(?= [a-z])"))
    return _replaced(html, place, draw.choice(("membantah", "menolak", "batal")))


def more_text(html: str, article: Article, draw: random.Random) -> str | None:
    end = _paragraph_end(html, article, draw)
    said = draw.choice(("Polisi masih menyelidiki sebabnya.", "Harga beras di pasar belum berubah sejak Senin."))
    return None if end is None else f"{html[:end]}<p>{said} Warga diminta tetap tenang dan waspada.</p>{html[end:]}"


def less_text(html: str, article: Article, draw: random.Random) -> str | None:
    sentence = re.compile(r"(?<=[.] )[A-Z][^.\"“”<>\n]{30,200}[.](?= [A-Z])")
    return _replaced(html, _fragment(html, article, draw, sentence), "")


REAL: tuple[Edit, ...] = (headline, number, name, word, more_text, less_text)


def pairs(
    pages: list[tuple[EditedPage, Article]], edits: tuple[Edit, ...], count: int, draw: random.Random
) -> Iterator[tuple[EditedPage, str, EditedPage]]:
    """So many pairs of a page and its edited form, with the edit's name; every edit in turn. Raises LookupError."""
    made = tried = 0
    seen: set[tuple[str, str]] = set()
    while made < count:
        tried += 1
        if tried > 60 * count:
            raise LookupError(f"only {made} pairs can be made of these pages")
        page, article = draw.choice(pages)
        edit = edits[tried % len(edits)]
        html = edit(page.html, article, draw)
        if html is None or html == page.html or (page.name, html) in seen:
            continue
        seen.add((page.name, html))
        made += 1
        yield page, edit.__name__, EditedPage(page.name, page.url, html, page.fetched_at)
