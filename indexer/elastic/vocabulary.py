"""The words of an Elasticsearch index, and those that are like another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from elasticsearch import Elasticsearch

from indexer.correction import Known, distance
from indexer.schema import WORDS, exact_name

LOOKED_IN = ("body", "title")
MOST_SIMILAR = 50
"""Suggestions for a word in a field. There are more only for short words that are like very many others."""


class ElasticVocabulary:
    """`correction.Vocabulary` of an index with these fields. Its methods raise what the client raises."""

    def __init__(self, client: Elasticsearch, name: str, fields: frozenset[str]) -> None:
        self._client = client
        self._name = name
        self._searched = [field for field in WORDS if field.name in fields]

    def known(self, words: Iterable[str]) -> dict[str, Known]:
        """See `Vocabulary.known`. Asks for the term vectors of a document that has these words in every field, which
        is not indexed: the index's own analyzers make its terms (reference: *Term vectors*, artificial documents)."""
        lines = dict.fromkeys(words)
        text = "\n".join(lines)
        starts, at = {}, 0
        for word in lines:
            starts[at] = word
            at += len(word.encode("utf-16-le")) // 2 + 1  # offsets are Java's
        exact = {exact_name(field) for field in self._searched}
        stemmed = {field.name for field in self._searched if field.weight}
        answer = self._client.termvectors(
            index=self._name,
            doc={field.name: text for field in self._searched},
            fields=sorted(exact | stemmed),
            term_statistics=True,
            field_statistics=False,
            payloads=False,
            positions=False,
        )
        counts = {word: [0, 0] for word in lines}
        for field, vector in answer.get("term_vectors", {}).items():
            for term in vector["terms"].values():
                for token in term["tokens"]:
                    count = counts[starts[token["start_offset"]]]
                    kind = int(field not in exact)
                    count[kind] = max(count[kind], term.get("doc_freq", 0))
        return {word: Known(*count) for word, count in counts.items()}

    def similar(self, words: Mapping[str, int]) -> dict[str, dict[str, int]]:
        """See `Vocabulary.similar` (reference: *Suggesters*, term suggester)."""
        asked = {
            f"{field.name} {word}": {"text": word, "term": self._suggester(exact_name(field), furthest)}
            for field in self._searched
            if field.name in LOOKED_IN
            for word, furthest in words.items()
        }
        answer = self._client.search(index=self._name, size=0, suggest=asked)["suggest"]
        found: dict[str, dict[str, int]] = {word: {} for word in words}
        for key, suggestions in answer.items():
            word = key.partition(" ")[2]
            for option in (option for suggestion in suggestions for option in suggestion["options"]):
                if distance(word, option["text"]) <= words[word]:
                    found[word][option["text"]] = max(option["freq"], found[word].get(option["text"], 0))
        return found

    def _suggester(self, field: str, furthest: int) -> dict[str, Any]:
        return {
            "field": field,
            "suggest_mode": "always",
            "max_edits": furthest,
            "prefix_length": 0,
            "min_word_length": 1,
            "size": MOST_SIMILAR,
            "sort": "score",
            "accuracy": 0.1,
        }
