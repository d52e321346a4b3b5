"""Datelines in their printed forms, with place and outlet as an archivist would read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from evaluation.synthetic.prose.places import StoryPlace


@dataclass(frozen=True, slots=True)
class PrintedDateline:
    """`text` ends with its mark and a space. `places` are the readings of the place that count as right."""

    text: str
    places: tuple[str | None, ...]
    outlet: str | None
    agency: str | None = None
    unscored: tuple[str, ...] = field(default=())


FORMS = {
    "none": "",
    "place": "{place} - ",
    "place-capitals": "{PLACE} - ",
    "place-en-dash": "{PLACE} – ",
    "place-em-dash": "{PLACE} — ",
    "capitals-and-site": "{PLACE}, {site} - ",
    "capitals-and-site-em": "{PLACE}, {SITE} — ",
    "site-and-place": "{site}, {place} - ",
    "site-capitals-and-place": "{SITE}, {PLACE} -- ",
    "site": "{site} - ",
    "site-en-dash": "{site} – ",
    "site-then-place": "{SITE} - {PLACE}. ",
    "place-then-site-dot": "{PLACE}, {SITE}. ",
    "antara": "{place} (ANTARA) - ",
    "antara-news": "{place} (ANTARA News) - ",
    "antara-area": "{place}, {area} (ANTARA) - ",
    "antara-date": "{place}, {d}/{m} (ANTARA) - ",
    "antara-reuters": "{place} (ANTARA/Reuters) - ",
    "colon": "{PLACE}, {site}: ",
    "bracket": "{place} ({site}) - ",
    "square": "{PLACE} [{site}] - ",
    "outlet-no-dot": "{PLACE}, {NAME} - ",
    "no-space": "{PLACE}- ",
}


def dateline(form: str, place: StoryPlace, *, name: str, site: str, moment: datetime) -> PrintedDateline | None:
    """The dateline of a form; None for the form "none"."""
    pattern = FORMS[form]
    if not pattern:
        return None
    text = pattern.format(
        place=place.name,
        PLACE=place.name.upper(),
        area=place.area,
        site=site,
        SITE=site.upper(),
        NAME=name.upper(),
        d=moment.day,
        m=moment.month,
    )
    places: tuple[str | None, ...] = (place.name,) if "{place}" in pattern or "{PLACE}" in pattern else (None,)
    if "{area}" in pattern:
        places = (f"{place.name}, {place.area}", place.name)
    if "(ANTARA" in pattern:
        outlet = pattern[pattern.index("(") + 1 : pattern.index(")")]
        if "/" in outlet:  # whose story is it: ANTARA's, or the wire's it translates? Both answers are defensible
            return PrintedDateline(text, places, outlet, None, ("agency",))
        return PrintedDateline(text, places, outlet, "ANTARA")
    named = "{site}" in pattern or "{SITE}" in pattern
    outlet_text = site if named else name if "{NAME}" in pattern else None
    return PrintedDateline(text, places, outlet_text)
