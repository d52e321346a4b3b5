"""How long searches take in a large index, in both engines, and how large the index is.

    .venv/bin/python benchmarks/search.py                          # a million articles: 20 minutes for each index
    .venv/bin/python benchmarks/search.py --articles 50000         # fewer
    …                                     --keep FOLDER            # keep the embedded index for the next run
    …                                     --engines embedded       # without Elasticsearch, which needs Maven and a JDK
    …                                     --sizes 20000            # only the size beside schema 2, of so many articles

An article is made of three of the corpus, drawn by its number: the title and the lede of one, and a part of the bodies
of two more, so that no two articles are alike and every word stands in as large a share of them as in the corpus. Every
article has ten words that no other has.

The queries are drawn from titles of the corpus, as many of each kind: one word to five, phrases, words with a source or
a span of days, whole headlines (which no article may have all words of, so fewer are searched), and words with a slip
(which are corrected). Each is asked with its highlights, ten hits a page, after as many others warmed the index up.
Facets are asked for apart, all eight at once, for the same queries.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from archive.articles import published_on
from archive.records import Article, Precision
from indexer import schema
from indexer.analysis.analyzer import exact_terms
from indexer.contract import PhysicalIndex, Provenance, SearchIndex
from indexer.documents import Document, document
from indexer.engines import open_index
from indexer.queries import Query
from indexer.query import read
from lexicon.words import STOP_WORDS

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from index import LETTERS, NEW_WORDS, Text, engines, texts  # noqa: E402  (its articles and its server)

from evaluation.search.slips import with_slip  # noqa: E402

WIB = timezone(timedelta(hours=7))
FIRST_DAY, DAYS = date(2010, 1, 1), 5_400
ALIAS = "bench-search"
BATCH = 1_000
EACH = 20
"""Queries of a kind."""
ADDED = ("lede", "credits", "photographers", "agencies", "local_time", "order", "month")
"""Fields that schema 3 added."""


# -- articles ---------------------------------------------------------------------------------------------------------


def documents(known: list[Text], count: int) -> Iterator[Document]:
    """The documents of so many articles."""
    for number in range(count):
        each = article(known, number)
        yield document(each, seq=number + 1, status="live", content_hash="", published_on=published_on(each))


def article(known: list[Text], number: int) -> Article:
    """The article of a number: the same in every run."""
    draw = random.Random(number)
    first, second, third = (known[draw.randrange(len(known))] for _ in range(3))
    length = max(3, len(first[2]))
    body = [*first[2][:2], *second[2][2 : 2 + length // 2], *third[2][-(length // 3) :]]
    own = " ".join(f"{draw.getrandbits(40):x}".translate(LETTERS) for _ in range(NEW_WORDS))
    return Article(
        id=f"{number:032x}",
        source=first[0],
        url=f"https://{first[0]}.example/{number}",
        title=first[1],
        body=(*body, own),
        published_at=datetime.combine(FIRST_DAY + timedelta(days=draw.randrange(DAYS)), datetime.min.time(), WIB)
        + timedelta(minutes=draw.randrange(1_440)),
        published_precision=Precision.MINUTE,
        authors=("Nur Imansyah",),
        section="nasional",
        agency="ANTARA" if number % 3 else None,
        language="id",
    )


# -- queries ----------------------------------------------------------------------------------------------------------


def queries(known: list[Text], seed: int) -> dict[str, list[str]]:
    """EACH queries of each kind."""
    draw = random.Random(seed)
    titles = [text for _, text, _ in known if len(_content(text)) >= 6]
    sources = sorted({source for source, _, _ in known})
    kinds: dict[str, Callable[[str], str]] = {
        "one word": lambda title: _drawn(draw, title, 1),
        "two words": lambda title: _drawn(draw, title, 2),
        "three words": lambda title: _drawn(draw, title, 3),
        "four words": lambda title: _drawn(draw, title, 4),
        "five words": lambda title: _drawn(draw, title, 5),
        "a phrase": lambda title: f'"{_neighbours(draw, title)}"',
        "words, source": lambda title: f"{_drawn(draw, title, 2)} source:{draw.choice(sources)}",
        "words, days": lambda title: f"{_drawn(draw, title, 2)} {_span(draw)}",
        "a headline, relaxed": lambda title: re.sub(r'["“”():]', " ", title),
        "a slip, corrected": lambda title: with_slip(_drawn(draw, title, 3), seed=title) or title,
    }
    return {kind: [make(draw.choice(titles)) for _ in range(EACH)] for kind, make in kinds.items()}


def _content(title: str) -> list[str]:
    return [word for word in dict.fromkeys(exact_terms(title)) if word not in STOP_WORDS and word.isalpha()]


def _drawn(draw: random.Random, title: str, count: int) -> str:
    return " ".join(draw.sample(_content(title), count))


def _neighbours(draw: random.Random, title: str) -> str:
    words = exact_terms(title)
    count = draw.choice((2, 3))
    at = draw.randrange(len(words) - count)
    return " ".join(words[at : at + count])


def _span(draw: random.Random) -> str:
    since = FIRST_DAY + timedelta(days=draw.randrange(DAYS))
    return f"after:{since} before:{since + timedelta(days=draw.choice((30, 365)))}"


# -- runs -------------------------------------------------------------------------------------------------------------


def filled(index: SearchIndex, known: list[Text], count: int) -> float:
    """Index the articles, unless the alias has that many. Returns articles a second, or 0.0."""
    target = index.alias_target()
    if target is not None and index.count(target) == count:
        return 0.0
    physical = PhysicalIndex.new(
        index.alias, Provenance(schema.SCHEMA_VERSION, "bench", "bench", "bench"), datetime.now(UTC)
    )
    index.create(physical)
    started = time.perf_counter()
    made = documents(known, count)
    with index.writer(physical.name) as writer:
        while batch := list(islice(made, BATCH)):
            writer.apply(batch)
    taken = time.perf_counter() - started
    index.swap(physical.name, expected=target)
    return count / taken


def timed(index: SearchIndex, texts_of: dict[str, list[str]], **options: Any) -> dict[str, list[float]]:
    """Milliseconds of each query, by kind."""
    taken: dict[str, list[float]] = {}
    for kind, asked in texts_of.items():
        for text in asked:
            root = read(text, WIB)
            started = time.perf_counter()
            index.search(Query(root, **options))
            taken.setdefault(kind, []).append(1_000 * (time.perf_counter() - started))
    return taken


def show(title: str, taken: dict[str, list[float]]) -> None:
    """Print a table of milliseconds."""
    print(f"\n{title:34}{'p50 ms':>9}{'p95 ms':>9}{'most':>9}")
    together = [each for times in taken.values() for each in times]
    for kind, times in [*taken.items(), ("all", together)]:
        cuts = statistics.quantiles(times, n=20, method="inclusive")
        print(f"{kind:34}{cuts[9]:>9.1f}{cuts[18]:>9.1f}{max(times):>9.1f}", flush=True)


def compare(name: str, index: SearchIndex, known: list[Text], count: int, size: Callable[[], int]) -> None:
    """Fill an engine, and print how long the queries and the facets take."""
    speed = filled(index, known, count)
    per_article = size() / count
    print(f"\n{name}: {count:,} articles{f', {speed:,.0f} a second' if speed else ''}, {per_article:,.0f} bytes each")
    timed(index, queries(known, seed=1))
    asked = queries(known, seed=2)
    show(f"{name}: hits and highlights", timed(index, asked))
    show(f"{name}: eight facets, apart", timed(index, asked, facets=tuple(schema.FACETS), limit=1, highlights=False))


def size_of(index: Any, folder: Path) -> int:
    """The bytes of an engine's index."""
    if index.engine == "embedded":
        return bytes_in(folder)
    return int(index.client.indices.stats(index=f"{ALIAS}*")["_all"]["total"]["store"]["size_in_bytes"])


def bytes_in(folder: Path) -> int:
    """The size of the files in a folder."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


def sizes(known: list[Text], count: int) -> None:
    """Print the size of the embedded index with schema 3, and without what it added to schema 2."""
    from indexer.embedded import documents as embedded

    found = {}
    for name, without in (("as it is", ()), ("without what schema 3 added", ADDED)):
        embedded.FIELDS = tuple(
            dataclasses.replace(field, facet=None) if without and field.kind is schema.Kind.NAME else field
            for field in schema.FIELDS
            if field.name not in without
        )
        with tempfile.TemporaryDirectory() as folder:
            filled(open_index("embedded:", Path(folder), ALIAS), known, count)
            found[name] = bytes_in(Path(folder)) / count
    embedded.FIELDS = schema.FIELDS
    before = found["without what schema 3 added"]
    for name, size in found.items():
        print(f"{name:34}{size:>9,.0f} bytes an article{size / before:>8.0%}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--engines", nargs="+", default=["embedded", "elasticsearch"])
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--sizes", type=int, metavar="N")
    options = parser.parse_args()
    known = texts()
    if options.sizes:
        return sizes(known, options.sizes)
    with tempfile.TemporaryDirectory() as made, engines(options.engines) as urls:
        folder = options.keep or Path(made)
        for name, url in urls.items():
            if name not in options.engines:
                continue
            index = open_index(url, folder, ALIAS)
            compare(name, index, known, options.articles, partial(size_of, index, folder))
    return None


if __name__ == "__main__":
    main()
