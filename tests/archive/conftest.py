"""The archive's tests run on both databases."""

from __future__ import annotations

import pytest

from tests.support.postgresql.archives import DATABASES


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Each database in turn."""
    return str(request.param)
