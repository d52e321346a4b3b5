"""Fixtures of the contract's tests: an index of each engine, empty or with three articles.

A test module asks for them by `pytest_plugins = ["tests.support.contract_fixtures"]`.
"""

from __future__ import annotations

import pytest

from indexer.contract import PhysicalIndex, SearchIndex
from tests.support.contract import OTHERS, STORY, Opener
from tests.support.indexes import MADE_FOR, NOW, Filler, a_document

pytest_plugins = ["tests.support.elasticsearch.fixtures"]


@pytest.fixture
def index(another: Opener) -> SearchIndex:
    """An engine without any index."""
    return another()


@pytest.fixture
def physical(index: SearchIndex) -> PhysicalIndex:
    """An empty index behind the alias."""
    created = PhysicalIndex.new("news", MADE_FOR, NOW)
    index.create(created)
    index.swap(created.name, expected=None)
    return created


@pytest.fixture(scope="module")
def news(fill: Filler) -> SearchIndex:
    """Three articles, to be read: one about ISIS and Moskow, one about Moskow, one that mentions ISIS."""
    return fill(a_document(number, **fields) for number, fields in enumerate((STORY, *OTHERS), start=1))
