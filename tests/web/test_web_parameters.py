"""A parameter that takes a few values refuses every other one, on every route: nothing is passed over in silence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient

from tests.support.reading_room import serve
from tests.web.test_web_article import MOSCOW_ID


@dataclass(frozen=True)
class RouteFacts:
    """A route: an address of it that is answered, what is known of each closed parameter, and the open ones.

    A closed parameter's value here is a part of what the refusal says is known.
    """

    address: str
    closed: Mapping[str, str] = field(default_factory=dict)
    open: frozenset[str] = frozenset()


def takes(address: str, free: str = "", **closed: str) -> RouteFacts:
    """The facts of a route, its open parameters as words."""
    return RouteFacts(address, closed, frozenset(free.split()))


FACETS = "agency photo place section author"
SEARCH = f"q {FACETS} after before"
ORDERS = "relevance, newest, oldest"
FLAG = "true, false"
INTERVALS = "day, week, month, year"
ROUTES = {
    "/": takes("/?q=ISIS", f"{SEARCH} family cursor", source="newsstand", sort=ORDERS, copies="1"),
    "/suggest": takes("/suggest?q=isi", "q"),
    "/export": takes(
        "/export?q=ISIS", f"{SEARCH} family cursor", source="newsstand", sort=ORDERS, copies="1", format="jsonl, csv"
    ),
    "/attention": takes(
        "/attention?q=ISIS",
        "q from until",
        by=INTERVALS,
        show="count, share",
        split="1",
        source="newsstand",
        words="ISIS",
        numbers="1",
    ),
    "/attention.csv": takes("/attention.csv?q=ISIS", "q from until", by=INTERVALS, split="1", source="newsstand"),
    "/attention/words.csv": takes("/attention/words.csv?q=ISIS", "q from until", source="newsstand"),
    "/today": takes("/today", "day"),
    "/sources": takes("/sources"),
    "/sources/{name}": takes("/sources/newsstand", year="2015"),
    "/runs": takes("/runs", source="newsstand", before="/runs"),
    "/runs/{run_id}": takes("/runs/{run}"),
    "/watches": takes("/watches"),
    "/watches/{watch_id}": takes("/watches/1"),
    "/watches/{watch_id}.atom": takes("/watches/1.atom"),
    "/doctor": takes("/doctor"),
    "/robots.txt": takes("/robots.txt"),
    "/masuk": takes("/masuk", "ke"),
    "/article/{article_id}": takes(f"/article/{MOSCOW_ID}"),
    "/article/{article_id}/versions": takes(f"/article/{MOSCOW_ID}/versions", a="1, 2", b="1, 2"),
    "/article/{article_id}/copies/{other_id}": takes(f"/article/{MOSCOW_ID}/copies/{MOSCOW_ID}"),
    "/article/{article_id}/page": takes(f"/article/{MOSCOW_ID}/page", version="1, 2"),
    "/article/{article_id}/cite.{form}": takes(f"/article/{MOSCOW_ID}/cite.bib"),
    "/api/v1/search": takes(
        "/api/v1/search", f"{SEARCH} family limit cursor", source="newsstand", sort=ORDERS, copies=FLAG, facets=FLAG
    ),
    "/api/v1/suggestions": takes("/api/v1/suggestions?q=isi", "q"),
    "/api/v1/export": takes("/api/v1/export?q=ISIS", f"{SEARCH} family", source="newsstand", format="jsonl, csv"),
    "/api/v1/feed.atom": takes("/api/v1/feed.atom?q=ISIS", f"{SEARCH} family", source="newsstand"),
    "/api/v1/feed.json": takes("/api/v1/feed.json?q=ISIS", f"{SEARCH} family", source="newsstand"),
    "/api/v1/counts": takes(
        "/api/v1/counts?q=ISIS", "q from until", interval=INTERVALS, source="newsstand", by_source=FLAG
    ),
    "/api/v1/words": takes("/api/v1/words?q=ISIS", "q from until", source="newsstand"),
    "/api/v1/articles/{article_id}": takes(f"/api/v1/articles/{MOSCOW_ID}"),
    "/api/v1/articles/{article_id}/versions": takes(f"/api/v1/articles/{MOSCOW_ID}/versions"),
    "/api/v1/families/{family_id}": takes("/api/v1/families/{family}"),
    "/api/v1/sources": takes("/api/v1/sources"),
    "/api/v1/runs": takes("/api/v1/runs", "limit", source="newsstand", cursor="/runs"),
    "/api/v1/runs/{run_id}": takes("/api/v1/runs/{run}"),
}
"""Every route that is asked with GET. `bahasa` is a parameter of each."""
UNKNOWN = "tiada-9"
REFUSED = {
    "id": ("{name}: “{value}” tidak ada", "{name}: tidak ada penjelajahan “{value}”"),
    "en": ("{name}: there is no “{value}”", "{name}: there is no run “{value}”"),
}


@pytest.fixture(scope="module")
def room(demo_home: Path) -> TestClient:
    """A client that may ask as often as it likes."""
    return serve(demo_home, web_api_per_minute=1_000_000)


def routes_of(room: TestClient) -> Iterator[tuple[str, list[Any]]]:
    """The path and the query parameters of each route of the app that answers GET."""
    for route in iter_route_contexts(room.app.routes):  # type: ignore[attr-defined]  # Starlette's app
        if isinstance(route.original_route, APIRoute) and "GET" in (route.methods or ()):
            yield str(route.path), [each for each in get_flat_params(route.dependant) if is_query(each)]


def is_query(parameter: Any) -> bool:
    """Whether a parameter stands in the address behind the question mark."""
    return isinstance(parameter.field_info, Query)


def test_every_route_and_parameter_is_in_the_table(room: TestClient) -> None:
    """A new one fails here until somebody says which values it takes; what is typed as closed cannot be called open."""
    seen = dict(routes_of(room))
    assert set(seen) == set(ROUTES)
    for path, parameters in seen.items():
        names = {each.alias: each.field_info.annotation for each in parameters}
        facts = ROUTES[path]
        assert set(names) == {"bahasa", *facts.closed, *facts.open}, path
        assert not facts.open & set(facts.closed), path
        for name in facts.open:
            assert not set(_inner(names[name])) - {str, int, list, None, type(None)}, (path, name)


def _inner(annotation: Any) -> Iterator[Any]:
    parts = getattr(annotation, "__args__", ())
    if getattr(annotation, "__metadata__", ()):
        parts = parts[:1]
    yield from (inner for part in parts for inner in _inner(part)) if parts else [annotation]


CLOSED = [(path, name) for path, facts in ROUTES.items() for name in ("bahasa", *facts.closed)]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(("path", "name"), CLOSED)
def test_an_unknown_value_is_refused_with_those_that_there_are(
    room: TestClient, path: str, name: str, language: str
) -> None:
    """400, and a sentence in the reader's language that names the value and the known ones."""
    facts = ROUTES[path]
    headers = {"Cookie": f"bahasa={language}"}
    address = f"{facts.address}{'&' if '?' in facts.address else '?'}{name}={UNKNOWN}"
    if path.startswith("/api/") and name != "bahasa":
        address += f"&bahasa={language}"
    answer = room.get(address, headers=headers)
    assert answer.status_code == 400, answer.text
    said = json.loads(answer.text)["detail"] if path.startswith("/api/") else unescape(answer.text)
    spoken = "en" if path.startswith("/api/") and name == "bahasa" else language
    assert any(each.format(name=name, value=UNKNOWN) in said for each in REFUSED[spoken]), said
    assert facts.closed.get(name, "id, en") in said


@pytest.mark.parametrize("path", ROUTES)
def test_the_addresses_of_the_table_are_answered(room: TestClient, path: str) -> None:
    """Without the unknown value they are no refusals, so that it is the value which is refused."""
    address = ROUTES[path].address
    if "{run}" in address:
        address = address.format(run=room.get("/api/v1/runs").json()["runs"][0]["id"])
    elif "{family}" in address:
        hits = room.get("/api/v1/search", params={"limit": 100, "copies": True}).json()["hits"]
        address = address.format(family=next(hit["family"] for hit in hits if hit["copies"]))
    missing = {"/watches/1", "/watches/1.atom", "/masuk"}  # this archive has no watch and no account
    assert room.get(address).status_code == (404 if address in missing else 200)


def test_several_queries_have_no_line_for_each_source(room: TestClient) -> None:
    """The choice is refused, where it was passed over."""
    for path, says in (
        ("/attention?q=ISIS&q=Moskow&split=1", "hanya untuk satu pencarian"),
        ("/api/v1/counts?q=ISIS&q=Moskow&by_source=true", "for one query only"),
    ):
        answer = room.get(path)
        assert answer.status_code == 400
        assert says in answer.text


def test_the_feeds_and_the_api_of_a_story_are_of_that_story(room: TestClient) -> None:
    """The links of a page of copies lead to these copies alone, which the API passed over."""
    hits = room.get("/api/v1/search", params={"limit": 100, "copies": True}).json()["hits"]
    family = next(hit["family"] for hit in hits if hit["copies"])
    members = {each["id"] for each in room.get(f"/api/v1/families/{family}").json()["members"]}
    found = room.get("/api/v1/search", params={"family": family, "copies": True}).json()["hits"]
    assert {hit["id"] for hit in found} == members
    assert len(room.get("/api/v1/feed.json", params={"family": family}).json()["items"]) == len(members)
