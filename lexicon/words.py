"""Stop words, and the names that no stemmer may alter."""

from __future__ import annotations

import lexicon
from lexicon.places import PLACES

STOP_WORDS: frozenset[str] = frozenset(lexicon.words_of("stopwords.txt"))
"""Function words that an index leaves out; "antara" is not among them."""
NAMES: frozenset[str] = frozenset(lexicon.words_of("names.txt")) | {
    name for name in PLACES if name.isalpha() and len(name) > 2
}
"""Lower-case names of one word: the list, and every place of one word."""
