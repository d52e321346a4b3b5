"""How well `related` finds articles about the same: the second half of an article by its title and first half.

Some articles of ../shared/corpus are cut in two. One half keeps the title, the first words of the other are its title,
and both stand among all other articles. MRR@5 is the mean of 1 / rank of the other half in the first five; recall@5 the
share of halves that are among them (other articles may be about the same, so neither can reach 1). "Hits" is how many
articles are called related. The peer is tantivy's own "more like this", on the same words of the field `body`.

    .venv/bin/python benchmarks/related.py [ARTICLES]
"""

from __future__ import annotations

import gzip
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from typing import Any

import tantivy

from archive.articles import published_on
from archive.records import Article, Precision
from indexer import related
from indexer.analysis.analyzer import stemmed_terms
from indexer.contract import PhysicalIndex, Provenance
from indexer.documents import Document, document
from indexer.embedded import search as embedded_search
from indexer.embedded.documents import PRETOKENIZED, whitespace_tokenizer
from indexer.embedded.index import EmbeddedIndex

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "articles.jsonl.gz"
CUT = 200
"""Articles that are cut in two."""
DEPTH = 5
SEED = 13
SENTENCES = 10
"""Sentences that an article needs to be cut: each half is then a short story of its own."""

Find = Callable[[str], Sequence[str]]
"""Returns the ids of the articles related to one."""


def documents(cut: int) -> Iterator[Document]:
    """The corpus. Of each article that is cut, "N-a" is the half with the title and "N-b" the other."""
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        rows = list(map(json.loads, lines))
    parts = [[each for each in row["body"].replace("\n", " ").split(". ") if each.strip()] for row in rows]
    long = [number for number, sentences in enumerate(parts) if len(sentences) >= SENTENCES]
    chosen = set(random.Random(SEED).sample(long, min(cut, len(long))))
    for number, (row, sentences) in enumerate(zip(rows, parts, strict=True)):
        if number in chosen:
            middle = len(sentences) // 2
            yield _document(f"{number}-a", 2 * number + 1, row["title"], sentences[:middle])
            yield _document(f"{number}-b", 2 * number + 2, sentences[middle][:90], sentences[middle + 1 :])
        else:
            yield _document(str(number), 2 * number + 1, row["title"], sentences)


def _document(name: str, seq: int, title: str, sentences: list[str]) -> Document:
    article = Article(
        id=name,
        source="corpus",
        url=None,
        title=title,
        body=tuple(". ".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2)),
        published_at=date(2020, 1, 1),
        published_precision=Precision.DAY,
    )
    return document(article, seq=seq, status="live", content_hash="", published_on=published_on(article))


def indexed(texts: list[Document], folder: Path) -> EmbeddedIndex:
    """The embedded engine with these documents."""
    index = EmbeddedIndex(folder, "related")
    physical = PhysicalIndex.new("related", Provenance(1, "", "", ""), datetime.now(UTC))
    index.create(physical)
    index.swap(physical.name, expected=None)
    with index.writer(physical.name) as writer:
        writer.apply(texts)
    return index


def peer(index: EmbeddedIndex, texts: list[Document]) -> Find:
    """tantivy's own query, with its defaults but for words that occur once, which a short text has most."""
    opened = tantivy.Index.open(str(index.folder / str(index.alias_target())))
    opened.register_tokenizer(PRETOKENIZED, whitespace_tokenizer())
    searcher = opened.searcher()
    by_id = {each.id: each for each in texts}

    def find(article_id: str) -> list[str]:
        text = by_id[article_id]
        words = " ".join(stemmed_terms(" ".join((text.title, *text.body))))
        query = tantivy.Query.more_like_this_document_fields_query(
            opened.schema, {"body": [words]}, min_doc_frequency=2, min_term_frequency=1
        )
        found: list[Any] = searcher.search(query, DEPTH + 1).hits
        ids = [json.loads(searcher.doc(address)[embedded_search.STORED][0])["id"] for _, address in found]
        return [each for each in ids if each != article_id][:DEPTH]

    return find


def score(find: Find, halves: list[str]) -> tuple[float, float, float, float]:
    """MRR, recall, mean number of hits, and milliseconds for one article."""
    ranks, hits, began = [], 0, time.perf_counter()
    for half in halves:
        found = list(find(half))
        other = half.removesuffix("-a") + "-b"
        ranks.append(1 + found.index(other) if other in found else 0)
        hits += len(found)
    took = 1000 * (time.perf_counter() - began) / len(halves)
    return (
        sum(1 / rank for rank in ranks if rank) / len(ranks),
        sum(map(bool, ranks)) / len(ranks),
        hits / len(halves),
        took,
    )


def main() -> None:
    """Print the table."""
    if not CORPUS.exists():
        print(f"related: SKIPPED, it needs {os.path.relpath(CORPUS)}")
        return
    texts = list(documents(int(sys.argv[1]) if len(sys.argv) > 1 else CUT))
    halves = [each.id for each in texts if each.id.endswith("-a")]
    print(f"{len(halves)} articles cut in two, among {len(texts)}\n\n{'':26}  MRR@5  recall@5  hits     ms")
    with tempfile.TemporaryDirectory() as folder:
        index = indexed(texts, Path(folder))

        def ours(article_id: str) -> list[str]:
            return [hit.id for hit in related.related(index, article_id, DEPTH)]

        rows = {"tantivy's more like this": score(peer(index, texts), halves)}
        chosen = related.TELLING, related.SIMILAR
        for telling, similar in product((8, 12, 16), (0.0, 0.1, 0.2, 0.3)):
            related.TELLING, related.SIMILAR = telling, similar
            rows[f"{telling} words, similar {similar}"] = score(ours, halves)
        related.TELLING, related.SIMILAR = chosen
        rows[f"kliping as it is {chosen}"] = score(ours, halves)
    for name, (mrr, recall, hits, took) in rows.items():
        print(f"{name:26}  {mrr:5.3f}  {recall:8.3f}  {hits:4.1f}  {took:5.1f}")


if __name__ == "__main__":
    main()
