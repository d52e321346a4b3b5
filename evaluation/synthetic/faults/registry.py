"""The table of faults: `@fault(…)` above a function is its row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evaluation.synthetic.page import Page

Change = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class PageFault:
    """A kind of fault. Faults of one `slot` are never combined; `concerns` are the fields that it may spoil.

    `since` is the first year in which pages had it. A fault of the slot "refusal" stands alone.
    """

    name: str
    slot: str
    concerns: tuple[str, ...]
    since: int
    apply: Change


FAULTS: dict[str, PageFault] = {}


def fault(slot: str, *concerns: str, since: int = 2005) -> Callable[[Change], Change]:
    """Enters a function into the table under its own name, with hyphens."""

    def enter(change: Change) -> Change:
        name = change.__name__.replace("_", "-")
        if name in FAULTS:
            raise ValueError(f"there are two faults of the name {name}")
        FAULTS[name] = PageFault(name, slot, concerns, since, change)
        return change

    return enter
