"""The query syntax: turns what a person types into a query that both engines understand.

A tokenizer and a recursive descent parser. As in Lucene and Kibana, words side by side bind more tightly than OR.
No other character is syntax, so "C++", "50%", "a/b", "10:30" and web addresses are plain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from difflib import get_close_matches

from indexer.analysis.analyzer import exact_terms
from indexer.nodes import (
    All,
    And,
    Beginning,
    DateRange,
    Node,
    Not,
    Or,
    Phrase,
    Term,
    Word,
)
from indexer.schema import QUERY_FIELDS
from indexer.sentences import Sentence

DATES = ("after", "before")
WITHIN = {"title": ("title",)}
"""Field names of the syntax whose words are searched as those of text are, in these fields alone."""
FIELDS = (*QUERY_FIELDS, *WITHIN, *DATES)
MAX_LENGTH = 10_000
"""Characters of a query. A longer one was pasted by mistake."""
SHORTEST_BEGINNING = 3
"""Letters before a *. Fewer begin too many words."""
MAX_DEPTH = 50
"""Levels of nested brackets."""

_TOKEN = re.compile(
    rf"""(?P<blank>\s+)
      | (?P<open>\() | (?P<close>\))
      | ["“”„](?P<phrase>[^"“”]*)["“”]
      | (?P<unclosed>["“”„])
      | (?P<operator>(?:AND|OR|NOT)(?=[\s()"]|$))
      | (?P<sign>[-+]+(?=[^\s)]))
      | (?P<field>(?ai:{"|".join(FIELDS)})):(?P<bare>(?=[\s)]|$))?
      | (?P<word>(?:(?P<name>[^\W\d]+):(?=[^\s)]))?[^\s()"“”„]*)""",
    re.VERBOSE,
)
_WEB_ADDRESS = re.compile(r"[a-z]+://", re.IGNORECASE)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


class BadQueryError(ValueError):
    """A query that cannot be parsed: a message for the person, and the position (in characters) it points at."""

    def __init__(self, sentence: Sentence, query: str, position: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.query = query
        self.position = position


def read(text: str, zone: tzinfo) -> Node:
    """Parse a query. `after:` and `before:` take a day, month or year in `zone`. Raises BadQueryError.

    An empty query matches everything. Signs without a letter or digit ("&", "!") are skipped.
    """
    if len(text) > MAX_LENGTH:
        sentence = Sentence("too-long", length=len(text), limit=MAX_LENGTH)
        raise BadQueryError(sentence, text[:60], 0)
    tokens = _tokens(text)
    if tokens:
        return _Parser(text, tokens, zone).parse()
    if start := re.search(r"[^\s\0]", text):
        kind = "only-wildcards" if set(text) & set("?*") else "only-signs"
        raise BadQueryError(Sentence(kind), text, start.start())
    return All()


def moment(text: str, zone: tzinfo) -> datetime:
    """The first moment of a year, month or day ("2015", "2015-12", "2015-12-01") in a zone. Raises ValueError."""
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a year, month or day")
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return datetime(year, month, day, tzinfo=zone)
    except ValueError as error:
        raise ValueError(f"{text!r} is not in the calendar") from error


def end_of(text: str, zone: tzinfo) -> datetime:
    """The first moment after a year, month or day in a zone, or the calendar's last moment. Raises ValueError."""
    start = moment(text, zone)
    parts = text.count("-")
    year, month = (start.year + 1, 1) if parts == 0 else (start.year + start.month // 12, start.month % 12 + 1)
    try:
        if parts < 2:
            return datetime(year, month, 1, tzinfo=zone)
        return datetime.fromordinal(start.toordinal() + 1).replace(tzinfo=zone)
    except ValueError:  # the calendar ends
        return datetime.max.replace(tzinfo=zone)


@dataclass(frozen=True, slots=True)
class _Token:
    """`kind` is the group of `_TOKEN` that matched, or the operator. `at` is where the token begins in the query."""

    kind: str
    text: str
    at: int


def _tokens(query: str) -> list[_Token]:
    """The tokens of a query, their brackets in pairs. Raises BadQueryError.

    Skips words without a letter or digit, empty brackets, and the signs before either ("a - b", "-()").
    """
    tokens: list[_Token] = []
    for token in _scan(query):
        previous = tokens[-1].kind if tokens else ""
        if token.kind == "close" and previous == "open":
            tokens.pop()
        elif token.kind not in ("word", "phrase") or previous == "field" or exact_terms(token.text):
            tokens.append(token)
            continue
        while tokens and tokens[-1].kind == "sign":
            tokens.pop()
        if tokens and tokens[-1].kind == "field":
            raise _without_value(query, tokens[-1])
    return tokens


def _scan(query: str) -> Iterator[_Token]:
    opened: list[int] = []
    for match in _TOKEN.finditer(query.replace("\0", " ")):
        kind, at = str(match.lastgroup), match.start()
        match kind:
            case "blank":
                continue
            case "open":
                opened.append(at)
                if len(opened) > MAX_DEPTH:
                    raise BadQueryError(Sentence("too-deep", limit=MAX_DEPTH), query, at)
            case "close":
                if not opened:
                    raise BadQueryError(Sentence("closes-nothing"), query, at)
                opened.pop()
            case "unclosed":
                raise BadQueryError(Sentence("unclosed-quote"), query, at)
            case "bare":
                raise _without_value(query, _Token("field", match["field"], at))
            case "word" if match["name"] and not _WEB_ADDRESS.match(match["word"]):
                raise BadQueryError(_unknown_field(match["name"]), query, at)
        yield _Token(match[kind] if kind == "operator" else kind, match[kind], at)
    if opened:
        raise BadQueryError(Sentence("unclosed-bracket"), query, opened[-1])


def _unknown_field(name: str) -> Sentence:
    if meant := get_close_matches(name.lower(), FIELDS, 1, 0.8):
        return Sentence("unknown-field-meant", name=name, meant=meant[0])
    return Sentence("unknown-field", name=name, known=", ".join(FIELDS))


def _without_value(query: str, field: _Token) -> BadQueryError:
    return BadQueryError(Sentence("no-value", name=field.text), query, field.at)


def _exactly(node: Node) -> Node:
    """What `+`, `-` or NOT stands before: its words must occur exactly, unstemmed, and are never relaxed."""
    match node:
        case Word(text, within):
            return Phrase(text, within)
        case And(parts):
            return And(tuple(map(_exactly, parts)))
        case Or(parts):
            return Or(tuple(map(_exactly, parts)))
        case _:
            return node


class _Parser:
    """Recursive descent, one method for each level of binding. `field` is the field whose value is being parsed."""

    def __init__(self, query: str, tokens: list[_Token], zone: tzinfo) -> None:
        self._query = query
        self._tokens = [*tokens, _Token("end", "", len(query))]
        self._zone = zone
        self._next = 0

    def parse(self) -> Node:
        return self._alternatives(None)

    def _alternatives(self, field: _Token | None) -> Node:
        parts = [self._sequence(field)]
        while self._take("OR"):
            parts.append(self._sequence(field))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _sequence(self, field: _Token | None) -> Node:
        parts = [self._operand(field)]
        while self._take("AND") or self._tokens[self._next].kind not in ("OR", "close", "end"):
            parts.append(self._operand(field))
        if len(parts) == 1:
            return parts[0]
        return And(tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))))

    def _operand(self, field: _Token | None) -> Node:
        token = self._tokens[self._next]
        self._next += 1
        match token.kind:
            case "open":
                node = self._alternatives(field)
                self._next += 1  # the closing bracket: `_scan` has checked that there is one
                return node
            case "NOT":
                following = self._tokens[self._next]
                if following.kind in ("NOT", "sign"):
                    raise self._bad(Sentence("after-not", sign=following.text), following)
                return Not(_exactly(self._operand(field)))
            case "sign":
                operand = _exactly(self._operand(field))
                return Not(operand) if token.text[0] == "-" else operand
            case "field":
                if field:
                    raise self._bad(Sentence("field-in-field", outer=field.text, inner=token.text), field)
                return self._operand(token)
            case "word":
                return self._value(field, token) if field else self._word(token)
            case "phrase":
                return self._value(field, token) if field else Phrase(token.text)
        operator = token if token.kind in ("AND", "OR") else self._tokens[self._next - 2]
        kind = "needs-one" if operator.kind == "NOT" else "needs-both"
        raise self._bad(Sentence(kind, operator=operator.text), operator)

    def _word(self, token: _Token) -> Node:
        beginning = token.text.removesuffix("*")
        if beginning == token.text or not beginning[-1:].isalnum():
            return Word(token.text)
        if len(exact_terms(beginning)) > 1 or len(beginning) < SHORTEST_BEGINNING:
            raise self._bad(Sentence("short-beginning", letters=SHORTEST_BEGINNING), token)
        return Beginning(beginning)

    def _value(self, field: _Token, value: _Token) -> Node:
        name = field.text.lower()
        text = " ".join(value.text.split())
        if not text:
            raise self._bad(Sentence("empty-value", name=name), value)
        if name in WITHIN:
            kind = Phrase if value.kind == "phrase" else Word
            return kind(text, WITHIN[name])
        if name not in DATES:
            return Term(QUERY_FIELDS[name], text)
        try:
            when = moment(text, self._zone)
        except ValueError as error:
            problem = "not-in-calendar" if _DAY.fullmatch(text) else "no-date"
            raise self._bad(Sentence(problem, name=name, text=repr(text)), value) from error
        return DateRange(since=when) if name == "after" else DateRange(until=when)

    def _take(self, kind: str) -> bool:
        taken = self._tokens[self._next].kind == kind
        self._next += taken
        return taken

    def _bad(self, sentence: Sentence, token: _Token) -> BadQueryError:
        return BadQueryError(sentence, self._query, token.at)
