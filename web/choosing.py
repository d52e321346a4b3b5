"""Parameters of an address that take a few values only: any other value is refused, never passed over.

The sentence names the value and those that there are. What FastAPI reads itself (enums, booleans) ends in the same
sentence (`web.problems`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from fastapi import Query
from starlette.datastructures import QueryParams

from archive import runs
from archive.arrivals import sources_in, sources_with_runs
from sources import names
from web.holdings import Holdings, Opened
from web.problems import PageError, refused_value
from web.searching import FILTERS, SearchState

Texts = Annotated[list[str], Query()]
RUN_ID = r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,99}$"


def known_language(
    bahasa: Annotated[
        Literal["id", "en"] | None, Query(description="The language of pages, and of the sentences of refusals.")
    ] = None,
) -> None:
    """Every route has the parameter; `rendering.language_of` reads it."""


def unknown_value(name: str, value: str, known: Iterable[object]) -> PageError:
    """The refusal of a value that a parameter does not take."""
    return PageError(400, "unknown_value", **refused_value(name, value, known))


def chosen(name: str, value: str, known: Iterable[object]) -> str:
    """The value of a parameter, which may be empty. Raises PageError (400) for one that is not known."""
    texts = [str(each) for each in known]
    if value and value not in texts:
        raise unknown_value(name, value, texts)
    return value


def require_run(holdings: Holdings, name: str, run_id: str) -> None:
    """Raises PageError (400) if a parameter names a run that there is not."""
    if not re.fullmatch(RUN_ID, run_id) or run_id not in runs.ids_like(holdings.archive, run_id):
        raise PageError(400, "no_such_run", name=name, value=run_id[:60])


def require_source(holdings: Holdings, source: str) -> set[str]:
    """The sources with articles or runs. Raises PageError (400) if `source` is neither one of them nor a file."""
    with holdings.archive.reading() as connection:
        known = {*sources_in(connection), *sources_with_runs(connection)}
    if source and source not in known and source not in names():
        raise unknown_value("source", source, sorted(known))
    return known


def require_sources(holdings: Holdings, chosen_ones: Iterable[str]) -> None:
    """Raises PageError (400) for a source of which the archive has no article and that has no file either.

    The archive is asked only about names without a file: those of imports, and mistakes.
    """
    strange = sorted({each for each in chosen_ones if each} - set(names()))
    if not strange:
        return
    with holdings.archive.reading() as connection:
        known = sources_in(connection)
    for each in strange:
        if each not in known:
            raise unknown_value("source", each, known)


def page_state(
    holdings: Opened,
    q: str = "",
    source: Texts = [],  # noqa: B006  FastAPI copies it
    agency: Texts = [],  # noqa: B006
    photo: Texts = [],  # noqa: B006
    place: Texts = [],  # noqa: B006
    section: Texts = [],  # noqa: B006
    author: Texts = [],  # noqa: B006
    after: str = "",
    before: str = "",
    sort: str = "",
    family: str = "",
    copies: str = "",
    cursor: str = "",
) -> SearchState:
    """The search that a page's address asks for. Raises PageError."""
    require_sources(holdings, source)
    several: dict[str, Sequence[str]] = dict(zip(FILTERS, (source, agency, photo, place, section, author), strict=True))
    pairs: list[tuple[Any, Any]] = [(name, value) for name, values in several.items() for value in values]
    pairs += {"q": q, "after": after, "before": before, "family": family, "cursor": cursor}.items()
    return SearchState.of(QueryParams([*pairs, ("sort", sort), ("copies", copies)]))
