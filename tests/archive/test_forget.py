"""What a forget does to rows: families, messages, reports, records of files that others use."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import OperationalError

from archive import orphans, outbox, postgres, sqlite
from archive.articles import SaveResult
from archive.database import Archive
from archive.families.growing import grow
from archive.families.members import family_of
from archive.forget import LEASE, ForgetRequest, finish, forget
from archive.leases import acquire
from archive.notice_tables import notices
from archive.outbox import NewNotice, NoticeKind
from archive.pages import add_page
from archive.records import ChangeKind
from archive.run import LeaseHeldError
from archive.salvage import settle_references
from archive.tables import addresses, articles, bands, changes, families, sketches
from archive.tombstone_tables import tombstones
from archive.verify import verify
from archive.warc.erasing import erase, filler
from archive.warc.foreign import WarcFile
from archive.warc.pages import FetchedPage, StoredRecord
from archive.warc.reading import load_page, load_pages
from archive.warc.writing import WarcWriter, gzip_member
from tests.archive.test_families import a_copy
from tests.conftest import an_article

Save = Callable[..., SaveResult]
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def request(article_id: str) -> list[ForgetRequest]:
    return [ForgetRequest(article_id, reason="Putusan 12/Pdt.G/2026")]


def count(archive: Archive, table: object) -> int:
    with archive.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_a_family_goes_on_without_the_first_publisher(archive: Archive, save: Save) -> None:
    copies = [a_copy(number) for number in range(3)]
    for each in copies:
        save(each)
    grow(archive)
    (done,) = forget(archive, request(copies[0].id), NOW)
    assert set(done.copies) == {copies[1].id, copies[2].id}
    with archive.reading() as connection:
        family = family_of(connection, str(connection.execute(select(articles.c.family)).scalars().first()))
        assert family is not None
        assert [each.article.id for each in family.members] == [copies[1].id, copies[2].id]
        told = connection.execute(select(changes.c.article_id, changes.c.kind).order_by(changes.c.seq)).all()
    assert tuple(told[-3]) == (copies[0].id, str(ChangeKind.FORGOTTEN))
    family_kind = str(ChangeKind.FAMILY)
    assert {tuple(each) for each in told[-2:]} == {(copies[1].id, family_kind), (copies[2].id, family_kind)}
    assert count(archive, sketches) == 2
    forget(archive, request(copies[1].id), NOW)
    grow(archive)
    with archive.reading() as connection:
        assert connection.execute(select(articles.c.family)).scalars().all() == [None]
    forget(archive, request(copies[2].id), NOW)
    grow(archive)
    assert (count(archive, sketches), count(archive, bands)) == (0, 0)
    assert verify(archive).wrong == ()


def test_the_same_text_from_the_same_source_does_not_come_back_under_another_address(
    archive: Archive, save: Save
) -> None:
    article = a_copy(0)
    save(article)
    forget(archive, request(article.id), NOW)
    moved = replace(an_article(7), **{name: getattr(article, name) for name in ("title", "body", "published_at")})
    assert save(replace(moved, source=article.source)).outcome == "skipped:forgotten"
    assert save(replace(moved, source="tempo")).outcome == "stored"  # another outlet's copy is another article
    assert save(article).outcome == "skipped:forgotten"


def test_messages_lose_its_headline_and_address(archive: Archive, save: Save) -> None:
    article = an_article()
    save(article)
    with archive.writing() as connection:
        told = NewNotice(NoticeKind.HIT, "watch:1", f"beras: {article.title}", f"Baru\n{article.url}", NOW)
        outbox.add(connection, [(told, [])])
    forget(archive, request(article.id), NOW)
    with archive.reading() as connection:
        row = connection.execute(select(notices)).one()
    assert (row.title, row.body) == ("beras: [forgotten]", "Baru\n[forgotten]")


def test_no_two_forgets_and_no_backup_run_at_once(archive: Archive, save: Save) -> None:
    save(an_article())
    assert acquire(archive, LEASE, holder="redaksi:1:a", seconds=60)
    with pytest.raises(LeaseHeldError, match="redaksi:1:a"):
        forget(archive, request(an_article().id), NOW)
    assert count(archive, articles) == 1


def test_orphans_are_named_and_settled(archive: Archive, save: Save) -> None:
    save(an_article())
    with archive.writing() as connection:
        listed = {"url": "http://a.test/1", "source": "a", "first_seen": NOW, "state": "done", "etag": "x"}
        connection.execute(insert(addresses).values(key="a.test/1", article_id="0" * 32, **listed))
        connection.execute(insert(sketches).values(id=1, article_id="1" * 32, content_hash="x"))
        connection.execute(insert(families).values(id="f", made_at=NOW, merged_into="lost"))
        connection.execute(update(articles).values(family="unknown"))
    assert len(verify(archive).wrong) == 4
    assert all(fault.mendable for fault in verify(archive).faults)
    with archive.saving() as saving:
        settle_references(saving.connection, NOW)
    assert verify(archive).wrong == ()
    with archive.reading() as connection:
        assert not list(orphans.find(connection))
        assert connection.execute(select(addresses.c.article_id, addresses.c.etag)).one() == (None, None)


# -- records ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("linked", [False, True])
def test_an_erased_record_leaves_every_other_one_where_it_is(tmp_path: Path, linked: bool) -> None:
    writer = WarcWriter(tmp_path, "run", "test")
    kept = [FetchedPage(f"http://a.test/{n}", 200, (), os.urandom(2000) * n, NOW) for n in range(1, 6)]
    places = writer.write_all(kept)
    writer.close()
    path = tmp_path / places[0].file
    before = path.read_bytes()
    if linked:
        os.link(path, tmp_path / "backup")
    for _ in range(2):  # twice is as once
        erase(tmp_path, [places[1], places[3]])
    assert path.stat().st_size == len(before)
    for number in (0, 2, 4):
        assert load_page(tmp_path, places[number]).content == kept[number].content
    assert [page.url for page in load_pages(path)] == [kept[number].url for number in (0, 2, 4)]
    with WarcFile(path) as file:
        assert [file.records_at(place.offset)[1] for place in places[:-1]] == [place.offset for place in places[1:]]
    if linked:
        assert (tmp_path / "backup").read_bytes() == before
        assert not list(tmp_path.glob("*erasing"))


@pytest.mark.parametrize("length", [22, 60, 150, 188, 189, 190, 191, 192, 193, 1_000, 400_003])
def test_a_filler_has_exactly_the_length_of_what_it_replaces(length: int) -> None:
    assert len(filler(length, "a:1")) == length


def test_the_smallest_record_is_long_enough_for_a_filler() -> None:
    smallest = gzip_member(FetchedPage("http://a.id", 200, (), b"", NOW))
    assert filler(len(smallest), "a:1")[:2] == b"\x1f\x8b"


def test_a_record_of_a_forgotten_page_that_a_killed_run_left_is_erased_too(archive: Archive, save: Save) -> None:
    article = an_article()
    writer = WarcWriter(archive.warc_folder, "killed", "test")
    page = FetchedPage(str(article.url), 200, (), b"<p>Wakatobinesia</p>", NOW)
    first, second = writer.write_all([page, replace(page, fetched_at=NOW.replace(hour=3))])
    writer.close()
    with archive.writing() as connection:
        page_id = add_page(connection, page, first, source="newsstand", run_id="killed")
    save(article, page_id=page_id)
    forget(archive, request(article.id), NOW)
    assert list(load_pages(archive.warc_folder / second.file)) == []
    assert isinstance(second, StoredRecord)
    assert not finish(archive)


# -- hardships --------------------------------------------------------------------------------------------------------


def test_a_locked_database_is_an_error_and_nothing_is_forgotten(
    archive: Archive, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(an_article())
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(postgres, "LOCK_SECONDS", 1)
    with (
        Archive.open(archive.url, archive.home) as impatient,
        archive.writing(),
        pytest.raises(OperationalError, match=r"locked|lock timeout"),
    ):
        forget(impatient, request(an_article().id), NOW)
    assert count(archive, articles) == 1
    assert count(archive, tombstones) == 0
