"""The synthetic pages are the same for the same seed, differ from each other, and print what their labels say."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

import pytest
from selectolax.lexbor import LexborHTMLParser

from evaluation.synthetic.corpus import SLOTS, WrittenPage, faults_of, write_page
from evaluation.synthetic.faults import FAULTS
from evaluation.synthetic.faults.registry import fault
from evaluation.synthetic.printed import photo_credits
from evaluation.synthetic.prose.places import PLACES
from evaluation.synthetic.registry import all_families
from evaluation.synthetic.score import folded

FAMILIES = len(all_families())
SOME = range(0, 6 * FAMILIES)
CHANGES_WORDS = {
    "struck-out-and-inserted",
    "white-space-of-all-kinds",
    "first-letter-apart",
    "data-hold-a-longer-text",
    "unclosed-and-stray-tags",
}
"""Faults after which a paragraph's text is not found as one string of the page."""


def printed_text(page: WrittenPage) -> str:
    """The words of the page without markup, in one line."""
    root = LexborHTMLParser(page.content.decode("utf-8")).root
    assert root is not None
    return squeezed(root.text(separator=""))


def squeezed(text: str) -> str:
    return re.sub(r"\W+", "", folded(text))


def test_a_page_is_the_same_for_the_same_seed() -> None:
    for number in SOME:
        assert write_page(7, number) == write_page(7, number)


def test_another_seed_gives_other_pages() -> None:
    assert all(write_page(7, number).content != write_page(8, number).content for number in range(FAMILIES))


def test_no_two_pages_share_a_paragraph() -> None:
    pages = [write_page(1, number) for number in range(0, 12 * FAMILIES)]
    texts = [{text for text in page.label.get("body") or () if len(text) > 60} for page in pages]
    counts = Counter(text for some in texts for text in some)
    assert [text for text, count in counts.items() if count > 1] == []


def test_there_are_enough_families_and_faults() -> None:
    held_out = [family for family in all_families() if family.held_out]
    assert len(all_families()) >= 16
    assert len(held_out) >= 5
    assert len(FAULTS) >= 100


def test_a_corpus_of_the_usual_size_has_each_fault_in_tuned_and_in_held_out_families() -> None:
    seen: dict[bool, set[str]] = {False: set(), True: set()}
    for number in range(2_400):
        # the year of a family may rule a fault out, so only what was drawn is counted here
        drawn = faults_of(number, Random(f"1/{number}"))
        seen[all_families()[number % FAMILIES].held_out].update(each.name for each in drawn)
    assert seen[False] == seen[True] == set(FAULTS)


def test_faults_of_one_slot_are_never_combined() -> None:
    for number in range(500):
        slots = [FAULTS[name].slot for name in write_page(1, number).label["faults"]]
        assert len(slots) == len(set(slots))
        assert len(slots) <= 3
        assert "refusal" not in slots or len(slots) == 1


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_each_fault_can_be_printed_alone(name: str) -> None:
    pages = [write_page(5, number, only=name) for number in range(FAMILIES)]
    assert any(page.label["faults"] == [name] for page in pages)
    assert FAULTS[name].slot in SLOTS


def test_the_labels_words_are_on_the_page() -> None:
    for number in range(8 * FAMILIES):
        page = write_page(3, number)
        faults = set(page.label["faults"])
        if (
            "rejected" in page.label
            or faults & CHANGES_WORDS
            or any(FAULTS[each].slot == "document" for each in faults)
        ):
            continue
        text = printed_text(page)
        missing = [each for each in page.label["body"] if squeezed(each) not in text]
        assert (page.name, missing) == (page.name, [])
        assert squeezed(page.label["title"]) in text
        caption = page.label.get("caption")
        assert not isinstance(caption, str) or squeezed(caption) in text


def test_printed_people_are_on_the_page() -> None:
    for number in range(8 * FAMILIES):
        page = write_page(3, number)
        if any(FAULTS[each].slot == "document" for each in page.label["faults"]):
            continue
        content = page.content.decode("utf-8").casefold()
        for name in (*page.label.get("authors", ()), *page.label.get("editors", ())):
            assert name.casefold() in content, page.name


def test_a_control_page_has_no_faults_and_every_family_has_some() -> None:
    controls = Counter(write_page(1, number).label["family"] for number in range(11 * FAMILIES, 12 * FAMILIES))
    assert set(controls) == {family.name for family in all_families()}


def test_a_part_of_a_story_demands_a_flag() -> None:
    for name in ("first-page-of-several", "cut-off-with-read-more", "data-hold-a-longer-text", "data-count-more-words"):
        labels = [write_page(2, number, only=name).label for number in range(FAMILIES)]
        assert all(label["must_flag"] for label in labels if label["faults"])


def test_no_credit_names_a_wire_as_a_person() -> None:
    for form in photo_credits.ALL_FORMS:
        made = photo_credits.photo_credit(form, Random(1), site="SuluhWetan.com", place=PLACES[0], year=2020)
        assert made.photographer is None or " " in made.photographer
        assert "{" not in made.text


def test_two_faults_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two faults"):
        fault("story", "body")(FAULTS["story-in-sections"].apply)
