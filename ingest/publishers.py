"""The source of an address, fast enough for millions: each source file is loaded once, then a look-up is cheap."""

from __future__ import annotations

from functools import cache

import sources
from archive.identity import host_of
from sources.definition import Source


@cache
def _owners() -> dict[str, Source]:
    return {domain: source for source in sources.load_all()[0] for domain in source.domains}


def publisher_of(url: str) -> Source | None:
    """The source that owns an address's domain, the longest domain first; None for an unknown publisher.

    Source files that do not load own nothing.
    """
    owners = _owners()
    labels = host_of(url).rstrip(".").split(".")
    names = (".".join(labels[at:]) for at in range(len(labels)))
    return next((owners[name] for name in names if name in owners), None)


def publisher_named(name: str) -> Source | None:
    """The source of that name; None if there is none, or if its file does not load."""
    return next((source for source in _owners().values() if source.name == name), None)
