"""Both engines return the same results for the same articles and queries."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from indexer.analysis import words
from indexer.elastic.index import ElasticIndex
from indexer.embedded.index import EmbeddedIndex
from indexer.nodes import And, Node, Not, Or, Phrase, Term, Word
from indexer.queries import Hit, Query, Sort
from indexer.schema import FACETS
from newsstand.stories import load_stories
from tests.conftest import DRAWN
from tests.support.indexes import a_document, filled

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

QUERIES = 150


def random_query(draw: random.Random, texts: list[list[str]]) -> Node:
    """A word, a phrase, or a combination, from the words of the articles."""

    def word() -> Node:
        return Word(draw.choice(draw.choice(texts)))

    match draw.randrange(6):
        case 0 | 1:
            return word()
        case 2:
            text = draw.choice(texts)
            start = draw.randrange(len(text))
            return Phrase(" ".join(text[start : start + draw.randrange(1, 4)]))
        case 3:
            return Or((word(), word(), word()))
        case 4:
            return And((word(), Not(word())))
        case _:
            return And((Or((word(), word())), Term("section", draw.choice(["Ekonomi", "DUNIA", " nasional "]))))


@pytest.mark.parametrize("seed", [DRAWN])
def test_random_queries_return_the_same_articles_facets_and_highlights(
    elasticsearch: str, tmp_path: Path, seed: int
) -> None:
    """The order by relevance may differ a little: Lucene counts only articles that have a field, tantivy all."""
    stories = load_stories()
    documents = [
        a_document(
            number,
            title=story.title,
            body=story.paragraphs,
            section=story.section,
            tags=story.tags,
            authors=story.authors,
        )
        for number, story in enumerate(stories, start=1)
    ]
    ours = filled(EmbeddedIndex(tmp_path / "index", "news"), documents)
    theirs = filled(ElasticIndex(elasticsearch, "news"), documents)
    texts = [words.find(paragraph) for story in stories for paragraph in story.paragraphs]
    draw = random.Random(seed)
    counted = tuple(FACETS)
    found = 0
    for _ in range(QUERIES):
        root = random_query(draw, texts)
        for sort in (Sort.RELEVANCE, Sort.NEWEST):
            mine, other = (engine.search(Query(root, sort, limit=99, facets=counted)) for engine in (ours, theirs))
            assert (mine.total, mine.facets) == (other.total, other.facets), root
            assert without_scores(mine.hits) == without_scores(other.hits), root
        assert [hit.id for hit in mine.hits] == [hit.id for hit in other.hits], root
        found += mine.total
    assert found > QUERIES


def without_scores(hits: tuple[Hit, ...]) -> dict[str, object]:
    """The hits as JSON without their scores, by id."""
    records = [hit.as_json() for hit in hits]
    return {record["id"]: record | {"score": None} for record in records}
