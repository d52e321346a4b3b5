"""The version of the readers, stored with each version of an article."""

from __future__ import annotations

import lexicon

READER = f"4/{lexicon.VERSION}"
"""Our own number, raised when the readers' results change, and the lexicon's version."""
