"""How long searches take in a large index, in both engines. `sizes` tells how large it is.

    .venv/bin/python benchmarks/search.py                          # a million articles: 20 minutes for each index
    .venv/bin/python benchmarks/search.py --articles 50000         # fewer
    …                                     --keep FOLDER            # keep the indexes, and reuse those of an earlier run
    …                                     --engines embedded       # without Elasticsearch, which needs Maven and a JDK

The articles are those of `mixed`: each is made of three of the corpus.

The queries are drawn from titles of the corpus, as many of each kind: one word to five, phrases, words with a source or
a span of days, whole headlines (which no article may have all words of, so fewer are searched), and words with a slip
(which are corrected). Each is asked with its highlights, ten hits a page, after three times as many others warmed the
index and the server up. Facets are asked for apart, all eight at once, for the same queries.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from indexer import schema
from indexer.analysis.analyzer import exact_terms
from indexer.contract import PhysicalIndex, Provenance, SearchIndex
from indexer.engines import open_index
from indexer.queries import Query
from indexer.query import read
from lexicon.words import STOP_WORDS

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from index import Text, engines, texts  # noqa: E402  (its server)
from mixed import DAYS, FIRST_DAY, WIB, documents  # noqa: E402  (its articles)
from sizes import bytes_in  # noqa: E402

from evaluation.search.slips import with_slip  # noqa: E402

ALIAS = "bench-search"
BATCH = 1_000
COMMITTED = 15_000
"""Articles between two commits of the embedded engine: as many as a reindex commits at once (40 MB of records). Each
commit makes a segment, and every search reads all segments."""
WARMING = (1, 3, 4)
"""Seeds of the queries that are asked before: Java compiles what it runs often."""
EACH = 20
"""Queries of a kind."""


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
    if target is not None:
        wait_for_shards(index)
    if target is not None and index.count(target) == count:
        return 0.0
    physical = PhysicalIndex.new(
        index.alias, Provenance(schema.SCHEMA_VERSION, "bench", "bench", "bench"), datetime.now(UTC)
    )
    index.create(physical)
    started = time.perf_counter()
    made = documents(known, count)
    with index.writer(physical.name) as writer:
        for number in range(BATCH, count + BATCH, BATCH):
            writer.send([writer.prepare(each) for each in islice(made, BATCH)])
            if not writer.commit_bytes or number % COMMITTED == 0:
                writer.commit()
        writer.commit()
    taken = time.perf_counter() - started
    index.swap(physical.name, expected=target)
    wait_for_merges(index)
    return count / taken


def wait_for_shards(index: Any) -> None:
    """Wait until a server that was started on a kept index has read it."""
    if index.engine == "elasticsearch":
        index.client.options(request_timeout=310).cluster.health(
            index=f"{ALIAS}*", wait_for_status="yellow", timeout="300s"
        )


def wait_for_merges(index: Any) -> None:
    """Wait until Elasticsearch merges no more segments. The embedded engine's writer waits for its merges itself."""
    if index.engine == "elasticsearch":
        while index.client.indices.stats(index=f"{ALIAS}*")["_all"]["total"]["merges"]["current"]:
            time.sleep(1)


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
    for seed in WARMING:
        timed(index, queries(known, seed))
    asked = queries(known, seed=2)
    show(f"{name}: hits and highlights", timed(index, asked))
    show(f"{name}: eight facets, apart", timed(index, asked, facets=tuple(schema.FACETS), limit=1, highlights=False))


def size_of(index: Any, folder: Path) -> int:
    """The bytes of an engine's index."""
    if index.engine == "embedded":
        return bytes_in(folder)
    return int(index.client.indices.stats(index=f"{ALIAS}*")["_all"]["total"]["store"]["size_in_bytes"])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--engines", nargs="+", default=["embedded", "elasticsearch"])
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    known = texts()
    server = options.keep / "elasticsearch" if options.keep else None
    with tempfile.TemporaryDirectory() as made, engines(options.engines, server) as urls:
        folder = options.keep / "embedded" if options.keep else Path(made)
        for name, url in urls.items():
            if name not in options.engines:
                continue
            index = open_index(url, folder, ALIAS)
            compare(name, index, known, options.articles, partial(size_of, index, folder))


if __name__ == "__main__":
    main()
