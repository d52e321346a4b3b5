"""Labelled pairs of texts, made from the corpus by a seeded script.

A copy is made as a desk makes one: cut from the end, a lede of its own, another dateline, reworded sentences, the
template of a network around it; one to three of these at once. A hard negative is two reports of one event: each has
sentences of its own, and both have the same quotations and names. Each pair comes from one source article, and no
article is in both halves.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from evaluation.search.summaries import OTHER_WORDS

SEED = 15
FEWEST_SENTENCES = 8
Text = list[str]
"""Sentences."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, whether they are copies, and how the second was made."""

    one: Text
    other: Text
    copy: bool
    how: str
    tuned: bool
    """In the half at which whoever tunes looks."""


def pairs(bodies: list[str], count: int) -> list[Pair]:
    """So many pairs, half of them copies, of the bodies in an order drawn by the seed."""
    draw = random.Random(SEED)
    texts = [text for text in map(sentences, dict.fromkeys(bodies)) if len(text) >= FEWEST_SENTENCES]
    draw.shuffle(texts)
    made = []
    for number, text in enumerate(texts[:count]):
        beside = texts[(number + count) % len(texts)]
        tuned = hashlib.sha256(" ".join(text).encode()).digest()[0] % 2 == 0
        made.append(_copy(text, beside, draw, tuned=tuned) if number % 2 else _two_reports(text, beside, tuned=tuned))
    return made


def sentences(body: str) -> Text:
    """The sentences of a body."""
    return [each for each in re.split(r'(?<=[.?!"”])\s+(?=[A-Z"“])', body) if each]


def _copy(text: Text, beside: Text, draw: random.Random, *, tuned: bool) -> Pair:
    names = draw.sample(sorted(CHANGES), draw.choice((1, 2, 3)))
    changed = text
    for name in sorted(names, key=list(CHANGES).index):
        changed = CHANGES[name](changed, beside, draw)
    return Pair(text, changed, copy=True, how=", ".join(names), tuned=tuned)


def _two_reports(text: Text, beside: Text, *, tuned: bool) -> Pair:
    """The sentences dealt out to two reports, the quotations to both; each report has some more of its own."""
    quotations = [each for each in text if re.search(r'["“]', each)][: max(1, len(text) // 6)]
    rest = [each for each in text if each not in quotations]
    half = len(beside) // 3
    one = [*rest[::2], *quotations, *beside[:half]]
    other = [*beside[half : 2 * half], *rest[1::2], *quotations]
    return Pair(one, other, copy=False, how="two reports of one event", tuned=tuned)


# -- what a desk does -------------------------------------------------------------------------------------------------


def _cut(text: Text, _beside: Text, draw: random.Random) -> Text:
    return text[: max(len(text) // 2, round(len(text) * draw.uniform(0.5, 0.9)))]


def _own_lede(text: Text, beside: Text, _draw: random.Random) -> Text:
    return [*beside[:1], *text[1:]]


def _other_dateline(text: Text, _beside: Text, draw: random.Random) -> Text:
    place, outlet = draw.choice(("Surabaya", "Medan", "Kupang")), draw.choice(("Kabar Kota", "Suara Desa"))
    return [f"{place}, {outlet} - {text[0]}", *text[1:]]


def _reworded(text: Text, _beside: Text, draw: random.Random) -> Text:
    """A third of the sentences get other words where the table has them, or lose their last clause."""
    return [_in_other_words(each) if draw.random() < 1 / 3 else each for each in text]


def _in_other_words(sentence: str) -> str:
    words = [OTHER_WORDS.get(word.lower(), word) for word in sentence.split()]
    if words == sentence.split() and "," in sentence:
        return f"{sentence.rpartition(',')[0]}."
    return " ".join(words)


def _template(text: Text, beside: Text, draw: random.Random) -> Text:
    extra = beside[-max(1, len(text) // 8) :]
    head = [f"Simak berita lain dari jaringan kami di kanal {draw.choice(('daerah', 'nasional'))} setiap hari."]
    foot = ["Ikuti juga saluran kami untuk mendapat kabar terbaru langsung di telepon genggam Anda."]
    return [*head, *text, *extra, *foot]


CHANGES: dict[str, Callable[[Text, Text, random.Random], Text]] = {
    "cut": _cut,
    "own lede": _own_lede,
    "other dateline": _other_dateline,
    "reworded": _reworded,
    "template": _template,
}
