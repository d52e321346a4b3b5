"""What differs between two versions of an article, word by word, and what kind of change that is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from archive.essence import folded
from archive.flags import WITHDRAWN
from archive.records import Article
from lexicon.corrections import is_correction, is_notice

MOST_WORK = 4_000_000
"""Words of one text times words of the other; beyond it a passage is shown as replaced whole."""
AROUND = 80
"""Characters of unchanged text that are shown before and after a change."""
_TOKEN = re.compile(r"\n|[^\S\n]+|\d[\d.,:/-]*\d|\w+|[^\w\s]")
_WHOLE = ("published", "modified", "agency")
"""Fields of which half a value says nothing."""
_FEW_WORDS = 8
"""A number or name is changed where at most so many words are; in a longer passage the text was rewritten."""
_NUMBER_WORDS = frozenset(
    "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas belas puluh seratus ratus seribu ribu "
    "juta miliar triliun setengah separuh sepertiga seperempat belasan puluhan ratusan ribuan jutaan pertama kedua "
    "ketiga keempat kelima".split()
)


class EditKind(StrEnum):
    """Kinds of change between two versions."""

    HEADLINE = "headline"
    NUMBER = "number"
    NAME = "name"
    DATE = "date"
    BYLINE = "byline"
    CAPTION = "caption"
    TEXT = "text"
    TYPO = "typo"
    CORRECTION = "correction"
    WITHDRAWN = "withdrawn"
    REREAD = "reread"


WEIGHTY = (EditKind.HEADLINE, EditKind.NUMBER, EditKind.NAME)
"""Changes that a reader should be told of: where no notice does, they are silent."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: in both versions ("="), only in the earlier ("-") or only in the later one ("+")."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs, and its text in both versions, piece by piece."""

    field: str
    pieces: tuple[Piece, ...]


def differences(one: Article, other: Article) -> tuple[FieldChange, ...]:
    """The fields that differ: headline, lede, body (without the lede), dates, names and captions."""
    after = _fields(other)
    both = ((name, text, after[name]) for name, text in _fields(one).items())
    return tuple(FieldChange(name, _compared(name, *texts)) for name, *texts in both if texts[0] != texts[1])


def shortened(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces, with "…" for most of a long unchanged text."""
    for number, piece in enumerate(pieces):
        if piece.sign != "=" or len(piece.text) <= 3 * AROUND:
            yield piece
            continue
        before = piece.text[:AROUND].rsplit(" ", 1)[0] if number else ""
        after = piece.text[-AROUND:].split(" ", 1)[-1] if number < len(pieces) - 1 else ""
        yield Piece("=", f"{before}{' ' if before else ''}…{' ' if after else ''}{after}")


def _compared(name: str, one: str, other: str) -> tuple[Piece, ...]:
    return tuple(_change(one, other)) if name in _WHOLE else compared(one, other)


def _fields(article: Article) -> dict[str, str]:
    modified, line = article.modified_at, article.dateline
    return {
        "headline": article.title,
        "lede": article.lede or "",
        "body": "\n".join(article.body[1:]),
        "published": article.published_at.isoformat(),
        "modified": modified.isoformat() if modified else "",
        "dateline": line.text if line else "",
        "authors": ", ".join(article.authors),
        "editors": ", ".join(article.editors),
        "agency": article.agency or "",
        "credit": article.credit or "",
        "captions": _captions(article),
    }


def compared(one: str, other: str) -> tuple[Piece, ...]:
    """Two texts as pieces: paragraph by paragraph, and word by word where paragraphs differ."""
    old, new = one.split("\n"), other.split("\n")
    pieces: list[Piece] = []
    for tag, begin, end, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = "\n".join(old[begin:end]), "\n".join(new[start:stop])
        glue = "\n" if pieces else ""
        if tag == "equal":
            pieces.append(Piece("=", glue + before))
        elif tag == "replace":
            pieces += [Piece("=", glue), *_by_words(before, after)] if glue else _by_words(before, after)
        else:
            pieces.append(Piece("-", glue + before) if tag == "delete" else Piece("+", glue + after))
    return tuple(_joined(pieces))


def _by_words(one: str, other: str) -> list[Piece]:
    old, new = _TOKEN.findall(one), _TOKEN.findall(other)
    if len(old) * len(new) > MOST_WORK:
        return [Piece("-", one), Piece("+", other)]
    pieces: list[Piece] = []
    for tag, begin, end, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("=", "".join(old[begin:end])))
            continue
        pieces += [Piece("-", "".join(old[begin:end])), Piece("+", "".join(new[start:stop]))]
    return pieces


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The pieces with a space between two changes taken into them: "[-satu dua-]{+tiga empat+}"."""
    removed = added = ""
    waiting = ""  # white space after a change, which belongs to it if another change follows
    for piece in pieces:
        if piece.sign == "=" and not piece.text.strip() and "\n" not in piece.text and (removed or added):
            waiting += piece.text
            continue
        if piece.sign == "=":
            yield from _change(removed, added)
            removed = added = ""
            if waiting + piece.text:
                yield Piece("=", waiting + piece.text)
            waiting = ""
            continue
        removed, added, waiting = removed + waiting, added + waiting, ""
        removed += piece.text if piece.sign == "-" else ""
        added += piece.text if piece.sign == "+" else ""
    yield from _change(removed, added)
    if waiting:
        yield Piece("=", waiting)


def _change(removed: str, added: str) -> Iterator[Piece]:
    if removed == added:
        if removed:
            yield Piece("=", removed)
        return
    if removed:
        yield Piece("-", removed)
    if added:
        yield Piece("+", added)


# -- kinds ------------------------------------------------------------------------------------------------------------


def kinds(one: Article, other: Article) -> tuple[EditKind, ...]:
    """The kinds of change from one version to the next.

    A *typo* is a word that is spelled differently, has no digit, and is no name (a name that is spelled as elsewhere in
    the story is a typo, too). A changed number or name counts where few words around it changed.
    """
    found: set[EditKind] = set()
    texts = {
        EditKind.HEADLINE: (one.title, other.title),
        EditKind.TEXT: ("\n".join(one.body), "\n".join(other.body)),
        EditKind.CAPTION: (_captions(one), _captions(other)),
    }
    for kind, (before, after) in texts.items():
        if folded(before) != folded(after):
            found |= _kinds_of_text(kind, before, after, known=_words_of(one))
    if one.published_at != other.published_at:
        found.add(EditKind.DATE)
    if (tuple(map(folded, one.authors)), one.agency) != (tuple(map(folded, other.authors)), other.agency):
        found.add(EditKind.BYLINE)
    if "correction" in other.flags and _told(other) - _told(one):
        found.add(EditKind.CORRECTION)
    if WITHDRAWN in other.flags and WITHDRAWN not in one.flags:
        found.add(EditKind.WITHDRAWN)
    return tuple(kind for kind in EditKind if kind in found)


def _told(article: Article) -> set[str]:
    """What an article says of its corrections: its notices, its headline if it is a correction's, what it corrects."""
    notices = {folded(paragraph) for paragraph in article.body if is_notice(paragraph)}
    title = {folded(article.title)} if is_correction(article.title) else set()
    return notices | title | {article.corrects or ""}


def is_silent(found: Sequence[EditKind]) -> bool:
    """Whether headline, a number or a name changed without a new notice of a correction."""
    told = EditKind.CORRECTION in found or EditKind.WITHDRAWN in found
    return not told and any(kind in found for kind in WEIGHTY)


def _words_of(article: Article) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", "\n".join((article.title, *article.body, _captions(article)))))


def _captions(article: Article) -> str:
    return "\n".join(image.caption for image in article.images if image.caption)


def _kinds_of_text(kind: EditKind, before: str, after: str, known: frozenset[str]) -> set[EditKind]:
    found: set[EditKind] = set()
    for old, new, starts_sentence in _changes(compared(before, after)):
        few = max(len(old), len(new)) <= _FEW_WORDS
        if folded("".join(old)) == folded("".join(new)):
            continue
        if _numbers(old) != _numbers(new) and few and old and new:
            found |= {EditKind.NUMBER, *((kind,) if kind is not EditKind.TEXT else ())}
        elif few and kind is not EditKind.HEADLINE and _names_differ(old, new, known, starts_sentence):
            found |= {EditKind.NAME, *((kind,) if kind is not EditKind.TEXT else ())}
        else:
            found.add(EditKind.TYPO if few and _is_typo(old, new) else kind)
    return found


def _changes(pieces: Sequence[Piece]) -> Iterator[tuple[list[str], list[str], bool]]:
    """The words of each change: those before, those after, and whether it starts a sentence."""
    said = ""
    removed = ""
    for piece in (*pieces, Piece("=", "")):
        if piece.sign == "-":
            removed = piece.text
            continue
        if removed or piece.sign == "+":
            added = piece.text if piece.sign == "+" else ""
            yield re.findall(r"\S+", removed), re.findall(r"\S+", added), _ends_sentence(said)
            said += added
            removed = ""
        if piece.sign == "=":
            said = (said + piece.text)[-80:]


def _ends_sentence(said: str) -> bool:
    text = said.rstrip(" \t\"'“”‘’(")
    return not text or text.endswith((".", "!", "?", ":", "\n"))


def _numbers(words: Sequence[str]) -> list[str]:
    plain = (word.strip(".,;:!?()\"'“”").casefold() for word in words)
    return [word for word in plain if any(map(str.isdigit, word)) or word in _NUMBER_WORDS]


def _names_differ(old: Sequence[str], new: Sequence[str], known: frozenset[str], starts_sentence: bool) -> bool:
    names, others = _names(old, starts_sentence), _names(new, starts_sentence)
    if not names or not others or names == others:
        return False
    respelled = [word for word in others if word not in names]
    return not (_is_typo(old, new) and respelled and all(word in known for word in respelled))


def _names(words: Sequence[str], starts_sentence: bool) -> list[str]:
    plain = [word.strip(".,;:!?()\"'“”‘’") for word in words]
    inside = plain[1:] if starts_sentence else plain
    return [word for word in inside if word[:1].isupper() and any(map(str.isalpha, word))]


def _is_typo(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether the words are the same, spelled otherwise: written as one, in another case, or with another letter."""
    one, other = (re.sub(r"[\W_]", "", "".join(words)).casefold() for words in (old, new))
    if one == other:
        return True
    if len(old) != len(new):
        return False
    return all(_is_near(*pair) for pair in zip(map(str.casefold, old), map(str.casefold, new), strict=True))


def _is_near(one: str, other: str) -> bool:
    if one == other:
        return True
    longest = max(len(one), len(other))
    return _distance(one, other) <= (0 if longest < 4 else 1 if longest < 8 else 2)


def _distance(one: str, other: str) -> int:
    """The edits from one word to another: letters added, left out, replaced, or two exchanged (Damerau)."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        earlier, before, row = before, row, [number]
        for place, against in enumerate(other, 1):
            cost = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != against))
            if number > 1 and place > 1 and letter == other[place - 2] and one[number - 2] == against:
                cost = min(cost, earlier[place - 2] + 1)
            row.append(cost)
    return row[-1]
