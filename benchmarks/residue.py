"""The dateline and credit readers on the real texts of ../shared/corpus: what they read, and what they miss.

    .venv/bin/python benchmarks/residue.py [--seed N] [--size 200] [--out FILE]

prints a table of coverage by publisher, and writes to FILE, to be read by a person: a sample of the texts with a
dateline (drawn with the printed seed), openings that look like a dateline but were not read, datelines that look wrong,
sign-offs, and every sentence that the credit reader would remove from a body. The texts are other people's work: FILE
is in the system's temporary folder by default, and must not go into the project.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lexicon.places import find_place
from reading.credits.datelines import StoryOpening, read_opening
from reading.credits.reader import is_credit_line, read_credits
from reading.story_end import closing_sign_off

CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus" / "articles.jsonl.gz"
SAMPLED = ("antara", "bisnis", "kompas", "kontan", "liputan6")
"""The publishers whose datelines the sample is drawn from."""
_HEAD = 400
_DOMAIN = re.compile(r"\w[\w-]+\.(?:com|co\.id|id|tv|net)\b", re.IGNORECASE)
_LIKE_DATELINE = re.compile(
    r"\((?:ANTARA|Antara)[^)]{0,30}\)"
    r"|\b(?:\w+\.)+(?:com|co\.id|id|tv)\b.{0,40}?(?:\s[-–—]|[-–—]\s|\.\s)"
    r"|^[A-Z][A-Z ,./]{3,30}\s?[-–—]",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"“(\[A-Z])")


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the corpus and what was read from it."""

    number: int
    source: str
    body: str
    opening: StoryOpening
    sign_off: str | None

    def shown(self) -> str:
        """Two lines for the sample: the printed opening, then what was read from it."""
        dateline, rest = self.opening.dateline, self.opening.rest
        lines = [f"#{self.number} {self.source}: {self.body[: max(150, len(self.opening.before) + 110)]!r}"]
        if dateline is None:
            return f"{lines[0]}\n    no dateline"
        place = f"{dateline.place} → {dateline.canonical} / {dateline.province} / {dateline.country}"
        before = f" | before {self.opening.before!r}" if self.opening.before else ""
        return f"{lines[0]}\n    {place} | {dateline.outlet}{before} | rest {rest[:50]!r}"


def texts() -> Iterator[Text]:
    """All texts of the corpus, in its order."""
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            row: dict[str, Any] = json.loads(line)
            body = row["body"]
            _, sign_off = closing_sign_off(body)
            yield Text(number, row["source"], body, read_opening(body), sign_off)


def looks_wrong(text: Text) -> bool:
    """Whether a dateline needs a second look: an unknown place, or an odd beginning of the text after it."""
    dateline, rest = text.opening.dateline, text.opening.rest
    if dateline is None:
        return False
    unknown = dateline.place is not None and dateline.country is None
    return unknown or not rest or not (rest[0].isupper() or rest[0] in "\"“'‘(" or rest[0].isdigit())


def carries_dateline(text: Text) -> bool:
    """Whether a dateline was read, or the opening looks as if there were one."""
    return text.opening.dateline is not None or _LIKE_DATELINE.search(text.body[:_HEAD]) is not None


def removed(text: Text) -> Iterator[str]:
    """The sentences that would be removed from the body if each were a paragraph."""
    for sentence in _SENTENCE.split(text.body):
        if is_credit_line(sentence):
            yield sentence


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--size", type=int, default=200, help="texts in the sample of datelines")
    parser.add_argument("--out", type=Path, help="where to write the sample and the residue")
    parser.add_argument("--table-only", action="store_true", help="print the table, and draw no sample")
    options = parser.parse_args()
    if not CORPUS.is_file():
        print("residue: SKIPPED, it needs ../shared/corpus, which is missing")
        return os.environ.get("CI") == "true"
    out = options.out or Path(tempfile.gettempdir()) / f"kliping-residue-{options.seed}.txt"
    everything = list(texts())
    _print_coverage(everything)
    if options.table_only:
        return 0
    with out.open("w", encoding="utf-8") as file:
        file.writelines(_report(everything, random.Random(options.seed), options.size))
    print(f"seed {options.seed}; the sample of {options.size} and the residue are in {out}")
    return 0


def _print_coverage(everything: list[Text]) -> None:
    rows: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for text in everything:
        row = rows[text.source]
        row["texts"] += 1
        head = read_credits(text.opening.before + "\n" + text.body[:300])
        row["dateline"] += text.opening.dateline is not None
        row["placed"] += text.opening.dateline is not None and text.opening.dateline.country is not None
        row["unread"] += text.opening.dateline is None and carries_dateline(text)
        row["byline"] += bool(head.authors)
        row["credit"] += bool(head.agency or head.source_credit)
        row["sign-off"] += text.sign_off is not None
    columns = ("texts", "dateline", "placed", "unread", "byline", "credit", "sign-off")
    print(f"{'publisher':14s}" + "".join(f"{name:>10s}" for name in columns))
    for source, row in sorted(rows.items()):
        print(f"{source:14s}" + "".join(f"{row[name]:10d}" for name in columns))


def _report(everything: list[Text], chance: random.Random, size: int) -> Iterator[str]:
    pool = [text for text in everything if text.source in SAMPLED and carries_dateline(text)]
    sample = chance.sample(pool, min(size, len(pool)))
    yield f"== {len(sample)} of {len(pool)} texts that carry a dateline\n"
    yield from (f"{text.shown()}\n" for text in sorted(sample, key=lambda text: (text.source, text.number)))
    unread = [text for text in everything if text.opening.dateline is None and carries_dateline(text)]
    yield f"\n== {len(unread)} openings that look like a dateline and were not read\n"
    yield from (f"{text.shown()}\n" for text in unread)
    wrong = [text for text in everything if looks_wrong(text)]
    yield f"\n== {len(wrong)} datelines that look wrong\n"
    yield from (f"{text.shown()}\n" for text in wrong)
    yield from _counted("sign-offs", (text.sign_off for text in everything if text.sign_off))
    yield from _counted("places unknown to the gazetteer", _unknown(everything))
    yield from _counted("sentences removed from a body", (each for text in everything for each in removed(text)))


def _unknown(everything: list[Text]) -> Iterator[str]:
    for text in everything:
        if text.opening.dateline and text.opening.dateline.place and find_place(text.opening.dateline.place) is None:
            yield text.opening.dateline.place


def _counted(title: str, found: Iterable[str]) -> Iterator[str]:
    counts = collections.Counter(found)
    yield f"\n== {title}: {counts.total()}, {len(counts)} different\n"
    yield from (f"{count:5d}  {what}\n" for what, count in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
