"""Sentences about a query for people, each with what it is made of: a page can say it in another language, and link to
the query that it offers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SENTENCES: Mapping[str, str] = {
    # --- a query that cannot be read
    "too-long": "The query has {length} characters, and the limit is {limit}. Shorten it.",
    "only-signs": "The query has signs but no words. Add a word to search for.",
    "only-wildcards": "The query has signs but no words. Add a word to search for. * stands for the end of a word "
    "(lhokseu*), and ? for nothing.",
    "too-deep": "More than {limit} brackets are open here. Remove some.",
    "closes-nothing": "This bracket closes nothing. Remove it.",
    "unclosed-quote": "This quotation mark is never closed. Close it, or remove it.",
    "unclosed-bracket": "This bracket is never closed. Close it, or remove it.",
    "unknown-field": "There is no field {name}. The fields are {known}. Quote it to search for the text itself.",
    "unknown-field-meant": "There is no field {name}. Did you mean {meant}? Quote it to search for the text itself.",
    "no-value": "{name}: has no value. Write it right after the colon, without a space.",
    "empty-value": "{name}: has no value. Write it between these quotation marks.",
    "after-not": "{sign} cannot follow NOT. Remove one of them, or quote NOT to search for it.",
    "field-in-field": "{outer}: cannot contain {inner}:. Write each field on its own.",
    "needs-both": "{operator} needs a word on both sides. Remove it, or quote it to search for the word itself.",
    "needs-one": "{operator} needs a word after it. Remove it, or quote it to search for the word itself.",
    "short-beginning": "* needs one word with at least {letters} letters before it. Write more of the word, or remove "
    "the *.",
    "no-date": "{name}: needs a date, and {text} is not a year, month or day. Write it like 2015-12-01, 2015-12 or "
    "2015.",
    "not-in-calendar": "{name}: needs a date, and {text} is not in the calendar. Write it like 2015-12-01, 2015-12 or "
    "2015.",
    "no-words": "A watch needs words to look for.",
    # --- what to try next (`indexer.hints`)
    "capitals": "{names} must be in capitals to join words: {tried}",
    "inner-sign": "“{word}” is searched without its signs: * stands only for the end of a word (lhokseu*), and ? for "
    "nothing. Words are found in all their forms, and with a slip or two.",
    "same-day": "The range of dates is empty, because before: excludes its day: {after} is not earlier than {before}.",
    "wrong-way": "The range of dates is empty: {after} is later than {before}. The other way round: {tried}",
    "unknown-value": "No article in the index has {value}.",
    "unknown-value-meant": "No article in the index has {value}. Did you mean {tried}?",
    "unknown-value-known": "No article in the index has {value}. There is {known}.",
    "unknown-name": "No article in the index has {value}. Names of people are found by their words: leave some out.",
    "without-one": "Without {left_out}, 1 article is found.",
    "without-many": "Without {left_out}, {found} articles are found.",
    "apart-one": "1 article has the words of {phrase} apart: {tried}",
    "apart-many": "{found} articles have the words of {phrase} apart: {tried}",
    "no-articles": "The index has no articles yet. `kliping index status` tells what it waits for.",
    "other-words": "Try other words, or fewer conditions.",
    "beginning": "No article has these words, or words like them. Try another word for the same thing, or the "
    "beginning of a word: {tried}",
}  # fmt: skip
"""The sentences in English, by kind."""


class Sentence(str):
    """A sentence of SENTENCES, with its kind and values. `tried` is the query, as typed, that it offers, if any."""

    kind: str
    values: Mapping[str, Any]
    tried: str | None

    def __new__(cls, kind: str, tried: str | None = None, **values: Any) -> Sentence:
        """Raises KeyError for a kind that is not in the table, or a value that its sentence lacks."""
        known = values if tried is None else values | {"tried": tried}
        made = super().__new__(cls, SENTENCES[kind].format_map(known))
        made.kind, made.values, made.tried = kind, known, tried
        return made
