"""What `kliping doctor` and `kliping read words` print about a real Elasticsearch, and what they advise."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from sqlalchemy import update
from typer.testing import CliRunner

from archive.database import Archive
from archive.tables import facts
from indexer.analysis.analyzer import stemmed_terms
from indexer.contract import PhysicalIndex
from indexer.elastic.cluster import health_in_words, version_in_words
from indexer.elastic.index import ElasticIndex
from indexer.follow import follow
from indexer.registry import current_provenance, register
from indexer.reindex import reindex
from kliping.cli.main import app
from tests.conftest import an_article
from tests.support.elasticsearch.obstacles import stand_out_of_reach
from tests.support.indexes import Save

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

NOBODY = "http://127.0.0.1:9"
"""An address where nothing listens."""


@dataclass(frozen=True)
class DoctorFindings:
    """What the doctor found about the index and its cluster: each problem with its remedy, and what is fine."""

    wrong: dict[str, str]
    fine: list[str]

    def remedy_of(self, words: str) -> str:
        """The remedy of the one problem with these words."""
        (found,) = [remedy for seen, remedy in self.wrong.items() if words in seen]
        return found


@pytest.fixture
def doctor(archive: Archive, elasticsearch: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], DoctorFindings]:
    """Runs the doctor on the test's archive and server."""
    monkeypatch.setenv("KLIPING_HOME", str(archive.home))
    monkeypatch.setenv("KLIPING_INDEX_URL", elasticsearch)

    def ask() -> DoctorFindings:
        done = CliRunner().invoke(app, ["doctor", "--json"], catch_exceptions=False)
        about = ("cluster", "version", "node", "index")
        found = [each for each in json.loads(done.stdout) if each["about"] in about]
        wrong = {each["seen"]: each["remedy"] or "" for each in found if not each["fine"]}
        assert done.exit_code == 1 or not wrong
        return DoctorFindings(wrong, [each["seen"] for each in found if each["fine"]])

    return ask


@pytest.fixture
def index(archive: Archive, elasticsearch: str, save: Save) -> ElasticIndex:
    """An index of three articles."""
    for number in range(3):
        save(an_article(number))
    engine = ElasticIndex(elasticsearch, "news", patience=2.0)
    follow(archive, engine)
    return engine


@pytest.fixture
def client(elasticsearch: str) -> Iterator[Elasticsearch]:
    """Another client of the same server."""
    with Elasticsearch(elasticsearch, request_timeout=60) as other:
        yield other


def test_doctor_shows_health_and_versions_of_a_healthy_cluster(
    doctor: Callable[[], DoctorFindings], index: ElasticIndex
) -> None:
    said = doctor()
    assert said.wrong == {}
    assert said.fine[0].endswith("1 node, green: every index has all its copies")
    assert "Elasticsearch 9." in said.fine[1]
    assert said.fine[2] == f"{index.alias_target()}: 3 documents"


def test_doctor_names_the_command_for_lag_dead_letters_and_a_needed_reindex(
    doctor: Callable[[], DoctorFindings],
    archive: Archive,
    index: ElasticIndex,
    save: Save,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save(an_article(4, section="x" * 40_000))
    assert doctor().remedy_of("1 changes behind") == "kliping index follow"
    follow(archive, index)
    assert doctor().remedy_of("1 articles were refused") == "kliping index failures"
    save(an_article(4, title="Tanpa rubrik yang panjang"))
    follow(archive, index)
    with monkeypatch.context() as later:
        later.setattr("indexer.registry.LEXICON_VERSION", "later")
        later.setattr("indexer.registry.SCHEMA_VERSION", 99)
        assert doctor().remedy_of("the present one is later") == "kliping reindex"
        assert doctor().remedy_of("writes schema 99") == "kliping reindex"
    with archive.writing() as connection:
        connection.execute(update(facts).where(facts.c.name == "epoch").values(value="restored"))
    assert doctor().remedy_of("made before this archive was restored") == "kliping reindex"
    with archive.writing() as connection:
        connection.execute(update(facts).where(facts.c.name == "archive_id").values(value="another"))
    assert doctor().remedy_of("made for another archive") == "kliping reindex"
    del archive.identity
    reindex(archive, index)
    assert doctor().wrong == {}


def test_doctor_says_how_to_lift_an_index_block(
    doctor: Callable[[], DoctorFindings], index: ElasticIndex, client: Elasticsearch
) -> None:
    name = index.alias_target()
    assert name
    for block, remedy in (("write", "null"), ("read_only_allow_delete", "Free disk space")):
        client.indices.put_settings(index=name, settings={f"index.blocks.{block}": True})
        assert remedy in doctor().remedy_of(f"index.blocks.{block} is set")
        client.indices.put_settings(index=name, settings={f"index.blocks.{block}": None})


def test_doctor_reports_an_index_that_no_node_has_and_its_remedy_works(
    doctor: Callable[[], DoctorFindings], archive: Archive, elasticsearch: str, client: Elasticsearch
) -> None:
    index = ElasticIndex(elasticsearch, "news", patience=1.0)
    physical = PhysicalIndex.new("news", current_provenance(archive), datetime.now(UTC))
    register(archive, index, physical)
    stand_out_of_reach(client, physical)
    said = doctor()
    assert "kliping reindex" in said.remedy_of(f"{physical.name}: no running node has it: searches fail")
    assert any("red: an index, or a part of one, cannot be reached" in seen for seen in said.fine)
    assert CliRunner().invoke(app, ["reindex"], catch_exceptions=False).exit_code == 0
    drop = ["index", "drop", physical.name]
    assert doctor().remedy_of(f"{physical.name}: no running node has it; it is not").endswith(" ".join(drop))
    assert CliRunner().invoke(app, drop, catch_exceptions=False).exit_code == 0
    assert doctor().wrong == {}


def test_doctor_reports_an_index_that_has_the_name_of_the_alias(
    doctor: Callable[[], DoctorFindings], client: Elasticsearch
) -> None:
    client.index(index="news", document={"theirs": 1}, refresh=True)
    (seen,) = doctor().wrong
    assert seen.startswith("news is an index in ")
    assert "KLIPING_INDEX_ALIAS" in seen


def test_doctor_reports_the_lag_of_an_index_whose_cluster_does_not_answer(
    doctor: Callable[[], DoctorFindings], index: ElasticIndex, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(an_article(10))
    save(an_article(11))
    monkeypatch.setenv("KLIPING_INDEX_URL", NOBODY)
    said = doctor()
    assert any("cannot be reached" in seen for seen in said.wrong)
    assert said.remedy_of("2 changes behind the archive") == "Then: kliping index follow"


def test_doctor_names_the_address_that_does_not_answer_while_the_others_work(
    doctor: Callable[[], DoctorFindings],
    elasticsearch: str,
    index: ElasticIndex,
    save: Save,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KLIPING_INDEX_URL", f"{NOBODY}, {elasticsearch}")
    save(an_article(10))
    call = CliRunner().invoke
    assert call(app, ["index", "follow"], catch_exceptions=False).exit_code == 0
    assert '"total": 4' in call(app, ["search", "judul", "--json"], catch_exceptions=False).stdout
    said = doctor()
    assert "KLIPING_INDEX_URL" in said.remedy_of(f"at {NOBODY} cannot be reached")
    assert len(said.wrong) == 1


# -- wording ---------------------------------------------------------------------------------------------------------


def seen_of(status: str, index: dict[str, Any]) -> list[tuple[bool, str]]:
    """The findings about a cluster with this status and an index with this health."""
    health = {"cluster_name": "redaksi", "status": status, "number_of_nodes": 3, "indices": {"news-v1": index}}
    return [(each.fine, each.seen) for each in health_in_words(health, {"news-v1"})]


@pytest.mark.parametrize(
    ("status", "index", "expected"),
    [
        ("green", {"status": "green"}, [(True, "redaksi: 3 nodes, green: every index has all its copies")]),
        ("red", {"status": "green"}, [(True, "cannot be reached (none of Kliping's)")]),
        (
            "yellow",
            {"status": "yellow", "initializing_shards": 1},
            [(True, "copies are missing"), (True, "being made")],
        ),
        ("yellow", {"status": "yellow", "initializing_shards": 0}, [(True, "yellow"), (False, "a copy is missing")]),
        ("red", {"status": "red", "initializing_shards": 0}, [(True, "red"), (False, "searches fail")]),
    ],
)
def test_each_health_of_a_cluster_has_a_sentence(
    status: str, index: dict[str, Any], expected: list[tuple[bool, str]]
) -> None:
    seen = seen_of(status, index)
    assert [fine for fine, _ in seen] == [fine for fine, _ in expected]
    assert all(words in sentence for (_, sentence), (_, words) in zip(seen, expected, strict=True))


@pytest.mark.parametrize(
    ("servers", "client", "fine"),
    [
        ({"9.5.3"}, "9.5.1", True),
        ({"9.10.0"}, "9.5.1", True),
        ({"10.0.0"}, "9.5.1", True),
        ({"9.4.9"}, "9.5.1", False),
        ({"9.4.9"}, "9.10.0", False),
        ({"9.5.3", "9.6.0"}, "9.5.1", False),
        ({"8.19.0", "9.5.3"}, "9.5.1", False),
    ],
)
def test_doctor_reports_a_client_newer_than_a_server_and_nodes_of_different_versions(
    servers: set[str], client: str, fine: bool
) -> None:
    condition = version_in_words(servers, client)
    assert (condition.fine, condition.remedy is None) == (fine, fine)
    assert all(version in condition.seen for version in (*servers, client))


# -- read words -------------------------------------------------------------------------------------------------------


WORDS = ("membicarakan", "pembicaraan", "ISIS", "dan", "anti-ISIS", "Jum’at")


def test_read_words_returns_the_same_terms_from_the_cluster_and_the_embedded_analyzer(
    index: ElasticIndex, elasticsearch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLIPING_INDEX_URL", elasticsearch)
    asked = "".join(json.dumps({"word": word}) + "\n" for word in WORDS)
    words = ["read", "words", "--engine", "elasticsearch", "--jsonl"]
    done = CliRunner().invoke(app, words, input=asked, catch_exceptions=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers == [{"word": word, "terms": stemmed_terms(word)} for word in WORDS]
    shown = CliRunner().invoke(app, ["read", "words", "--engine", "elasticsearch", *WORDS], catch_exceptions=False)
    assert shown.stdout.splitlines()[1].split() == ["membicarakan", *stemmed_terms("membicarakan")]


@pytest.mark.parametrize(
    ("url", "status", "sentence"),
    [
        ("embedded:", 2, "No Elasticsearch is configured. Set KLIPING_INDEX_URL"),
        ("http://host", 2, "Set it to host and port"),
        (NOBODY, 1, "cannot be reached"),
        (None, 1, "There is no index news yet."),
    ],
)
def test_read_words_says_in_one_sentence_why_the_cluster_cannot_answer(
    elasticsearch: str, monkeypatch: pytest.MonkeyPatch, url: str | None, status: int, sentence: str
) -> None:
    monkeypatch.setenv("KLIPING_INDEX_URL", url or elasticsearch)
    done = CliRunner().invoke(app, ["read", "words", "--engine", "elasticsearch", "beras"], catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (status, "")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
