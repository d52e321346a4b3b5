"""How well searches rank: questions about news, each answered by one passage.

The passages of ../shared/relevance (IndoNLU FacQA) are indexed as articles without a title; each question is searched
as the OR of its words. MRR@10 is the mean of 1 / rank of the right passage in the first ten, recall@10 the share of
questions whose passage is among them. The peer is tantivy with its own tokenizer, on the same texts in the same run;
the rows between show the effect of the stemmed and exact twins of a field, and of their weights.

    .venv/bin/python benchmarks/ranking.py
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import tantivy

from archive.articles import published_on
from archive.records import Article, Precision
from indexer.analysis.analyzer import exact_terms
from indexer.contract import PhysicalIndex, Provenance
from indexer.documents import document
from indexer.embedded import search as embedded_search
from indexer.embedded.index import EmbeddedIndex
from indexer.nodes import Or, Word
from indexer.queries import Query

QUESTIONS = Path(__file__).parents[2] / "shared" / "relevance" / "facqa.jsonl.gz"
DEPTH = 10

Search = Callable[[str], list[str]]
"""Returns the ids found for a question, best first."""


def read() -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The passages by id, and the questions, each with the id of the passage that answers it."""
    passages, questions = {}, []
    with gzip.open(QUESTIONS, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if "question" in row:
                questions.append((row["question"], str(row["passage"])))
            else:
                passages[str(row["passage"])] = row["text"]
    return passages, questions


def ours(passages: dict[str, str], folder: Path) -> Search:
    """A search with the embedded engine."""
    index = EmbeddedIndex(folder, "ranking")
    physical = PhysicalIndex.new("ranking", Provenance(1, "", "", ""), datetime.now(UTC))
    index.create(physical)
    index.swap(physical.name, expected=None)
    with index.writer(physical.name) as writer:
        writer.apply([_document(number, text) for number, text in passages.items()])

    def search(question: str) -> list[str]:
        words = tuple(map(Word, exact_terms(question)))
        return [hit.id for hit in index.search(Query(Or(words), limit=DEPTH)).hits]

    return search


def _document(number: str, text: str) -> Any:
    article = Article(
        id=number,
        source="facqa",
        url=None,
        title="",
        body=(text,),
        published_at=date(2020, 1, 1),
        published_precision=Precision.DAY,
    )
    return document(article, seq=1 + int(number), status="live", content_hash="", published_on=published_on(article))


def peer(passages: dict[str, str], folder: Path) -> Search:
    """A search with tantivy and its default tokenizer: words in lower case."""
    folder.mkdir()
    schema = tantivy.SchemaBuilder().add_text_field("id", stored=True).add_text_field("body").build()
    index = tantivy.Index(schema, path=str(folder))
    writer = index.writer()
    for number, text in passages.items():
        writer.add_document(tantivy.Document(id=number, body=text))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(question: str) -> list[str]:
        terms = [tantivy.Query.term_query(schema, "body", word) for word in exact_terms(question)]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
        return [searcher.doc(address)["id"][0] for _, address in searcher.search(query, DEPTH).hits]

    return search


@contextmanager
def weighing(stemmed: float, exact: float, tie_breaker: float) -> Iterator[None]:
    """Use other weights for the body's twins and another tie-breaker inside a `with` block."""
    texts = tuple(replace(field, weight=stemmed, exact_weight=exact) for field in embedded_search.TEXTS)
    before = embedded_search.TEXTS, embedded_search.TIE_BREAKER
    embedded_search.TEXTS, embedded_search.TIE_BREAKER = texts, tie_breaker
    try:
        yield
    finally:
        embedded_search.TEXTS, embedded_search.TIE_BREAKER = before


def score(search: Search, questions: list[tuple[str, str]]) -> tuple[float, float]:
    """MRR@10 and recall@10."""
    ranks = []  # 0: not found
    for question, answer in questions:
        found = search(question)
        ranks.append(1 + found.index(answer) if answer in found else 0)
    return sum(1 / rank for rank in ranks if rank) / len(ranks), sum(map(bool, ranks)) / len(ranks)


WEIGHTS = {  # of the stemmed and the exact twin, and the tie-breaker
    "stemmed twin alone": (1.0, 0.0, 0.0),
    "exact twin alone": (0.0, 1.0, 0.0),
    "the better twin": (1.0, 1.0, 0.0),
    "both twins added": (1.0, 1.0, 1.0),
}


def main() -> None:
    """Print the table."""
    if not QUESTIONS.exists():
        print(f"ranking: SKIPPED, it needs {os.path.relpath(QUESTIONS)}")
        return
    passages, questions = read()
    print(f"{len(questions)} questions to {len(passages)} passages\n\n{'':28}  MRR@10  recall@10")
    with tempfile.TemporaryDirectory() as folder:
        search = ours(passages, Path(folder) / "ours")
        rows = {"tantivy, default tokenizer": score(peer(passages, Path(folder) / "peer"), questions)}
        for name, weights in WEIGHTS.items():
            with weighing(*weights):
                rows[name] = score(search, questions)
        rows["kliping as it is"] = score(search, questions)
    for name, (mrr, recall) in rows.items():
        print(f"{name:28}  {mrr:6.3f}  {recall:9.3f}")


if __name__ == "__main__":
    main()
