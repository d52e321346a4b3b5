"""The query of a watch: all words are required, as in a search where enough articles have them all.

A watch is compiled by the product's own parser, analysis and synonyms, so it tells what a search finds. What a search
does when it finds little, with fewer or corrected words, would tell people of articles that they never asked for.
"""

from __future__ import annotations

from datetime import tzinfo

from indexer import relaxing, synonyms
from indexer.nodes import All, Node
from indexer.query import BadQueryError, read


def watched(text: str, zone: tzinfo) -> Node:
    """What a watch with this query looks for. Raises BadQueryError, for a query without a word or field too."""
    root = read(text, zone)
    if isinstance(root, All):
        raise BadQueryError("A watch needs words to look for.", text, 0)
    return relaxing.strict(synonyms.joined(root))
