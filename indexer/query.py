"""The query words (DESIGN: *Contracts*): from what somebody types to a question that both engines understand.

The text is first cut into words, phrases, brackets and fields, each with its place; luqum then reads how they are
joined, so that no odd character of a word ("C++", "50%", "a/b", a web address) means anything to it. As in Lucene and
Kibana, words side by side belong together more closely than OR does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from difflib import get_close_matches
from typing import Any

from indexer.analysis.analyzer import exact_terms
from indexer.contract import (
    All,
    And,
    DateRange,
    Node,
    Not,
    Or,
    Phrase,
    Term,
    Word,
)
from indexer.schema import QUERY_FIELDS

DATES = ("after", "before")
FIELDS = (*QUERY_FIELDS, *DATES)
LONGEST = 10_000
"""Characters of a query. Longer ones are pasted by mistake."""
DEEPEST = 50
"""Brackets within brackets."""

_TOKEN = re.compile(
    r"""(?P<blank>[\s\x00]+)
      | (?P<open>\() | (?P<close>\))
      | (?P<quote>["“”„])
      | (?P<operator>(?:AND|OR|NOT)(?=[\s()"]|$))
      | (?P<sign>[-+]+(?=[^\s)]))
      | (?P<field>[^\W\d]+:(?=["“”„(]|[^\s()"]))
      | (?P<empty>[^\W\d]+:(?=[\s)]|$))
      | (?P<word>[^\s()"“”„\x00]+)""",
    re.VERBOSE,
)
_ENDING = ("word", "phrase", "close")
"""The kinds of pieces with which something to look for may end."""
_CLOSING = re.compile(r'["“”]')
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


class BadQueryError(ValueError):
    """A query that cannot be read: a sentence, and the place (a character of the query) that it speaks of."""

    def __init__(self, sentence: str, query: str, position: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.query = query
        self.position = position


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of the query: what it is, its text, and where it begins."""

    kind: str
    text: str
    at: int


def read(text: str, zone: tzinfo) -> Node:
    """What a query asks for. `after:` and `before:` are days, months or years of `zone`. Raises BadQueryError.

    An empty query asks for everything. A sign that is no word ("&", "!") says nothing and is passed over.
    """
    if len(text) > LONGEST:
        raise BadQueryError(f"The query has {len(text)} characters; {LONGEST} are read at most.", text[:60], 0)
    reader = _Reader(text, zone)
    if not reader.pieces:
        if text.strip(" \t\r\n\x00"):
            raise BadQueryError("There is no word in the query.", text, len(text) - len(text.lstrip()))
        return All()
    return reader.read()


def moment(text: str, zone: tzinfo) -> datetime:
    """The first moment of a year, month or day ("2015", "2015-12", "2015-12-01") in a zone. Raises ValueError."""
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no year, month or day such as 2015, 2015-12 or 2015-12-01")
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return datetime(year, month, day, tzinfo=zone)
    except ValueError as error:
        raise ValueError(f"{text!r} is no date of the calendar") from error


def end_of(text: str, zone: tzinfo) -> datetime:
    """The first moment after a year, month or day in a zone, or the calendar's last. Raises ValueError."""
    start = moment(text, zone)
    parts = text.count("-")
    year, month = (start.year + 1, 1) if parts == 0 else (start.year + start.month // 12, start.month % 12 + 1)
    try:
        if parts < 2:
            return datetime(year, month, 1, tzinfo=zone)
        return datetime.fromordinal(start.toordinal() + 1).replace(tzinfo=zone)
    except ValueError:  # the calendar ends
        return datetime.max.replace(tzinfo=zone)


class _Reader:
    """Reads one query. Words and phrases are numbered for luqum, and found again by their number."""

    def __init__(self, text: str, zone: tzinfo) -> None:
        self.text = text
        self.zone = zone
        self.pieces = _without_silent(list(self._cut()))

    def _bad(self, sentence: str, position: int) -> BadQueryError:
        return BadQueryError(sentence, self.text, position)

    # -- cutting ------------------------------------------------------------------------------------------------------

    def _cut(self) -> Any:
        at = depth = 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            assert match is not None  # every character begins some token
            kind, token = str(match.lastgroup), match.group()
            if kind == "quote":
                closing = _CLOSING.search(self.text, match.end())
                if closing is None:
                    raise self._bad("This quotation mark is never closed.", at)
                yield _Piece("phrase", self.text[match.end() : closing.start()], at)
                at = closing.end()
                continue
            if kind == "empty" and token[:-1].lower() in FIELDS:
                raise self._bad(f"After {token} comes what to look for, without a blank between.", at)
            if kind == "field":
                if self._is_field(token[:-1].lower(), at):
                    yield _Piece("field", token[:-1].lower(), at)
                else:
                    token = self._whole_word(at)
                    yield _Piece("word", token, at)
                at += len(token)
                continue
            depth += (kind == "open") - (kind == "close")
            if depth > DEEPEST:
                raise self._bad(f"More than {DEEPEST} brackets stand within each other.", at)
            if depth < 0:
                raise self._bad("This bracket closes nothing.", at)
            if kind != "blank":
                yield _Piece("word" if kind == "empty" else kind, token, at)
            at = match.end()
        if depth:
            raise self._bad("This bracket is never closed.", self._unclosed())

    def _unclosed(self) -> int:
        opened: list[int] = []
        for match in re.finditer(r'["“”„][^"“”]*["“”]|[()]', self.text):
            if match.group() == "(":
                opened.append(match.start())
            elif match.group() == ")" and opened:
                opened.pop()
        return opened[-1] if opened else 0

    def _is_field(self, name: str, at: int) -> bool:
        """Whether a word before a colon is one of ours; one that only looks like it is refused, any other is text."""
        if name in FIELDS:
            return True
        meant = get_close_matches(name, FIELDS, n=1, cutoff=0.8)
        if meant:
            raise self._bad(f"There is no {name}: in a query; {meant[0]}: is meant?", at)
        return False

    def _whole_word(self, at: int) -> str:
        match = re.compile(r'[^\s()"“”„\x00]+').match(self.text, at)
        assert match is not None
        return match.group()

    # -- joining ------------------------------------------------------------------------------------------------------

    def read(self) -> Node:
        from luqum.exceptions import ParseError
        from luqum.thread import parse

        numbered: list[str] = []
        places: list[int] = []  # where each character given to luqum comes from
        for number, piece in enumerate(self.pieces):
            token = self._for_luqum(number, piece)
            if number and self.pieces[number - 1].kind in _ENDING and _begins(piece):
                token = f"AND {token}"  # said, because luqum joins what is not said now closely, now loosely
            token += "" if piece.kind in ("field", "sign") else " "
            numbered.append(token)
            places += [piece.at] * len(token)
        try:
            tree = parse("".join(numbered))
        except ParseError as error:
            found = re.search(r"at position (\d+)", str(error))
            at = places[int(found.group(1))] if found and int(found.group(1)) < len(places) else self.pieces[-1].at
            piece = next(each for each in self.pieces if each.at == at)
            raise self._bad(f"{piece.text!r} has nothing to join here.", at) from error
        return self._node(tree)

    def _for_luqum(self, number: int, piece: _Piece) -> str:
        before = self.pieces[number - 1] if number else piece
        if before is not piece and before.text == "NOT" and (piece.text == "NOT" or piece.kind == "sign"):
            raise self._bad("Two words or signs for not stand side by side here.", piece.at)
        match piece.kind:
            case "field":
                return f"{piece.text}:"
            case "word" | "phrase":
                return f"w{number}"
            case "sign":
                return piece.text[0]
        return piece.text

    def _node(self, tree: Any) -> Node:
        from luqum import tree as read

        match tree:
            case read.Word():
                return self._text(self._piece(tree))
            case read.SearchField():
                return self._field(tree.name, tree.expr)
            case read.Group():
                return self._node(tree.expr)
            case read.OrOperation():
                return Or(tuple(map(self._node, tree.children)))
            case read.AndOperation() | read.UnknownOperation():
                return _all(tuple(map(self._node, tree.children)))
            case read.Not() | read.Prohibit():
                return Not(self._node(tree.a))
            case read.Plus():
                return self._node(tree.a)
        raise AssertionError(f"luqum gave a {type(tree).__name__} for a query of plain words")

    def _piece(self, tree: Any) -> _Piece:
        return self.pieces[int(tree.value[1:])]

    def _text(self, piece: _Piece) -> Node:
        return Phrase(piece.text) if piece.kind == "phrase" else Word(piece.text)

    def _field(self, name: str, tree: Any) -> Node:
        from luqum import tree as read

        match tree:
            case read.Word():
                return self._value(name, self._piece(tree))
            case read.FieldGroup() | read.Group():
                return self._field(name, tree.expr)
            case read.OrOperation():
                return Or(tuple(self._field(name, child) for child in tree.children))
            case read.AndOperation() | read.UnknownOperation():
                return _all(tuple(self._field(name, child) for child in tree.children))
            case read.Not() | read.Prohibit():
                return Not(self._field(name, tree.a))
            case read.Plus():
                return self._field(name, tree.a)
        inner = next(piece for piece in self.pieces if piece.kind == "field" and piece.text == name)
        raise self._bad(f"Within {name}: no other field can be asked for.", inner.at)

    def _value(self, name: str, piece: _Piece) -> Node:
        if not piece.text.strip():
            raise self._bad(f"After {name}: comes what to look for, and these quotation marks are empty.", piece.at)
        if name not in DATES:
            return Term(QUERY_FIELDS[name], " ".join(piece.text.split()))
        try:
            when = moment(piece.text.strip(), self.zone)
        except ValueError as error:
            raise self._bad(f"{name}: takes a date, and {error}.", piece.at) from error
        return DateRange(since=when) if name == "after" else DateRange(until=when)


def _begins(piece: _Piece) -> bool:
    """Whether something to look for begins with this piece."""
    return piece.kind in ("word", "phrase", "open", "sign", "field") or piece.text == "NOT"


def _without_silent(pieces: Sequence[_Piece]) -> list[_Piece]:
    """The pieces without signs that are no words, and without what belonged to these alone ("-", "( )")."""
    left: list[_Piece] = []
    for number, piece in enumerate(pieces):
        silent = piece.kind in ("word", "phrase") and not exact_terms(piece.text)
        if silent and not (number and pieces[number - 1].kind == "field"):
            while left and left[-1].kind == "sign":
                left.pop()
            continue
        if piece.kind == "close" and left and left[-1].kind == "open":
            left.pop()
            continue
        left.append(piece)
    return left


def _all(parts: tuple[Node, ...]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, And) else (part,))
    return And(tuple(flat))
