"""The API: what it answers, page by page, conditionally, within limits, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from tests.support.reading_room import MOSCOW, serve
from web.api.limits import MOST_ADDRESSES, TokenBuckets

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def api(demo_home: Path) -> TestClient:
    """A client that may ask as often as it likes."""
    return serve(demo_home, web_api_per_minute=1_000_000)


def get(api: TestClient, path: str, **parameters: Any) -> Any:
    """The JSON of an answer with status 200."""
    answer = api.get(f"/api/v1{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("sort", ["newest", "oldest", "relevance"])
def test_pages_have_every_article_once(api: TestClient, sort: str) -> None:
    """The cursor of each page leads to the next, until it is null."""
    everything = get(api, "/search", sort="newest", limit=100, copies=True)
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = get(api, "/search", sort=sort, limit=7, copies=True, cursor=cursor)
        seen += [hit["id"] for hit in page["hits"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == everything["total"] == len(everything["hits"])
    assert set(seen) == {hit["id"] for hit in everything["hits"]}


def test_a_search_says_what_it_did(api: TestClient) -> None:
    """Facets where they are asked for, highlights, and sentences about words that were corrected."""
    page = get(api, "/search", q="ISIS Moskow", facets=True, limit=1)
    assert page["hits"][0]["title"] == MOSCOW
    assert page["facets"]["source"]["newsstand"] > 0
    assert "<em>" in json.dumps(page["hits"][0]["highlights"])
    assert get(api, "/search", q="ISIS")["facets"] == {}
    assert get(api, "/search", q="Moksow")["notes"]["sentences"]


def test_an_article_its_versions_and_its_family_are_read_by_id(api: TestClient) -> None:
    """The two versions of the corrected story, and the copies of it."""
    found = get(api, "/search", q=f'"{MOSCOW}"', limit=1)["hits"][0]
    article = get(api, f"/articles/{found['id']}")
    assert (article["title"], article["version"]) == (MOSCOW, 2)
    versions = get(api, f"/articles/{found['id']}/versions")
    assert [each["version"] for each in versions["versions"]] == [1, 2]
    assert versions["versions"][1]["body"] == article["body"] != versions["versions"][0]["body"]
    assert versions["versions"][1]["changed"]
    assert versions["lost"] == []
    copied = next(hit for hit in get(api, "/search", limit=100, copies=True)["hits"] if hit["copies"])
    family = get(api, f"/families/{copied['family']}")
    assert copied["id"] in [member["id"] for member in family["members"]]
    assert len(family["members"]) == copied["copies"] + 1


def test_counts_and_words_are_those_of_the_page(api: TestClient) -> None:
    """Counts sum to what a search finds; few stories have no words that stand out, and it says why."""
    counts = get(api, "/counts", q=["ISIS", "Moskow"], interval="year")
    assert [curve["name"] for curve in counts["curves"]] == ["ISIS", "Moskow"]
    total = get(api, "/search", q="+ISIS", copies=True)["total"]
    assert counts["curves"][0]["total"] >= total > 0
    assert all(len(curve["counts"]) == len(counts["periods"]) for curve in counts["curves"])
    assert get(api, "/words", q="ISIS")["why_none"] == "few"


def test_runs_are_read_page_by_page(api: TestClient) -> None:
    """Each page goes on behind the last run of the one before."""
    all_of_them = [each["id"] for each in get(api, "/runs", limit=200)["runs"]]
    assert len(all_of_them) > 1
    first = get(api, "/runs", limit=1)
    second = get(api, "/runs", limit=1, cursor=first["next"])
    assert [first["runs"][0]["id"], second["runs"][0]["id"]] == all_of_them[:2]
    report = get(api, f"/runs/{all_of_them[0]}")
    assert sum(report["outcomes"].values()) + report["unfinished"] == report["taken_up"] > 0


def test_feeds_have_the_newest_articles_of_a_query(api: TestClient) -> None:
    """Atom and JSON Feed have the same items with the same ids, which do not change."""
    atom = api.get("/api/v1/feed.atom", params={"q": "ISIS"})
    feed = api.get("/api/v1/feed.json", params={"q": "ISIS"})
    assert atom.headers["content-type"] == "application/atom+xml"
    assert feed.headers["content-type"] == "application/feed+json"
    entries = etree.fromstring(atom.content).findall(f"{ATOM}entry")
    items = feed.json()["items"]
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [item["id"] for item in items] != []
    assert feed.json()["version"] == "https://jsonfeed.org/version/1.1"
    assert all(len(item["content_text"]) <= 302 for item in items)


def test_an_export_is_streamed_whole(api: TestClient) -> None:
    """As many lines as the search has articles, with the stamp of what was exported."""
    answer = api.get("/api/v1/export", params={"q": "ISIS", "format": "jsonl"})
    assert answer.status_code == 200
    lines = answer.text.strip().splitlines()
    assert len(lines) == int(answer.headers["x-kliping-articles"]) > 0
    assert answer.headers["x-kliping-stamp"]
    assert all("ISIS" in line for line in lines)


@pytest.mark.parametrize("path", ["/search?q=ISIS", "/counts?q=ISIS", "/sources", "/runs", "/feed.atom?q=ISIS"])
def test_what_a_client_has_is_not_sent_again(api: TestClient, path: str) -> None:
    """Its ETag, weak or among others, gives 304 without content; another one the whole answer."""
    first = api.get(f"/api/v1{path}")
    tag = first.headers["etag"]
    for header in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = api.get(f"/api/v1{path}", headers={"If-None-Match": header})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = api.get(f"/api/v1{path}", headers={"If-None-Match": '"x"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/search?q=%22ISIS", 400, "q: This quotation mark is never closed"),
        ("/search?limit=1000", 400, "limit: "),
        ("/search?sort=random", 400, "sort: "),
        ("/search?cursor=abc", 400, "cursor: 'abc' is not a cursor"),
        ("/search?after=2015-13", 400, "2015-13"),
        ("/search?q=" + "a+" * 120, 400, "100"),
        ("/counts", 400, "q: "),
        ("/counts?q=a&q=b&q=c&q=d&q=e&q=f", 400, "q: "),
        ("/counts?q=ISIS&from=2016&until=2015", 400, "Exchange them"),
        ("/words?q=", 400, "q"),
        ("/export?format=exe", 400, "format: "),
        ("/runs?cursor=nix", 400, "cursor: there is no run “nix”"),
        ("/articles/0123456789", 404, "does not have this article"),
        ("/families/0123456789", 404, "no such family"),
        ("/runs/nix", 404, "no such run"),
        ("/nix", 404, "no such page"),
    ],
)
def test_a_refusal_has_problem_details(api: TestClient, path: str, status: int, says: str) -> None:
    """RFC 9457, in English: status, title, and a sentence that says what is wrong."""
    answer = api.get(f"/api/v1{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert says in problem["detail"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/search?q=a+%22ISIS", "q: Tanda kutip ini tidak ditutup. Tutup, atau hapus. (pada karakter ke-3)"),
        ("/feed.atom?q=%22ISIS", "q: Tanda kutip ini tidak ditutup"),
        ("/export?q=%22ISIS", "q: Tanda kutip ini tidak ditutup"),
        ("/search?cursor=abc", "cursor: Penunjuk halaman ini"),
        ("/counts?q=%22ISIS", "Tanda kutip ini tidak ditutup"),
        ("/counts?q=ISIS&from=2016&until=2015", "Tukarkan"),
    ],
)
def test_a_refusal_is_in_indonesian_for_who_asks_so(api: TestClient, path: str, says: str) -> None:
    answer = api.get(f"/api/v1{path}&bahasa=id")
    assert answer.status_code == 400
    assert says in answer.json()["detail"]


def test_an_address_that_asks_too_often_waits(demo_home: Path) -> None:
    """After its burst it gets 429 and the seconds to wait."""
    api = serve(demo_home, web_api_per_minute=60)
    answers = [api.get("/api/v1/runs") for _ in range(12)]
    refused = [each for each in answers if each.status_code == 429]
    assert [each.status_code for each in answers[:10]] == [200] * 10
    assert refused
    assert 1 <= int(refused[0].headers["retry-after"]) <= 2
    assert refused[0].json()["status"] == 429
    assert api.get("/").status_code == 200  # pages are not limited


def test_tokens_come_back_with_time_and_each_address_has_its_own() -> None:
    """A bucket never holds more than its burst, and addresses that are quiet are forgotten."""
    now = [0.0]
    buckets = TokenBuckets(60, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(10)] == [0.0] * 10
    assert buckets.take("a") == pytest.approx(1.0)
    assert buckets.take("b") == 0.0
    now[0] = 1.0
    assert buckets.take("a") == 0.0
    assert buckets.take("a") > 0
    now[0] = 1_000_000.0
    assert [bool(buckets.take("a")) for _ in range(11)] == [False] * 10 + [True]
    for number in range(MOST_ADDRESSES + 5):
        buckets.take(str(number))
    assert len(buckets._buckets) == MOST_ADDRESSES


def test_without_full_texts_the_api_has_none(demo_home: Path) -> None:
    """Where only snippets are shown, an article has no body, and an export is refused."""
    api = serve(demo_home, web_snippets_only=True)
    found = get(api, "/search", q="ISIS", limit=1)["hits"][0]
    article = get(api, f"/articles/{found['id']}")
    assert (article["body"], article["lede"]) == (None, None)
    versions = get(api, f"/articles/{found['id']}/versions")["versions"]
    assert all(each["body"] is None for each in versions)
    assert api.get("/api/v1/export").status_code == 403


def test_a_program_sends_the_token(demo_home: Path) -> None:
    """Without it, 401 and problem details; a feed reader may send it as a password."""
    token = "0123456789abcdef0123"
    api = serve(demo_home, web_token=token)
    refused = api.get("/api/v1/search")
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
    assert api.get("/api/v1/search", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert api.get("/api/v1/feed.atom", auth=("", token)).status_code == 200
