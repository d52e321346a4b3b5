"""Which readers made a version of an article."""

from __future__ import annotations

import lexicon

READER = f"1/{lexicon.VERSION}"
"""Which readers made a version: our own number, raised when their answers change, and the lexicon's."""
