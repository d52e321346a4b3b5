"""Following and reindexing into a real Elasticsearch, and all that can go wrong between the two."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import pytest
from elasticsearch import Elasticsearch
from sqlalchemy import delete

from archive import indexes
from archive.articles import Saved
from archive.database import Archive
from archive.records import ChangeKind, Image
from archive.tables import articles, versions
from indexer import schema
from indexer.contract import IndexBusy, NoIndex, Or, Physical, Query, SearchIndex, Sort, Unavailable, Word
from indexer.elastic import ElasticIndex
from indexer.follow import follow, retry
from indexer.previous import drop, rollback
from indexer.query import read
from indexer.reindex import STEPS, reindex
from indexer.status import status
from tests.conftest import WIB, an_article
from tests.elasticsearch.children import killed
from tests.test_contract import a_document

pytest_plugins = ["tests.elasticsearch.fixtures"]

Save = Callable[..., Saved]
DRAWN = random.SystemRandom().randrange(10_000)
"""The seed of what is drawn here; it stands in the names of the tests that use it."""


@pytest.fixture
def index(elasticsearch: str) -> ElasticIndex:
    """The engine, without any index."""
    return ElasticIndex(elasticsearch, "news", patience=10.0)


@pytest.fixture
def client(elasticsearch: str) -> Iterator[Elasticsearch]:
    """Somebody else's client of the same server."""
    with Elasticsearch(elasticsearch) as other:
        yield other


@pytest.fixture
def ten(archive: Archive, index: ElasticIndex, save: Save) -> Physical:
    """Ten articles, followed into an index."""
    for number in range(10):
        save(an_article(number))
    follow(archive, index)
    return standing(index)


def standing(index: SearchIndex) -> Physical:
    """The index behind the alias."""
    physical = index.current()
    assert physical is not None
    return physical


def total(index: SearchIndex, words: str = "") -> int:
    """How many articles a query finds."""
    return index.search(Query(read(words, WIB))).total


# -- following --------------------------------------------------------------------------------------------------------


def test_a_follow_brings_new_changed_and_forgotten_articles(archive: Archive, index: ElasticIndex, save: Save) -> None:
    for number in (1, 2, 3):
        save(an_article(number))
    assert follow(archive, index).done == 3
    save(an_article(1, title="Moskow"))
    with archive.saving() as saving:
        forgotten = an_article(3).id
        saving.connection.execute(delete(versions).where(versions.c.article_id == forgotten))
        saving.connection.execute(delete(articles).where(articles.c.id == forgotten))
        saving.changed(forgotten, ChangeKind.FORGOTTEN)
    done = follow(archive, index)
    assert (done.done, done.deleted, done.cursor) == (1, 1, archive.last_seq())
    assert (total(index), total(index, "Moskow")) == (2, 1)
    assert status(archive, index).fine
    assert follow(archive, index).done == 0


def test_a_refused_document_is_a_dead_letter_with_its_reason_and_the_rest_go_on(
    archive: Archive, index: ElasticIndex, save: Save
) -> None:
    save(an_article(1))
    save(an_article(2, tags=("x" * 40_000,)))
    save(an_article(3))
    done = follow(archive, index)
    assert (done.done, done.refused, total(index)) == (2, 1, 2)
    with archive.reading() as connection:
        (letter,) = indexes.failures(connection, standing(index).uuid)
    assert (letter.article_id, letter.seq) == (an_article(2).id, 2)
    assert "tags" in letter.reason
    assert len(letter.reason) < 1_000
    assert retry(archive, index).refused == 1
    save(an_article(2, title="Tanpa tanda"))
    assert (follow(archive, index).refused, total(index), status(archive, index).dead_letters) == (0, 3, 0)


def test_follow_leaves_out_what_an_index_of_an_older_schema_lacks(
    archive: Archive, index: ElasticIndex, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        older = tuple(field for field in schema.FIELDS if field.name not in ("captions", "place", "section"))
        before.setattr("indexer.elastic_mapping.FIELDS", older)
        follow(archive, index)
    save(an_article(1, section="Dunia", images=(Image(None, "Pesawat Sukhoi"),)))
    assert follow(archive, index).done == 1
    assert (total(index, "judul"), total(index, "Sukhoi")) == (1, 0)
    assert "place" not in index.search(Query(read("judul", WIB))).facets
    reindex(archive, index)
    assert total(index, "Sukhoi") == 1


def test_a_page_beyond_the_ten_thousandth_hit_is_the_right_one(
    archive: Archive, index: ElasticIndex, ten: Physical, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in pages from one view, as a plain search reads its first ones."""
    for sort in Sort:
        plain = index.search(Query(read("judul", WIB), sort=sort, limit=10))
        with monkeypatch.context() as small:
            small.setattr("indexer.elastic_search.WINDOW", 3)
            small.setattr("indexer.elastic_search.PAGE", 2)
            far = index.search(Query(read("judul", WIB), sort=sort, limit=4, offset=3))
            past = index.search(Query(read("judul", WIB), sort=sort, limit=50, offset=9))
        assert [hit.id for hit in far.hits] == [hit.id for hit in plain.hits[3:7]]
        assert [hit.id for hit in past.hits] == [plain.hits[9].id]
        assert (far.total, far.facets) == (plain.total, plain.facets)


# -- what stands in the way -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "remedy"),
    [("write", "index.blocks.write"), ("read_only", "index.blocks"), ("read_only_allow_delete", "free space")],
)
def test_a_blocked_index_stops_the_follower_with_the_remedy_and_nothing_is_lost_or_buried(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, save: Save, ten: Physical, block: str, remedy: str
) -> None:
    """`read_only_allow_delete` is what Elasticsearch itself sets when its disk is almost full."""
    client.indices.put_settings(index=ten.name, settings={f"index.blocks.{block}": True})
    save(an_article(50))
    with pytest.raises(Unavailable, match=remedy):
        follow(archive, index)
    seen = status(archive, index)
    assert (seen.lag, seen.dead_letters, total(index)) == (1, 0, 10)
    client.indices.put_settings(index=ten.name, settings={f"index.blocks.{block}": None})
    assert (follow(archive, index).done, total(index)) == (1, 11)


def test_an_index_that_has_the_aliass_name_is_left_alone_and_the_sentence_says_what_to_do(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, save: Save
) -> None:
    client.index(index="news", document={"theirs": 1}, refresh=True)
    save(an_article(1))
    for attempt in (follow, reindex):
        with pytest.raises(Unavailable, match=r"news is an index in .* KLIPING_INDEX_ALIAS"):
            attempt(archive, index)
    with pytest.raises(Unavailable, match="KLIPING_INDEX_ALIAS"):
        total(index)
    assert client.count(index="news")["count"] == 1
    client.indices.delete(index="news")
    assert follow(archive, index).done == 1


def test_an_alias_on_two_indexes_or_on_somebody_elses_is_said_so(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, ten: Physical
) -> None:
    client.indices.create(index="news-v9", aliases={"news": {}})
    with pytest.raises(Unavailable, match=f"2 indexes .*{ten.name}"):
        follow(archive, index)
    client.indices.delete_alias(index=ten.name, name="news")
    with pytest.raises(Unavailable, match="news-v9, which does not say what it was made for"):
        follow(archive, index)


def test_an_index_that_disappears_under_its_writer_is_not_made_again_without_our_mapping(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, save: Save, ten: Physical
) -> None:
    with index.writer(ten.name) as writer:
        client.indices.delete(index=ten.name)
        with pytest.raises(Unavailable, match="gone"):
            writer.apply([a_document(11)])
    assert not client.indices.exists(index=ten.name)
    with pytest.raises(NoIndex):
        total(index)
    assert (follow(archive, index).done, total(index)) == (10, 10)


# -- reindex ----------------------------------------------------------------------------------------------------------


def test_a_reindex_builds_from_zero_and_a_rollback_goes_back(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, save: Save, ten: Physical
) -> None:
    steps: list[str] = []
    loading: list[str] = []

    def at(step: str, fraction: float) -> None:
        steps.append(step)
        if (step, fraction) == ("check", 0.0):
            loading.append(refresh_interval(client, index.list()[-1].name))

    done = reindex(archive, index, at=at)
    assert (done.previous, done.documents, tuple(dict.fromkeys(steps))) == (ten.name, 10, STEPS)
    assert (loading, refresh_interval(client, done.index)) == (["-1"], "default")
    assert list(client.indices.get_alias(name="news").body) == [done.index]
    save(an_article(20))
    follow(archive, index)
    assert rollback(archive, index).index == ten.name
    assert total(index) == 11
    drop(archive, index, done.index)
    assert [each.name for each in index.list()] == [ten.name]


def test_searches_never_see_a_gap_while_indexes_are_built_and_the_old_ones_dropped_at_once(
    archive: Archive, index: ElasticIndex, ten: Physical
) -> None:
    told, seen = threading.Event(), []

    def look() -> None:
        searcher = ElasticIndex(index.url, "news")
        while not told.is_set():
            seen.append(total(searcher))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(3):
            reindex(archive, index, keep=0)
    finally:
        told.set()
        looking.join()
    assert len(seen) > 20
    assert set(seen) == {10}
    assert len(index.list()) == 1


def test_two_reindexes_at_once_are_one(archive: Archive, index: ElasticIndex, ten: Physical) -> None:
    tried: list[str] = []

    def at(step: str, fraction: float) -> None:
        if (step, fraction) == ("fill", 0.0):
            with pytest.raises(IndexBusy, match="nothing was done") as busy:
                reindex(archive, ElasticIndex(index.url, "news"))
            tried.append(str(busy.value))

    reindex(archive, index, at=at)
    assert (len(tried), len(index.list())) == (1, 2)


def test_a_question_that_is_too_large_is_refused_in_a_sentence_or_answered(index: ElasticIndex, ten: Physical) -> None:
    """Elasticsearch bounds the clauses of a query by its memory; what is beyond is never an empty answer."""
    for words in (1_000, 60_000):
        question = Query(Or((*(Word(f"kata{number}") for number in range(words)), Word("judul"))))
        try:
            assert index.search(question).total == 10
        except Unavailable as refused:
            assert words > 1_000
            assert "clauses" in str(refused)


def refresh_interval(client: Elasticsearch, name: str) -> str:
    """The setting of an index, or "default"."""
    settings = client.indices.get_settings(index=name, flat_settings=True)[name]["settings"]
    return str(settings.get("index.refresh_interval", "default"))


# -- killed -----------------------------------------------------------------------------------------------------------


def test_a_follower_killed_mid_bulk_loses_nothing_and_nothing_is_twice(
    archive: Archive, index: ElasticIndex, save: Save
) -> None:
    for number in range(20):
        save(an_article(number))
    killed("follow_killed_mid_bulk", archive.home, index.url, 3)
    seen = status(archive, index)
    assert (seen.cursor, seen.documents) == (10, 15)
    done = follow(archive, index, wait=10)
    assert (done.done, done.cursor, total(index)) == (10, 20, 20)
    assert status(archive, index).fine


@pytest.mark.parametrize("seed", [DRAWN])
def test_follower_and_reindex_killed_anywhere_leave_an_index_that_answers_and_the_next_ones_catch_up(
    archive: Archive, index: ElasticIndex, save: Save, ten: Physical, seed: int
) -> None:
    draw = random.Random(seed)
    for round_ in range(2):
        for number in range(15):
            save(an_article(1000 * (round_ + 1) + number))
        killed("killed_follow", archive.home, index.url, draw.uniform(0.0, 0.4))
        assert total(index) >= 10
        step = draw.choice(STEPS)
        killed("killed_reindex", archive.home, index.url, step, draw.random(), draw.uniform(0.0, 0.3))
        assert total(index) >= 10
        follow(archive, index, wait=10)
        assert total(index) == 10 + 15 * (round_ + 1)
    reindex(archive, index, lease_seconds=0.7, wait=10)
    assert (total(index), status(archive, index).fine) == (40, True)
