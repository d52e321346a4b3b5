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


def load_all() -> tuple[tuple[Source, ...], dict[str, BadSourceError]]:
    """All sources that load, in alphabetical order, and for each file that does not load its name and its error.

    One unfinished file must not stop commands about the other publishers: they skip it and say so.
    """
    loaded: list[Source] = []
    problems: dict[str, BadSourceError] = {}
    for name in names():
        try:
            loaded.append(_load(name))
        except BadSourceError as error:
            problems[name] = error
    return tuple(loaded), problems


def _load(name: str) -> Source:
    file = f"sources/publishers/{name}.py"
    try:
        source = getattr(import_module(f"{publishers.__name__}.{name}"), "SOURCE", None)
    except BadSourceError as error:
        raise BadSourceError(f"{file}: {error}") from error
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

    If two sources share a registered domain, the source with the longer matching domain wins. Source files that do not
    load own nothing; `load_all` names them.
    """
    owners = {domain: source for source in load_all()[0] if (domain := source.domain_of(url))}
    return owners[max(owners, key=len)] if owners else None
