"""The registry of publishers: one small file each in `sources/publishers/`, and the file is the registration."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from sources import publishers
from sources.definition import BadSourceError, Source


def names() -> tuple[str, ...]:
    """The names of all sources, in alphabetical order; opens none of their files."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(publishers.__path__)))


def load(name: str) -> Source:
    """The source of that name; imports its file alone. Raises BadSourceError with one plain sentence."""
    if name not in names():
        raise BadSourceError(f"there is no source {name!r}; there are: {', '.join(names())}")
    try:
        source = getattr(import_module(f"{publishers.__name__}.{name}"), "SOURCE", None)
    except BadSourceError:
        raise
    except Exception as error:
        # a file half written fails in any way Python knows; none may pass for a source, nor leave a traceback
        raise BadSourceError(f"sources/publishers/{name}.py cannot be read: {type(error).__name__}: {error}") from error
    if not isinstance(source, Source):
        raise BadSourceError(f"sources/publishers/{name}.py has no SOURCE = Source(…)")
    if source.name != name:
        raise BadSourceError(
            f"sources/publishers/{name}.py calls its source {source.name!r}; file and source share one name"
        )
    return source


def for_url(url: str) -> Source | None:
    """The source on whose domain an address stands, whatever the address looks like; None where nobody owns it.

    Where two sources share a registered domain, the one that names the longer part of the host has it.
    """
    owners = {domain: source for source in map(load, names()) if (domain := source.domain_of(url))}
    return owners[max(owners, key=len)] if owners else None
