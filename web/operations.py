"""What pages show of the operation and only the command can tell, because it joins the rooms: findings and crawls.

`kliping serve` composes it (`kliping.cli.operations`), out of the functions behind `kliping doctor` and `kliping
status`, so that a page and the command cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class SeenByDoctor(Protocol):
    """A finding of `kliping doctor`."""

    @property
    def about(self) -> str:
        """What was checked."""
        ...

    @property
    def fine(self) -> bool:
        """Whether nothing needs to be done."""
        ...

    @property
    def seen(self) -> str:
        """What was seen, in a sentence."""
        ...

    @property
    def remedy(self) -> str | None:
        """What to do, if it is not fine."""
        ...

    @property
    def source(self) -> str | None:
        """The source that it is about, if it is about one."""
        ...


@dataclass(frozen=True, slots=True)
class Operations:
    """`findings`: everything `kliping doctor` finds now. `running`: the names of the sources that are switched on.
    `crawls`: of each of them what `kliping status --json` prints: its last run, its last day, its next window.
    `backup`: those of the findings that are about the nightly backup."""

    findings: Callable[[], Sequence[SeenByDoctor]]
    running: Callable[[], frozenset[str]]
    crawls: Callable[[], Sequence[Mapping[str, Any]]]
    backup: Callable[[], Sequence[SeenByDoctor]]
