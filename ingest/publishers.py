"""Whose address it is, for millions of addresses: each source file is opened once, a look-up is a few words."""

from __future__ import annotations

from functools import cache

import sources
from archive.identity import host_of
from sources.definition import Source


@cache
def _owners() -> dict[str, Source]:
    return {domain: source for source in map(sources.load, sources.names()) for domain in source.domains}


def publisher_of(url: str) -> Source | None:
    """The source on whose domain an address stands, the longest domain first; null for nobody we know.

    Raises BadSourceError where a source file cannot be read.
    """
    owners = _owners()
    labels = host_of(url).rstrip(".").split(".")
    names = (".".join(labels[at:]) for at in range(len(labels)))
    return next((owners[name] for name in names if name in owners), None)
