"""One line of what `kliping doctor` and `status` find."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was checked, whether it is fine, what was seen and, if it is not fine, what to do."""

    about: str
    fine: bool
    seen: str
    remedy: str | None = None
    source: str | None = None
    """The source that it is about, if it is about one."""
    state: str | None = None
    """The state of that source (`archive.health.state`), as far as this says it; None while a crawl is under way."""
    passing: bool = False
    """Whether it may be over by itself soon: an index is behind while a crawl saves articles."""
