"""The counts of a run in few words, for tables."""

from __future__ import annotations

from collections.abc import Mapping

_SHOWN = ("stored", "updated", "unchanged")


def in_words(outcomes: Mapping[str, int]) -> str:
    """What came of a run's addresses: "12 stored, 3 updated, 40 unchanged, 2 others"."""
    parts = [f"{outcomes[name]} {name}" for name in _SHOWN if outcomes.get(name)]
    others = sum(count for name, count in outcomes.items() if name not in _SHOWN)
    if others:
        parts.append(f"{others} other{'s' if others > 1 else ''}")
    return ", ".join(parts)
