"""Articles re-extracted from the kept pages: changes are saved, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from archive import leases
from archive.database import Archive
from archive.differences import EditKind
from archive.edits import edits
from archive.finding import find
from archive.records import Article, Rejected
from archive.rereadings import count_targets
from archive.run import LeaseHeldError
from archive.tables import articles, changes, versions
from archive.versions import versions_of
from ingest import reextract as reextract_module
from ingest.reextract import FieldSample, ReextractReport, dry_run, reextract
from newsstand import Newsstand
from newsstand.stories import load_stories
from tests.support.children import kliping, opened, settings
from tests.support.importing import InProcessReaders, import_one
from tests.support.warc_bytes import captured, gzipped, stories


@pytest.fixture
def filled(archive: Archive, tmp_path: Path) -> Archive:
    """An archive with ten pages of the newsstand."""
    path = tmp_path / "x.warc.gz"
    path.write_bytes(gzipped(map(captured, stories()[:10])))
    assert import_one(archive, path).counts == {"stored": 10}
    return archive


def run_reextract(archive: Archive) -> ReextractReport:
    return reextract(archive, InProcessReaders(), source=None, lease_seconds=60, report_progress=lambda _: None)


def stored(archive: Archive, number: int) -> Article:
    with archive.reading() as connection:
        return find(connection, stories()[number].url).article


def misread(archive: Archive, number: int, **fields: object) -> None:
    """Change a stored article as if an older reader had misread it."""
    article = replace(stored(archive, number), **fields)
    with archive.writing() as connection:
        of = versions.c.article_id == article.id
        connection.execute(
            update(versions).where(of).values(record=article.as_json(), content_hash=article.content_hash)
        )
        connection.execute(
            update(articles).where(articles.c.id == article.id).values(content_hash=article.content_hash)
        )


def kinds(archive: Archive, after: int) -> Sequence[str]:
    with archive.reading() as connection:
        return list(connection.execute(select(changes.c.kind).where(changes.c.seq > after)).scalars())


def test_pages_that_read_the_same_change_nothing(filled: Archive) -> None:
    seq = filled.last_seq()
    report = run_reextract(filled)
    assert (report.outcomes, report.fields) == ({"unchanged": 10}, {})
    assert [(each.source, each.articles, each.flags) for each in report.flags] == [("newsstand", 10, {"correction": 1})]
    assert filled.last_seq() == seq


def test_changed_content_is_a_new_version_of_the_same_fetch_and_other_fields_change_in_place(
    filled: Archive,
) -> None:
    right = [stored(filled, number) for number in range(3)]
    misread(filled, 0, title="Judul yang salah", authors=("Bukan Siapa-siapa",))
    misread(filled, 1, section="Salah")
    seq = filled.last_seq()
    report = run_reextract(filled)
    assert report.outcomes == {"unchanged": 8, "updated": 2}
    assert report.fields == {"title": 1, "authors": 1, "section": 1}
    assert [stored(filled, number) for number in range(3)] == right
    assert sorted(kinds(filled, seq)) == ["reread", "version"]
    with filled.reading() as connection:
        first, second = versions_of(connection, right[0].id)
        assert len(versions_of(connection, right[1].id)) == 1
    assert (first.article.title, second.article.title) == ("Judul yang salah", right[0].title)
    assert (first.fetched_at, first.page) == (second.fetched_at, second.page)
    assert run_reextract(filled).outcomes == {"unchanged": 10}


def test_a_dry_run_says_what_would_change_and_writes_nothing(filled: Archive) -> None:
    wrong = stored(filled, 0)
    misread(filled, 0, title="Judul yang salah", tags=("salah",))
    seq = filled.last_seq()
    report = dry_run(filled, InProcessReaders(), source=None, since=None, report_progress=lambda _: None)
    assert (report.run_id, report.outcomes, report.fields) == (
        None, {"unchanged": 9, "updated": 1}, {"title": 1, "tags": 1},
    )  # fmt: skip
    assert report.samples["title"] == [FieldSample(wrong.id, "Judul yang salah", wrong.title)]
    assert (filled.last_seq(), stored(filled, 0).title) == (seq, "Judul yang salah")
    assert run_reextract(filled).outcomes == report.outcomes


def test_a_rereading_is_never_a_publisher_s_change(filled: Archive) -> None:
    misread(filled, 0, title="Judul yang salah")
    run_reextract(filled)
    with filled.reading() as connection:
        assert [each.cause for each in versions_of(connection, stored(filled, 0).id)] == ["capture", "reread"]
        assert {each.kinds for each in edits(connection)} == {(EditKind.CORRECTION,)}  # a story with "Ralat: …"
        assert [each.kinds for each in edits(connection, kind=EditKind.REREAD)] == [(EditKind.REREAD,)]


def test_only_pages_fetched_since_a_day_are_read(filled: Archive) -> None:
    with filled.reading() as connection:
        last = connection.execute(select(func.max(versions.c.fetched_at))).scalar_one()
        after, at = (count_targets(connection, None, last + timedelta(seconds=seconds)) for seconds in (1, 0))
    assert (after, at) == (0, 10)
    later = last + timedelta(seconds=1)
    done = reextract(
        filled, InProcessReaders(), source=None, since=later, lease_seconds=60, report_progress=lambda _: None
    )
    assert done.outcomes == {}


def test_samples_of_a_field_are_few_and_from_everywhere() -> None:
    report = ReextractReport(None)
    for number in range(1000):
        report.add_changes(str(number), {"title": (number, -number)})
    assert report.fields == {"title": 1000}
    assert len(report.samples["title"]) == 5
    assert max(int(each.article_id) for each in report.samples["title"]) > 200


def test_an_article_whose_page_is_now_rejected_or_damaged_stays_as_it_is_and_is_reported(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored(filled, 0)
    (file,) = filled.warc_folder.glob("*.warc.gz")
    content = bytearray(file.read_bytes())
    with filled.reading() as connection:
        version = versions_of(connection, before.id)[-1]
    assert version.page is not None
    content[version.page[1] + 400] ^= 0xFF
    file.write_bytes(content)
    refused = stories()[1].url

    def strict(content: bytes, *, url: str, **more: Any) -> Any:
        if url == refused:
            raise Rejected("no-article", "no story was found on the page")
        return extract(content, url=url, **more)

    extract = reextract_module.extract
    monkeypatch.setattr(reextract_module, "extract", strict)
    report = run_reextract(filled)
    assert report.outcomes == {"error:unreadable-page": 1, "rejected:no-article": 1, "unchanged": 8}
    assert {(address, outcome) for address, outcome, _ in report.problems} == {
        (stories()[0].url, "error:unreadable-page"),
        (refused, "rejected:no-article"),
    }
    assert stored(filled, 0) == before
    assert stored(filled, 1).url == refused


def test_only_one_process_re_extracts_at_a_time(filled: Archive) -> None:
    taken = leases.acquire(filled, "reextract", seconds=60)
    assert taken is not None
    with pytest.raises(LeaseHeldError, match="reextract is held by"):
        run_reextract(filled)


@pytest.mark.processes
def test_articles_of_several_pages_clippings_and_rows_are_re_extracted_whole(tmp_path: Path) -> None:
    """Articles joined by a crawl and imported ones are read from their kept records without a change."""
    home = tmp_path / "home"
    (tmp_path / "a.txt").write_text(
        "Senin, 3 Juni 2024\n\nNelayan Panen\n\nKendari (ANTARA) - Nelayan memanen cakalang dalam jumlah besar.\n"
    )
    row = {"url": "https://koran.test/1", "title": "Panen", "body": "Nelayan memanen.", "date": "3 Juni 2024"}
    (tmp_path / "b.jsonl").write_text(json.dumps(row))
    with Newsstand(crawl_delay=0) as site:
        environment = settings(home, {"newsstand.test": site.base_url})
        assert kliping(environment, "crawl", "newsstand").returncode == 0
    assert kliping(environment, "import", tmp_path / "a.txt", tmp_path / "b.jsonl", "--workers", "1").returncode == 0
    with opened(home) as archive:
        report = run_reextract(archive)
        long = next(story for story in load_stories() if len(story.pages) > 1)
        with archive.reading() as connection:
            assert len(find(connection, long.url).article.body) >= len(long.paragraphs) - 1
    assert (report.outcomes, report.fields) == ({"unchanged": 47}, {})
    done = kliping(environment, "reindex", "--from-kept-pages")
    assert done.returncode == 0, done.stderr
    assert "47 articles read again: 47 unchanged." in done.stdout
