"""Agencies, photographers and places: which values an index has of an article, and which a query's value means.

An index has the lexicon's canonical names, and a query finds them by any name that the lexicon knows, in any case:
"ap" and "Associated Press" are AP, "Moscow" is Moskow, "Jabar" is Jawa Barat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from archive.records import Article, Dateline
from indexer.nodes import Term
from lexicon.credits import AGENCIES, OUTLETS, key
from lexicon.places import PLACES, find_place
from reading.credits.names import canonical_agency

_BETWEEN_WIRES = re.compile(r"\s*(?:[/,;&+]|\b(?:dan|and)\b)\s*")


def agencies_of(article: Article) -> tuple[str, ...]:
    """The agency whose story it is, and the wires that the dateline credits: "(ANTARA News/AFP)" is ANTARA and AFP."""
    outlet = article.dateline.outlet if article.dateline else None
    wires = _wires(outlet) if outlet else ()
    return tuple(dict.fromkeys((article.agency, *wires) if article.agency else wires))


@lru_cache(maxsize=4096)
def _wires(outlet: str) -> tuple[str, ...]:
    names = (canonical_agency(name) for name in (outlet, *_BETWEEN_WIRES.split(outlet)))
    return tuple(dict.fromkeys(name for name in names if name))


def photographers_of(article: Article) -> tuple[str, ...]:
    """The photographers whom the article's pictures credit."""
    credited = (image.credit.photographer for image in article.images if image.credit)
    return tuple(dict.fromkeys(name for name in credited if name))


def places_of(dateline: Dateline | None) -> tuple[str, ...]:
    """The dateline's place as printed, its canonical name, its province and its country. If an earlier reading knew the
    place's name alone, the lexicon tells where it lies."""
    if dateline is None:
        return ()
    province, country = dateline.province, dateline.country
    if dateline.canonical and not province and not country and (known := find_place(dateline.canonical)):
        province, country = known.province, known.country
    names = (dateline.place, dateline.canonical, province, country)
    return tuple(dict.fromkeys(name for name in names if name))


def meant(term: Term) -> tuple[Term, ...]:
    """The terms, one of which an article must have where a query asks for this one.

    The value as typed is always among them: an index may have been built with an earlier lexicon.
    """
    match term.field:
        case "agencies":  # an index before schema 3 has only the agency whose story it is
            return _either(("agencies", "agency"), agency_name(term.value), term.value)
        case "photo_agencies":
            return (
                *_either(("photo_agencies",), agency_name(term.value), term.value),
                Term("photographers", term.value),
            )
        case "places":
            return _either(("places",), place_name(term.value), term.value)
        case _:
            return (term,)


def agency_names(beginning: str) -> tuple[str, ...]:
    """The canonical names of the agencies that have a name with a word that begins so (in lower case)."""
    return _begun(beginning, AGENCIES)


def place_names(beginning: str) -> tuple[str, ...]:
    """The canonical names of the places, provinces and countries that have a name with a word that begins so."""
    return _begun(beginning, {name: place.canonical for name, place in PLACES.items()})


def _begun(beginning: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The names themselves that begin so come first, then those of which a later word does."""
    folded = " ".join(beginning.casefold().split())
    first = [canonical for name, canonical in names.items() if name.startswith(folded)]
    later = [canonical for name, canonical in names.items() if f" {folded}" in name]
    return tuple(dict.fromkeys(first + later)) if folded else ()


def _either(fields: tuple[str, ...], *values: str) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(Term(field, value) for field in fields for value in values))


@lru_cache(maxsize=4096)
def agency_name(name: str) -> str:
    """The canonical name of an agency or outlet by any of its names, in any case; an unknown one as it is."""
    folded = key(name)
    return AGENCIES.get(folded) or OUTLETS.get(folded) or canonical_agency(name) or name


def clock_of(moment: datetime | None) -> datetime | None:
    """A bound of a range of dates on the articles' own clocks (`Document.local_time`)."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def facet_value(facet: str, key: object) -> str:
    """The value of a facet as people read it; an engine may return a whole number as a float."""
    number = int(key) if isinstance(key, int | float) else 0
    if facet == "month":
        return f"{number // 100:04}-{number % 100:02}"
    return str(number) if isinstance(key, float) else str(key)


def place_name(name: str) -> str:
    """The canonical name of a place, province or country by any of its names; an unknown one as it is."""
    place = find_place(name)
    return place.canonical if place else name
