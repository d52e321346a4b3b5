"""The gazetteer: Indonesia's provinces, regencies and cities, the world's countries and cities, by Indonesian name."""

from __future__ import annotations

from dataclasses import dataclass

import lexicon


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer. `province` is set for places in Indonesia; a country or province names itself."""

    canonical: str
    province: str | None
    country: str


def _key(name: str) -> str:
    return " ".join(name.casefold().replace(".", "").split())


ABBREVIATIONS: set[str] = set()
"""Words of place names that stay in capitals: NTB, DIY, AS, the DC of Washington."""
PLACES: dict[str, Place] = {}
"""Place by folded name. If two places share a name, the first row wins: provinces before their towns."""


def _add(name: str, place: Place) -> None:
    PLACES.setdefault(_key(name), place)
    ABBREVIATIONS.update(word for word in name.split() if word.isupper() and len(word) > 1)


def _read() -> None:
    indonesia = lexicon.rows("places_indonesia.tsv")
    world = lexicon.rows("places_world.tsv")
    for name in ("Indonesia", "RI"):
        PLACES[_key(name)] = Place("Indonesia", None, "Indonesia")
    namesakes = {row[0] for row in indonesia} & {town for row in indonesia for town in row[2].split(",")}
    for province, _, towns in indonesia:
        for town in namesakes.intersection(towns.split(",")):
            _add(town, Place(town, province, "Indonesia"))  # Gorontalo, Jambi, Bengkulu: the city, like Jakarta's
        if province == "DKI Jakarta":
            _add("Jakarta", Place("Jakarta", province, "Indonesia"))
    for province, others, _ in indonesia:
        for name in (province, *filter(None, others.split(";"))):
            _add(name, Place(province, province, "Indonesia"))
    for country, others, _ in world:
        for name in (country, *filter(None, others.split(";"))):
            _add(name, Place(country, None, country))
    for province, _, towns in indonesia:
        for spellings in filter(None, towns.split(",")):
            _add_town(spellings.split("="), province)
    for country, _, cities in world:
        for spellings in filter(None, cities.split(",")):
            first, *others_ = spellings.split("=")
            for name in (first, *others_):
                _add(name, Place(first, None, country))


def _add_town(spellings: list[str], province: str) -> None:
    """Adds a town by all its spellings, without a province if two provinces have a town of that name."""
    for name in spellings:
        known = PLACES.get(_key(name))
        if known is not None and known.province not in (None, province):
            PLACES[_key(name)] = Place(known.canonical, None, known.country)
        else:
            _add(name, Place(spellings[0], province, "Indonesia"))


_read()

_RANKS = ("kota ", "kabupaten ", "kab ", "kec ", "kecamatan ", "provinsi ", "pulau ")


def find_place(name: str) -> Place | None:
    """Returns the place of that name, with or without its rank ("Kabupaten Bogor" is Bogor), or None."""
    key = _key(name)
    found = PLACES.get(key)
    if found is None:
        for rank in _RANKS:
            if key.startswith(rank):
                return PLACES.get(key.removeprefix(rank))
    return found
