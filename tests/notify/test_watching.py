"""Watches: what is new to a search is told exactly once, and corrections as such."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from archive import outbox, runs, watches
from archive.articles import mark_gone, save_article
from archive.database import Archive
from archive.records import Article
from archive.tables import facts
from archive.watches import Rhythm, SearchWatch, WatchHit
from indexer.engines import open_index
from indexer.follow import follow
from indexer.reindex import reindex
from notify import watching
from notify.preferences import Preferences
from notify.watching import WatchReport, look
from tests.conftest import an_article
from tests.notify.conftest import JAKARTA
from tests.support.postgresql.archives import on_both

NOW = datetime(2026, 3, 1, 3, 20, tzinfo=UTC)  # 10:20 in Jakarta
WISHES = Preferences({"desk": "json://127.0.0.1:1/"}, JAKARTA)
ISIS = "Rusia bahas penumpasan ISIS di Moskow"


class WatchDesk:
    """An archive with an index and watches; saves articles in runs of any kind, and follows."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.archive = archive
        self.index = open_index("embedded:", folder, "news")
        self.now = NOW

    def watch(self, query: str = "ISIS Moskow", rhythm: Rhythm = Rhythm.EACH, **options: Any) -> SearchWatch:
        plain: dict[str, Any] = {"target": "desk", "address": None, "imports": False}
        return watches.add(self.archive, query, rhythm=rhythm, now=self.now, **plain | options)

    def save(self, *articles: Article, kind: str = "crawl") -> None:
        run_id = f"{kind}-{self.now:%H%M%S%f}-{self.archive.last_seq()}"
        fields: dict[str, Any] = {"run_id": run_id, "page_id": None, "reader": "test", "now": self.now}
        with self.archive.saving() as saving:
            runs.begin(
                saving.connection, run_id, source="newsstand", kind=kind, holder="test", lease=None, now=self.now
            )
            for article in articles:
                save_article(saving, article, fetched_at=self.now, **fields)
        self.now += timedelta(minutes=1)

    def look(self) -> WatchReport:
        follow(self.archive, self.index)
        return look(self.archive, self.index, WISHES, self.now)

    def found(self, watch: SearchWatch) -> list[WatchHit]:
        with self.archive.reading() as connection:
            return watches.latest_hits(connection, watch.id, 100)

    def told(self) -> list[outbox.Delivery]:
        with self.archive.reading() as connection:
            return outbox.pending(connection)

    def titles(self) -> list[str]:
        return [each.title.removeprefix("Kliping: ") for each in self.told()]


@pytest.fixture
def desk(archive: Archive, tmp_path: Path) -> WatchDesk:
    """A desk with one article that was there before any watch."""
    opened = WatchDesk(archive, tmp_path / "index")
    opened.save(an_article(1, title=ISIS))
    return opened


def story(number: int, **changes: Any) -> Article:
    return an_article(number, **{"title": f"{ISIS}, bagian {number}"} | changes)


def test_what_a_round_brings_is_news_too(desk: WatchDesk) -> None:
    desk.watch()
    desk.save(story(2), kind="round")
    assert desk.look() == WatchReport(1, 1)


@on_both
def test_what_is_new_is_told_once(desk: WatchDesk) -> None:
    desk.watch()
    assert desk.look() == WatchReport()  # what was there before is not new
    desk.save(story(2), an_article(3))
    assert desk.look() == WatchReport(1, 1)
    assert desk.look() == WatchReport()
    (told,) = desk.told()
    assert told.title == f"Kliping: ISIS Moskow: {ISIS}, bagian 2"
    assert told.body.splitlines() == [
        f"New: {ISIS}, bagian 2",
        "newsstand, 2024-05-01T09:32:00+07:00",
        "http://www.newsstand.test/berita/2/judul-2",
    ]
    assert (told.kind, told.target) == (outbox.NoticeKind.HIT, "desk")


def test_names_and_forms_are_found_as_a_search_finds_them_and_nothing_is_relaxed(desk: WatchDesk) -> None:
    desk.watch("penumpasan NIIS moskwa")  # another name, another spelling, another form
    desk.watch("ISIS Moskow Jakarta")
    desk.watch("ISIZ Moskow")
    desk.save(story(2, title="Moskow menumpas ISIS", body=("Ditumpas.",)))
    desk.look()
    assert desk.titles() == ["penumpasan NIIS moskwa: Moskow menumpas ISIS"]


@on_both
def test_a_correction_is_told_as_one(desk: WatchDesk) -> None:
    watch = desk.watch()
    desk.save(story(2))
    desk.look()
    desk.save(story(2, title=f"{ISIS} (ralat)"))
    desk.look()
    assert desk.titles()[1] == f"Corrected: ISIS Moskow: {ISIS} (ralat)"
    assert desk.told()[1].kind is outbox.NoticeKind.CORRECTION
    assert [(hit.version, hit.corrects) for hit in desk.found(watch)] == [(2, True)]


def test_a_correction_of_an_article_from_before_the_watch_is_told_as_one(desk: WatchDesk) -> None:
    desk.watch()
    desk.save(an_article(1, title=f"{ISIS} (ralat)"))
    desk.look()
    assert desk.titles() == [f"Corrected: ISIS Moskow: {ISIS} (ralat)"]


def test_two_versions_of_one_follow_are_one_new_article(desk: WatchDesk) -> None:
    desk.watch()
    desk.save(story(2))
    desk.save(story(2, title=f"{ISIS} (ralat)"))
    desk.look()
    assert desk.titles() == [f"ISIS Moskow: {ISIS} (ralat)"]


def test_an_article_that_is_gone_or_read_again_is_not_news(desk: WatchDesk) -> None:
    desk.watch()
    desk.save(story(2))
    desk.look()
    with desk.archive.saving() as saving:
        mark_gone(saving, story(2).id, desk.now)
        mark_gone(saving, an_article(1).id, desk.now)
    assert desk.look() == WatchReport()
    desk.save(story(2, title=f"{ISIS}, dibaca ulang"), kind="reextract")
    assert desk.look() == WatchReport()


@pytest.mark.parametrize(("asks", "told"), [(False, 0), (True, 2)])
def test_imports_and_backfills_are_silent_unless_asked(desk: WatchDesk, asks: bool, told: int) -> None:
    desk.watch(imports=asks)
    desk.save(story(2), kind="import")
    desk.save(story(3), kind="backfill")
    desk.look()
    assert len(desk.told()) == told


def test_a_large_import_hides_no_news(desk: WatchDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PAGE", 10)
    desk.watch()
    desk.save(story(2))
    desk.save(*(story(number) for number in range(10, 40)), kind="import")
    desk.look()
    assert desk.titles() == [f"ISIS Moskow: {ISIS}, bagian 2"]


def test_of_very_many_articles_the_newest_are_told_and_that_there_are_more(
    desk: WatchDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "MOST_HITS", 3)
    monkeypatch.setattr(watching, "MOST_SINGLE", 2)
    watch = desk.watch()
    desk.save(*(story(number) for number in range(2, 8)))
    desk.look()
    assert len(desk.found(watch)) == 3
    (told,) = desk.told()
    assert told.title == "Kliping: ISIS Moskow: 3 articles"
    assert "kliping search 'ISIS Moskow'" in told.body


def test_a_reindex_tells_nothing_again(desk: WatchDesk) -> None:
    desk.watch()
    desk.save(story(2))
    desk.look()
    reindex(desk.archive, desk.index)
    assert desk.look() == WatchReport()
    desk.save(story(3))
    assert desk.look() == WatchReport(1, 1)


def test_a_mended_archive_tells_nothing_again(desk: WatchDesk) -> None:
    """A mend writes the log anew, with other numbers, in another epoch."""
    watch = desk.watch()
    desk.save(story(2))
    with desk.archive.writing() as connection:
        connection.execute(update(facts).where(facts.c.name == "epoch").values(value="another"))
    del desk.archive.identity
    assert desk.look() == WatchReport()
    with desk.archive.reading() as connection:
        mended = watches.find(connection, watch.id)
    assert mended is not None
    assert (mended.epoch, mended.cursor) == ("another", desk.archive.last_seq())
    desk.save(story(3))
    assert desk.look() == WatchReport(1, 1)


def test_a_process_that_dies_before_the_commit_tells_nothing_and_the_next_tells_all(
    desk: WatchDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = desk.watch()
    desk.save(story(2))

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(watches, "move_cursors", dies)
        with pytest.raises(KeyboardInterrupt):
            desk.look()
    assert desk.told() == []
    assert desk.found(watch) == []
    assert desk.look() == WatchReport(1, 1)


def test_of_two_processes_one_tells(desk: WatchDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.watch()
    desk.save(story(2))
    real, reports = watches.saved_versions, []

    def slow(connection: Any, ids: Sequence[str]) -> Any:
        if not reports:
            reports.append(None)
            reports.append(desk.look())  # another process looks while this one has read and not written
        return real(connection, ids)

    monkeypatch.setattr(watches, "saved_versions", slow)
    assert desk.look() == WatchReport()
    assert reports[1] == WatchReport(1, 1)
    assert len(desk.told()) == 1


def test_a_watch_that_cannot_be_read_is_named_and_holds_no_other_up(desk: WatchDesk) -> None:
    bad = desk.watch('"ISIS')
    desk.watch()
    desk.save(story(2))
    report = desk.look()
    assert (report.hits, report.problems[0].partition(" be")[0]) == (1, f"The watch {bad.id} cannot")
    with desk.archive.reading() as connection:
        found = watches.find(connection, bad.id)
    assert found is not None
    assert "quotation mark" in (found.problem or "")
    assert found.cursor == bad.cursor  # nothing is lost to it


@pytest.mark.parametrize(
    ("rhythm", "at", "bundle"),
    [
        (Rhythm.EACH, datetime(2026, 3, 1, 3, 21, tzinfo=UTC), None),
        (Rhythm.HOURLY, datetime(2026, 3, 1, 4, 0, tzinfo=UTC), "watch:1"),
        (Rhythm.DAILY, datetime(2026, 3, 2, 0, 0, tzinfo=UTC), "watch:1"),
    ],
)
def test_each_rhythm_has_its_hour(desk: WatchDesk, rhythm: Rhythm, at: datetime, bundle: str | None) -> None:
    desk.now = NOW
    desk.watch(rhythm=rhythm)
    desk.save(story(2))
    desk.look()
    assert [(each.not_before, each.bundle) for each in desk.told()] == [(at, bundle)]


def test_a_watch_without_a_target_fills_its_feed_alone(desk: WatchDesk) -> None:
    watch = desk.watch(target=None)
    desk.save(story(2))
    assert desk.look() == WatchReport(1, 1)
    assert desk.told() == []
    assert [hit.title for hit in desk.found(watch)] == [f"{ISIS}, bagian 2"]


def test_a_new_watch_begins_now_and_the_others_go_on(desk: WatchDesk) -> None:
    first = desk.watch()
    desk.save(story(2))
    second = desk.watch()
    desk.save(story(3))
    desk.look()
    assert {watch.id: len(desk.found(watch)) for watch in (first, second)} == {first.id: 2, second.id: 1}


def test_an_id_is_never_given_again(desk: WatchDesk) -> None:
    watch = desk.watch()
    with desk.archive.writing() as connection:
        watches.remove(connection, watch.id)
    assert desk.watch().id == watch.id + 1


def test_a_watch_that_was_removed_meanwhile_tells_nothing(desk: WatchDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = desk.watch()
    desk.save(story(2))
    real: Callable[..., Any] = watches.saved_versions

    def removing(connection: Any, ids: Sequence[str]) -> Any:
        with desk.archive.writing() as other:
            watches.remove(other, watch.id)
        return real(connection, ids)

    monkeypatch.setattr(watches, "saved_versions", removing)
    assert desk.look() == WatchReport()
    assert desk.told() == []
