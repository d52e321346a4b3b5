"""Which page has which number: families in turn, each fault in each family, and more faults by lot."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from evaluation.synthetic.compose import compose
from evaluation.synthetic.family import Family
from evaluation.synthetic.faults import FAULTS, PageFault
from evaluation.synthetic.label import label_of
from evaluation.synthetic.registry import all_families
from evaluation.synthetic.render import render
from evaluation.synthetic.story import invent_outlet, invent_story

OUTLETS_OF_A_FAMILY = 5
_STRIDE = 41
CONTROLS = 12
"""Of the pages of a family, one in so many has no fault."""


@dataclass(frozen=True, slots=True)
class WrittenPage:
    """A page as bytes, with its label. `name` is the file's name without ending."""

    name: str
    content: bytes
    label: dict[str, Any]


def write_page(seed: int, number: int, *, only: str | None = None) -> WrittenPage:
    """Page `number` of the corpus; the same for the same seed. `only` names a fault that it has alone."""
    family = family_of(number)
    rng = Random(f"{seed}/{number}")
    year = rng.randint(*family.years)
    outlet = invent_outlet(Random(f"{seed}/{family.name}/{rng.randrange(OUTLETS_OF_A_FAMILY)}"))
    faults = [FAULTS[only]] if only else faults_of(number, rng)
    year = max([year, *(fault.since for fault in faults)])
    if year > family.years[1]:
        year, faults = rng.randint(*family.years), []
    page = compose(family, invent_story(rng, outlet, year), rng)
    for fault in faults:
        page.faults.append(fault.name)
        fault.apply(page)
    return WrittenPage(f"{family.name}-{number:05}", render(page), label_of(page))


def family_of(number: int) -> Family:
    """The family of a page by its number."""
    families = all_families()
    return families[number % len(families)]


def faults_of(number: int, rng: Random) -> list[PageFault]:
    """The faults of a page: one by its number, so that each family gets each, and up to two by lot from other slots."""
    known = list(FAULTS.values())
    turn, place = divmod(number, len(all_families()))
    if turn % CONTROLS == CONTROLS - 1:
        return []
    # each family starts elsewhere in the table, so that a corpus of any size has pages of every fault
    chosen = [known[(turn - turn // CONTROLS + place * _STRIDE) % len(known)]]
    if chosen[0].slot == "refusal":
        return chosen
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        other = rng.choice(known)
        if other.slot != "refusal" and all(other.slot != each.slot for each in chosen):
            chosen.append(other)
    order = {slot: at for at, slot in enumerate(SLOTS)}
    return sorted(chosen, key=lambda fault: order[fault.slot])


SLOTS = ("story", "dateline", "picture", "stamp", "people", "incomplete", "surroundings", "data", "document", "refusal")
"""In the order in which faults are applied: what stands in the story before what is cut from it."""
