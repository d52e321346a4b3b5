"""How the embedded engine ranks function words, which it looks up in the matches alone (docs/decisions/0043)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tantivy

from indexer.embedded.index import EmbeddedIndex
from indexer.embedded.search import Compiler, Matcher
from indexer.nodes import And, Node, Preferring, Word
from tests.support.indexes import a_document, current_index, filled

Occur = tantivy.Occur
REQUIRED = And((Word("banjir"), Word("ternate")))
PRINTED = (
    ("Banjir di Ternate", ("Banjir melanda Ternate.",)),
    ("Banjir Ternate", ("Banjir di Ternate, di Tidore dan di Jailolo.",)),
    ("Banjir Ternate surut", ("Banjir melanda Ternate.", "Warga " * 60 + "di pengungsian pulang.")),
    ("Banjir Ternate yang meluas di Maluku", ("Banjir di Ternate meluas di utara.",)),
    ("Ternate di malam hari", ("Ternate tenang.",)),
    ("Banjir di Tidore", ("Tidore dilanda banjir.",)),
)


@pytest.fixture
def opened(tmp_path: Path) -> tuple[Any, Any, frozenset[str]]:
    """tantivy's searcher and schema, and the fields, of an index with the articles above and others."""
    printed = [*PRINTED, *((f"Panen raya di Blitar {number}", ("Petani di Blitar panen.",)) for number in range(20))]
    documents = [a_document(number, title=title, body=body) for number, (title, body) in enumerate(printed, 1)]
    engine = EmbeddedIndex(tmp_path / "index", "news")
    filled(engine, documents)
    index, fields = engine._open(current_index(engine).name)
    return index.searcher(), index.schema, fields


@pytest.mark.parametrize("words", [("di",), ("yang",), ("di", "yang")])
def test_a_function_word_scores_as_the_best_of_its_fields(
    opened: tuple[Any, Any, frozenset[str]], words: tuple[str, ...]
) -> None:
    """Looked up in the matches, it adds what the union of its fields adds; a little less where a light field scores
    more than a heavy one, as "di" may in so few articles."""
    searcher, schema, fields = opened
    compiler = Compiler(schema, fields)
    preferred = tuple(map(Word, words))
    unions = [(Occur.Should, compiler.compile(word)) for word in preferred]
    expected = tantivy.Query.boolean_query([(Occur.Must, compiler.compile(REQUIRED)), *unions])
    found = _scores(searcher, compiler.compile(Preferring(REQUIRED, preferred)))
    assert len(found) == 4
    assert found == pytest.approx(_scores(searcher, expected), rel=0.005)
    assert found != pytest.approx(_scores(searcher, compiler.compile(REQUIRED)), rel=0.005)


def test_what_only_counts_matches_reads_no_function_words(opened: tuple[Any, Any, frozenset[str]]) -> None:
    """Watches and counts over time match the same without them."""
    searcher, schema, fields = opened
    matcher = Matcher(schema, fields, same_analysis=True)
    node: Node = Preferring(REQUIRED, (Word("di"),))
    assert repr(matcher.compile(node)) == repr(matcher.compile(REQUIRED))
    assert searcher.search(matcher.compile(node)).count == 4


def _scores(searcher: Any, query: Any) -> dict[int, float]:
    return {address.doc: score for score, address in searcher.search(query, limit=50).hits}
