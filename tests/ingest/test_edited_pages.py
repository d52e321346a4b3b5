"""Of pages edited by script, every real change of the story is a version, and no cosmetic one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.edits.edited import EditedPage
from evaluation.edits.pages import newsstand_pages, real_pages
from evaluation.edits.saved import EDITS, edits_saved
from tests.conftest import DRAWN

how_many = pytest.mark.parametrize("pairs", [20, pytest.param(200, marks=pytest.mark.soak)])
kinds = pytest.mark.parametrize(("kind", "outcome"), [("cosmetic", "unchanged"), ("real", "updated")])
pytestmark = pytest.mark.large


def assert_all_end(pages: list[EditedPage], kind: str, outcome: str, pairs: int) -> None:
    counts = edits_saved(pages, kind, pairs, DRAWN)
    assert counts.total() == pairs
    assert {ended for _, ended in counts} == {outcome}, counts
    assert len(counts) >= len(EDITS[kind]) - 3  # few stories have a sentence that can be taken out, or a caption


@how_many
@kinds
def test_edited_pages_of_the_newsstand(kind: str, outcome: str, pairs: int) -> None:
    assert_all_end(newsstand_pages(), kind, outcome, pairs)


@pytest.mark.shared
@how_many
@kinds
def test_edited_pages_of_real_publishers(shared: Path, kind: str, outcome: str, pairs: int) -> None:
    assert_all_end(real_pages(shared), kind, outcome, pairs)
