"""An article's versions are in the order in which they were so, and no text is a version twice in a row."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, update

from archive.articles import SaveResult, mark_gone, mark_seen, save_article
from archive.database import Archive
from archive.essence import essence, folded, is_of_the_page
from archive.finding import find
from archive.pages import add_page
from archive.records import Article, Image
from archive.tables import articles, versions
from archive.verify import verify
from archive.versions import versions_of
from archive.warc.pages import FetchedPage, StoredRecord
from tests.conftest import DRAWN, an_article

Saver = Callable[..., SaveResult]
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
A = an_article(title="A")


def at(day: int) -> datetime:
    return NOW - 20 * DAY + day * DAY


def titles(archive: Archive, article_id: str = A.id) -> str:
    """The titles of all versions, the current one in brackets, as "AB[A]"."""
    with archive.reading() as connection:
        found = versions_of(connection, article_id)
        current = find(connection, article_id)
        assert [each.version for each in found] == list(range(1, len(found) + 1))
        assert current.version == len(found)
        assert current.article.title == found[-1].article.title
        row = connection.execute(select(articles.c.content_hash).where(articles.c.id == article_id)).scalar_one()
        assert row == found[-1].content_hash
    return "".join(each.article.title for each in found)


def captured(save: Saver, *captures: tuple[str, int]) -> Sequence[SaveResult]:
    """Save captures: the title that the page had, and the day."""
    return [save(replace(A, title=title), fetched_at=at(day), now=NOW) for title, day in captures]


@pytest.mark.parametrize("order", [*permutations([("A", 1), ("B", 5), ("C", 9)])])
def test_captures_are_versions_in_the_order_of_their_times_whatever_came_first(
    archive: Archive, save: Saver, order: Sequence[tuple[str, int]]
) -> None:
    assert [each.outcome for each in captured(save, *order)] == ["stored", "updated", "updated"]
    assert titles(archive) == "ABC"
    assert [each.outcome for each in captured(save, *order, *order)] == ["unchanged"] * 6
    assert titles(archive) == "ABC"
    with archive.reading() as connection:
        assert find(connection, A.id).last_seen == at(9)


@pytest.mark.parametrize(
    ("promise", "captures", "found"),
    [
        ("a text that came back is a version again", [("A", 1), ("B", 5), ("A", 9)], "ABA"),
        ("in any order of import", [("A", 9), ("A", 1), ("B", 5)], "ABA"),
        ("also between two sightings of the current text", [("A", 1), ("A", 9), ("B", 5)], "ABA"),
        ("and between those of an earlier one", [("A", 1), ("A", 9), ("C", 12), ("B", 5)], "ABAC"),
        ("a sighting between two captures is no version", [("A", 1), ("C", 9), ("A", 4), ("C", 6)], "AC"),
        ("but bounds the time of the text", [("A", 1), ("C", 9), ("A", 4), ("B", 3)], "ABAC"),
        ("backwards too", [("A", 1), ("C", 9), ("C", 5), ("B", 7)], "ACBC"),
        ("before everything", [("B", 5), ("B", 9), ("A", 1)], "AB"),
        ("two texts of one moment are in the order of import", [("A", 5), ("B", 5), ("A", 5), ("B", 5)], "AB"),
    ],
)
def test_a_version_is_made_where_the_text_changed(
    archive: Archive, save: Saver, promise: str, captures: list[tuple[str, int]], found: str
) -> None:
    captured(save, *captures)
    assert titles(archive) == found, promise
    assert not verify(archive).wrong


def test_the_newest_capture_is_current_and_neighbours_differ(archive: Archive) -> None:
    """Of captures of different days in any order, the versions are what a reader of all days would have seen."""
    draw = random.Random(DRAWN)
    expected = {}
    with archive.saving() as saving:
        for number in range(60):
            days = draw.sample(range(1, 20), draw.randint(1, 8))
            captures = [(draw.choice("ABC"), day) for day in days]
            for title, day in captures:
                article = an_article(number, title=title)
                page = FetchedPage(str(article.url), 200, (), b"", at(day))
                place = StoredRecord("t.warc.gz", number * 100 + day, 1)
                page_id = add_page(saving.connection, page, place, source="newsstand", run_id="t")
                save_article(saving, article, run_id="t", fetched_at=at(day), page_id=page_id, reader="t", now=NOW)
            shown = [title for title, _ in sorted(captures, key=lambda each: each[1])]
            seen = "".join(title for place, title in enumerate(shown) if place == 0 or shown[place - 1] != title)
            expected[article.id] = (seen, captures)
    for article_id, (seen, captures) in expected.items():
        assert titles(archive, article_id) == seen, captures


def test_the_same_undated_folder_imported_again_changes_nothing(archive: Archive, save: Saver) -> None:
    folder = [replace(A, title="A"), replace(A, title="B")]
    outcomes = [save(each, fetched_at=None).outcome for _ in range(3) for each in folder]
    assert outcomes == ["stored", "updated", *["unchanged"] * 4]
    assert titles(archive) == "AB"


def test_an_undated_page_that_tells_of_an_earlier_change_is_an_earlier_version(archive: Archive, save: Saver) -> None:
    save(replace(A, title="B", modified_at=at(5)), fetched_at=None)
    assert save(replace(A, title="A", modified_at=at(2)), fetched_at=None) == SaveResult("updated", 1, is_current=False)
    assert titles(archive) == "AB"


def test_a_dated_capture_from_before_an_undated_import_is_an_earlier_version(archive: Archive, save: Saver) -> None:
    save(replace(A, title="B"), fetched_at=None, now=NOW)
    save(replace(A, title="A"), fetched_at=NOW - DAY, now=NOW + DAY)
    save(replace(A, title="C"), fetched_at=NOW + DAY, now=NOW + DAY)
    assert titles(archive) == "ABC"


def test_an_earlier_version_leaves_status_and_times_of_the_article(archive: Archive, save: Saver) -> None:
    captured(save, ("B", 9))
    with archive.saving() as saving:
        mark_gone(saving, A.id, NOW)
    with archive.reading() as connection:
        before = find(connection, A.id)
    captured(save, ("A", 1))
    with archive.reading() as connection:
        after = find(connection, A.id)
    assert after == replace(before, version=2, seq=after.seq)
    assert after.seq > before.seq  # so that an index hears of it


def test_a_rereading_stays_with_its_page(archive: Archive, save: Saver) -> None:
    captured(save, ("B", 5), ("C", 9))
    with archive.writing() as connection:  # as `archive reextract` leaves it
        its = (versions.c.article_id == A.id) & (versions.c.version == 2)
        connection.execute(update(versions).where(its).values(cause="reread", fetched_at=at(5)))
        connection.execute(update(articles).where(articles.c.id == A.id).values(last_seen=at(5)))
    captured(save, ("A", 3), ("D", 7))
    assert titles(archive) == "ABCD"


# --- what is no change


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Menteri: “Beras cukup”", 'Menteri: "Beras cukup"'),
        ("'Beras cukup', katanya", "‘Beras cukup’, katanya"),
        ("''Beras cukup'', katanya", "“Beras cukup”, katanya"),
        ("Jakarta - Beras  cukup", "Jakarta – Beras cukup"),
        ("2014-2019", "2014–2019"),
        ("Jakarta -- Beras", "Jakarta — Beras"),
        ("Beras\u00a0cukup…", "Beras cukup..."),
        ("Be\u00adras \u200bcukup", "Beras cukup"),
    ],
)
def test_quotation_marks_dashes_and_white_space_are_no_change(
    archive: Archive, save: Saver, one: str, other: str
) -> None:
    assert folded(one) == folded(other)
    first = replace(A, title=one, body=(one, "Dua."), images=(Image("http://x.test/a.jpg", one),), authors=(one,))
    again = replace(first, title=other, body=(f"{other}\nDua.",), images=(Image(None, other),), authors=(other,))
    save(first)
    assert save(again).outcome == "unchanged"
    assert essence(first) == essence(again)


@pytest.mark.parametrize(
    "line",
    ["Baca juga: Harga Beras Naik di Kendari", "BACA JUGA Harga Beras Naik", "Dibaca 1.204 kali", "1.204 views",
     "Dilihat: 12", "35 shares", "Berita Terkait", "Halaman 1 dari 2"],
)  # fmt: skip
def test_links_to_other_stories_and_counters_are_no_change(archive: Archive, save: Saver, line: str) -> None:
    assert is_of_the_page(line)
    save(A)
    assert save(replace(A, body=(A.body[0], line, *A.body[1:]))).outcome == "unchanged"


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Judul berita nomor 2"},
        {"body": (*A.body, "Paragraf ketiga.")},
        {"body": A.body[:1]},
        {"body": (A.body[0], "Paragraf kedua tentang pasar beras di Kendal.")},
        {"body": (A.body[0], "Baca di sini apa kata menteri tentang beras, yang naik lagi harganya.")},
        {"authors": ("Rina Dewi",)},
        {"agency": "ANTARA"},
        {"published_at": A.published_at + timedelta(minutes=1)},  # type: ignore[operator]
        {"images": (Image(None, "Beras di Kendari"),)},
    ],
)
def test_every_other_change_is_a_version(archive: Archive, save: Saver, change: dict[str, object]) -> None:
    save(A)
    assert save(replace(A, **change)).outcome == "updated"  # type: ignore[arg-type]


def test_a_withdrawn_article_is_gone_however_often_it_is_seen(archive: Archive, save: Saver) -> None:
    withdrawn: Article = replace(A, body=("Berita ini telah dicabut.",), flags=("withdrawn",))
    captured(save, ("A", 1))
    save(withdrawn, fetched_at=at(3), now=at(3))
    save(withdrawn, fetched_at=at(5), now=at(5))
    with archive.saving() as saving:
        mark_seen(saving, A.id, at(7))
    with archive.reading() as connection:
        assert find(connection, A.id).status == "gone"
    save(A, fetched_at=at(9), now=at(9))
    with archive.reading() as connection:
        assert find(connection, A.id).status == "live"
    assert titles(archive).count("A") == 3
