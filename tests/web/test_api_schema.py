"""Every answer of the API is as its OpenAPI description says, for requests that Schemathesis makes of it.

Requests are made from the description, with valid and with wrong values, always the same ones. A status 5xx, a status,
type or member that is not described, or a wrong value that is accepted fails.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from tests.support.reading_room import serve

EXAMPLES = 8
"""Requests of each kind to each operation."""
CONFIG = {
    "generation": {"deterministic": True, "database": "none"},
    "checks": {
        # a query, a day or a cursor of the right form may still be none: an open quotation mark, 2015-13
        "positive_data_acceptance": {"expected-statuses": ["200", "304", "400", "404"]},
        "negative_data_rejection": {"expected-statuses": ["400", "404", "414"]},
    },
}
OPERATIONS = (
    *("/search", "/suggestions", "/export", "/feed.atom", "/feed.json", "/counts", "/words", "/sources", "/runs"),
    *("/runs/{run_id}", "/articles/{article_id}", "/articles/{article_id}/versions", "/families/{family_id}"),
)


@pytest.fixture(scope="module")
def described(demo_home: Path) -> BaseSchema:
    """The API's description, and the API itself in this process."""
    room = serve(demo_home, web_api_per_minute=1_000_000, web_hosts=("testserver",))
    config = SchemathesisConfig.from_dict(CONFIG)
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", room.app, config=config)


def test_all_operations_are_tested(described: BaseSchema) -> None:
    """The list above has every operation of the description."""
    paths = {each.ok().path for each in described.get_all_operations()}
    assert paths == {f"/api/v1{path}" for path in OPERATIONS}


@pytest.mark.parametrize(
    ("path", "mode"),
    [(path, mode) for path in OPERATIONS for mode in GenerationMode],
    ids=lambda value: getattr(value, "value", value),
)
def test_answers_are_as_described(described: BaseSchema, path: str, mode: GenerationMode) -> None:
    """No 5xx, and no breach of the description."""
    operation = described[f"/api/v1{path}"]["GET"]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate()

    check()
