"""Stop words, and the names that must not be stemmed."""

from __future__ import annotations

import lexicon
from lexicon.places import PLACES

STOP_WORDS: frozenset[str] = frozenset(lexicon.words_of("stopwords.txt"))
"""Function words that are not indexed; "antara" is not among them, because it is also the agency."""
NAMES: frozenset[str] = frozenset(lexicon.words_of("names.txt")) | {
    name for name in PLACES if name.isalpha() and len(name) > 2
}
"""Names of one word in lower case: the list, and every place of one word."""
