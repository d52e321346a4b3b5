"""The registry of sources: every file in `sources/publishers/` is one."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from sources import publishers
from sources.definition import BadSourceError, Source


def names() -> tuple[str, ...]:
    """The names of all sources in alphabetical order. Imports none of their files."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(publishers.__path__)))


def load(name: str) -> Source:
    """The source of that name. Imports only its file. Raises BadSourceError."""
    if name not in names():
        raise BadSourceError(f"There is no source {name!r}; there are: {', '.join(names())}")
    return _load(name)


def _load(name: str) -> Source:
    file = f"The source file sources/publishers/{name}.py"
    try:
        source = getattr(import_module(f"{publishers.__name__}.{name}"), "SOURCE", None)
    except BadSourceError as error:
        raise BadSourceError(f"{file} cannot be used: {error}") from error
    except Exception as error:
        # a half-written file can raise anything; the user gets one sentence instead of a traceback
        raise BadSourceError(f"{file} cannot be read: {type(error).__name__}: {error}") from error
    if not isinstance(source, Source):
        raise BadSourceError(f"{file} has no SOURCE = Source(…)")
    if source.name != name:
        raise BadSourceError(f"{file} has a source named {source.name!r}; file and source must share one name")
    return source


def for_url(url: str) -> Source | None:
    """The source that owns the domain of an address, whatever its path; None if no source does.

    If two sources share a registered domain, the source with the longer matching domain wins.
    """
    # `load` would list the folder for each of them: 20 ms a call
    owners = {domain: source for source in map(_load, names()) if (domain := source.domain_of(url))}
    return owners[max(owners, key=len)] if owners else None
