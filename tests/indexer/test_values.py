"""Which values an index has of an article."""

from __future__ import annotations

import pytest

from archive.records import Dateline
from indexer.values import places_of


@pytest.mark.parametrize(
    ("dateline", "places"),
    [
        (Dateline("DENPASAR", None, "DENPASAR", "Denpasar", "Bali", "Indonesia"), "DENPASAR Denpasar Bali Indonesia"),
        (Dateline("Denpasar", None, "Denpasar", "Denpasar"), "Denpasar Bali Indonesia"),
        (Dateline("Moskow", None, "Moskow", "Moskow"), "Moskow Rusia"),
        (Dateline("Denpasar", None, "Denpasar", None), "Denpasar"),
        (Dateline("Jalan Buntu", None, "Jalan Buntu", "Jalan"), None),
        (None, ""),
    ],
)
def test_an_article_is_found_by_its_place_its_province_and_its_country(
    dateline: Dateline | None, places: str | None
) -> None:
    """An earlier reading may know the place's name alone: then the lexicon tells where it lies. A place that is not
    known has what is printed."""
    assert places_of(dateline) == (("Jalan Buntu", "Jalan") if places is None else tuple(places.split()))
