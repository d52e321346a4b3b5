"""The source of an address, fast enough for millions: each source file is loaded once, then a look-up is cheap."""

from __future__ import annotations

from functools import cache

import sources
from archive.identity import host_of
from sources.definition import Source


@cache
def _owners() -> dict[str, Source]:
    return {domain: source for source in map(sources.load, sources.names()) for domain in source.domains}


def publisher_of(url: str) -> Source | None:
    """The source that owns an address's domain, the longest domain first; None for an unknown publisher.

    Raises BadSourceError if a source file cannot be read.
    """
    owners = _owners()
    labels = host_of(url).rstrip(".").split(".")
    names = (".".join(labels[at:]) for at in range(len(labels)))
    return next((owners[name] for name in names if name in owners), None)
