"""Edits of pages, as publishers make them: cosmetic ones, which are no change of the story, and real ones.

Each function takes the HTML of a page, the article read from it and a source of chance. It returns the edited HTML, or
None where it has nothing to edit.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
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
    return _fragment_of(html, article.body, draw, wanted)


def _fragment_of(html: str, texts: Iterable[str], draw: random.Random, wanted: re.Pattern[str]) -> re.Match[str] | None:
    found = []
    for paragraph in texts:
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


def advertisement(html: str, article: Article, draw: random.Random) -> str | None:
    end = _paragraph_end(html, article, draw)
    label = draw.choice(("ADVERTISEMENT", "SCROLL TO CONTINUE WITH CONTENT", "Advertisement", "Iklan"))
    shown = draw.choice(
        (
            f'<div class="ads"><span>{label}</span><img src="/ads/{draw.randrange(9999)}.gif" width="300"></div>',
            f'<div class="iklan"><p>{label}</p></div>',
            f"<p>{label}</p>",
            '<ins class="adsbygoogle"></ins><script>(adsbygoogle = window.adsbygoogle || []).push({});</script>',
        )
    )
    return None if end is None else html[:end] + shown + html[end:]


def template(html: str, article: Article, draw: random.Random) -> str | None:  # noqa: ARG001  as every edit
    """What stands around each story of a site: menu, footer, scripts, the order of attributes of the page."""
    year = draw.randrange(2020, 2030)
    menu = '<div class="menu-atas"><a href="/">Beranda</a> <a href="/indeks">Indeks</a> <a href="/foto">Foto</a></div>'
    footer = f'<div class="kaki"><p>Hak cipta © {year} Redaksi. <a href="/pedoman">Pedoman Media Siber</a></p></div>'
    begin = re.search(r"<body[^>]*>", html)
    if begin is None or "</body>" not in html or "</head>" not in html:
        return None
    with_menu = f"{html[: begin.end()]}{menu}{html[begin.end() :]}"
    above, _, below = with_menu.rpartition("</body>")
    with_footer = f"{above}{footer}</body>{below}"
    script = f'<script src="/js/app.{draw.randrange(10**6)}.js"></script><link rel="stylesheet" href="/css/{year}.css">'
    return with_footer.replace("</head>", f"{script}</head>", 1)


COSMETIC: tuple[Edit, ...] = (
    quotation_marks,
    dashes,
    white_space,
    soft_hyphens,
    related_link,
    counter,
    advertisement,
    template,
)

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


def date(html: str, article: Article, draw: random.Random) -> str | None:
    """Another time of publication, wherever the page tells it."""
    if not isinstance(article.published_at, datetime):
        return None
    hour, minute = article.published_at.hour, article.published_at.minute
    other = (minute + draw.randint(1, 40)) % 60
    edited = re.sub(rf"(?<!\d){hour:02d}([.:]){minute:02d}(?!\d)", rf"{hour:02d}\g<1>{other:02d}", html)
    return edited if edited != html else None


def caption(html: str, article: Article, draw: random.Random) -> str | None:
    texts = [image.caption for image in article.images if image.caption]
    place = _fragment_of(html, texts, draw, re.compile(r"(?<=[a-z] )[a-z]{5,}(?= [a-z])"))
    return _replaced(html, place, draw.choice(("membantah", "menolak", "batal")))


REAL: tuple[Edit, ...] = (headline, number, name, word, more_text, less_text, date, caption)


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
