"""The query of a watch: all words are required, as in a search where enough articles have them all.

A watch is compiled by the product's own parser, analysis and synonyms, so it tells what a search finds. What a search
does when it finds little, with fewer or corrected words, would tell people of articles that they never asked for.
"""

from __future__ import annotations

from datetime import tzinfo
from functools import lru_cache

from indexer import relaxing, synonyms
from indexer.nodes import All, And, Node, Or, Preferring
from indexer.query import BadQueryError, read
from indexer.sentences import Sentence


@lru_cache(maxsize=10_000)
def watched(text: str, zone: tzinfo) -> Node:
    """What a watch with this query looks for. Raises BadQueryError, for a query without a word or field too."""
    root = read(text, zone)
    if isinstance(root, All):
        raise BadQueryError(Sentence("no-words"), text, 0)
    return with_all_words(root)


def with_all_words(root: Node) -> Node:
    """What a search with this query finds where enough articles have all words, without what only ranks them."""
    return _required(relaxing.strict(synonyms.joined(root)))


def _required(node: Node) -> Node:
    """The same articles, without what only ranks them."""
    match node:
        case Preferring(part):
            return _required(part)
        case And(parts):
            return And(tuple(map(_required, parts)))
        case Or(parts):
            return Or(tuple(map(_required, parts)))
        case _:
            return node
