"""What our analysis costs: both engines index the same articles with it, and with the chain that Lucene brings along.

    .venv/bin/python benchmarks/analysis.py                       # 10,000 articles, three rounds
    .venv/bin/python benchmarks/analysis.py --engines embedded    # without Elasticsearch, which needs Maven and a JDK

The other chain is what Elastic's reference gives for `indonesian` (standard tokenizer, lowercase, stop words, stemmer),
and standard and lowercase for the exact twin: the same fields, without names, roots, residues, capitals and amounts.
Articles are those of ../shared/corpus, or of the newsstand if it is missing, repeated up to the number wanted. The two
take turns; every embedded run is a process of its own. Shares are of the articles a second, medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from index import article, texts  # noqa: E402  (the articles of the benchmark of indexing)

ROUNDS = 3
OURS, PLAIN = "our analysis", "Lucene's chain"
FLOOR = 0.65
"""The share that our analysis must reach: it may cost 35 %."""


def documents(count: int) -> list[Any]:
    """So many documents."""
    from archive.articles import published_on
    from indexer.documents import document

    known = texts()
    made = (article(number, known) for number in range(count))
    return [
        document(each, seq=seq, status="live", content_hash=each.content_hash, published_on=published_on(each))
        for seq, each in enumerate(made, start=1)
    ]


def physical(alias: str) -> Any:
    """A new index for the present schema."""
    from indexer.contract import PhysicalIndex, Provenance
    from indexer.schema import SCHEMA_VERSION

    return PhysicalIndex.new(alias, Provenance(SCHEMA_VERSION, "bench", "bench", "bench"), datetime.now(UTC))


# -- Elasticsearch ----------------------------------------------------------------------------------------------------


def plain_analysis() -> dict[str, Any]:
    """Lucene's chain under the names of our analyzers."""
    from indexer.elastic.mapping import FOLDED, STEMMED, WITH_SYNONYMS
    from indexer.schema import EXACT
    from lexicon.words import STOP_WORDS

    chain = {"type": "custom", "tokenizer": "standard"}
    stems = chain | {"filter": ["lowercase", "indonesian_stop", "indonesian_stemmer"]}
    return {
        "filter": {
            "indonesian_stop": {"type": "stop", "stopwords": sorted(STOP_WORDS)},
            "indonesian_stemmer": {"type": "stemmer", "language": "indonesian"},
        },
        "analyzer": {EXACT: chain | {"filter": ["lowercase"]}, STEMMED: stems, WITH_SYNONYMS: stems},
        "normalizer": {FOLDED: {"type": "custom", "filter": ["lowercase"]}},
    }


def into_elasticsearch(client: Any, lines: list[bytes], plain: bool) -> float:
    """Articles a second into a new index, refresh included."""
    from indexer.elastic.mapping import body_of

    made = physical("bench-analysis")
    body = body_of(made)
    if plain:
        body["settings"]["index"]["analysis"] = plain_analysis()
    client.indices.create(index=made.name, body=body)
    try:
        began = time.perf_counter()
        for at in range(0, len(lines), 1_000):
            sent = [each for line in lines[at : at + 1_000] for each in (b'{"index":{}}', line)]
            answer = client.bulk(index=made.name, operations=sent, filter_path="errors")
            assert not answer["errors"]
        client.indices.refresh(index=made.name)
        return len(lines) / (time.perf_counter() - began)
    finally:
        client.indices.delete(index=made.name)


@contextmanager
def server() -> Iterator[Any]:
    """A client of a real Elasticsearch, or None if there is none."""
    from elasticsearch import Elasticsearch

    from tests.support.elasticsearch.distribution import NotAvailableError
    from tests.support.elasticsearch.server import Server

    try:
        running = Server(heap="1g", options="")
    except NotAvailableError as error:
        print(f"Elasticsearch: SKIPPED, {error}")
        yield None
        return
    try:
        running.start()
        with Elasticsearch(running.url, request_timeout=120) as client:
            yield client
    finally:
        running.remove()


# -- the embedded engine ----------------------------------------------------------------------------------------------


def into_tantivy(count: int, plain: bool) -> float:
    """Articles a second into a new index, commit included."""
    from indexer.analysis import analyzer
    from indexer.embedded.index import EmbeddedIndex

    if plain:
        analyzer.NAMES, analyzer.ROOTS, analyzer.RESIDUES = frozenset(), {}, {}  # type: ignore[misc]
        analyzer.replaced = lambda text: text
        analyzer.may_have_abbreviations = lambda _: False
        analyzer.uniform = lambda word: word
    made = documents(count)
    with tempfile.TemporaryDirectory() as folder:
        index, target = EmbeddedIndex(Path(folder), "bench"), physical("bench")
        index.create(target)
        began = time.perf_counter()
        with index.writer(target.name) as writer:
            for at in range(0, count, 1_000):
                writer.send([writer.prepare(each) for each in made[at : at + 1_000]])
            writer.commit()
        return count / (time.perf_counter() - began)


def in_a_process(count: int, plain: bool) -> float:
    """`into_tantivy` in a process of its own."""
    command = [sys.executable, __file__, "--run", str(count), str(int(plain))]
    return float(json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout))


# -- both -------------------------------------------------------------------------------------------------------------


def compare(engine: str, run: Callable[[bool], float]) -> bool:
    """Print both speeds and the share, and return whether it is enough."""
    speeds: dict[bool, list[float]] = {False: [], True: []}
    run(True)  # warms up
    for turn in range(ROUNDS):
        for plain in (False, True) if turn % 2 else (True, False):
            speeds[plain].append(run(plain))
    share = statistics.median(ours / plain for ours, plain in zip(speeds[False], speeds[True], strict=True))
    for name, each in ((PLAIN, speeds[True]), (OURS, speeds[False])):
        print(f"{engine:16}{name:16}{statistics.median(each):>10,.0f} articles/s", flush=True)
    print(f"{engine:16}{'share':16}{share:>10.0%}  (floor {FLOOR:.0%})", flush=True)
    return share >= FLOOR


def main() -> int:
    """Print the table. Returns 1 if the analysis costs too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--engines", nargs="+", default=["embedded", "elasticsearch"])
    options = parser.parse_args()
    enough = True
    if "embedded" in options.engines:
        enough &= compare("embedded", lambda plain: in_a_process(options.articles, plain))
    if "elasticsearch" in options.engines:
        from indexer.elastic.mapping import source
        from indexer.schema import FIELDS

        fields = frozenset(field.name for field in FIELDS)
        lines = [source(each, fields) for each in documents(options.articles)]
        with server() as client:
            if client is not None:
                enough &= compare("elasticsearch", lambda plain: into_elasticsearch(client, lines, plain))
    return 0 if enough else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print(json.dumps(into_tantivy(int(sys.argv[2]), bool(int(sys.argv[3])))))
    else:
        sys.exit(main())
