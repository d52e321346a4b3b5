"""Other tools' WARC files: every record ends in one outcome, and those that give an article are copied to our files."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from archive import addresses
from archive.database import Archive
from archive.finding import find
from archive.tables import articles, pages
from archive.verify import verify
from archive.versions import versions_of
from archive.warc.foreign import NotAWarcFileError
from archive.warc.pages import StoredRecord
from archive.warc.reading import load_page
from ingest.captures import read_span
from newsstand.stories import load_stories
from tests.support.importing import Importer, import_one
from tests.support.warc_bytes import DATE, captured, chunked, gzipped, http, page, record, sha1, stories

STORY = stories()[0]
PAGE = page(STORY)


@pytest.fixture
def importing(archive: Archive) -> Importer:
    """Import one file under a run of its own."""
    return partial(import_one, archive)


def written(path: Path, records: Iterable[bytes]) -> Path:
    records = list(records)
    path.write_bytes(gzipped(records) if path.suffix == ".gz" else b"".join(records))
    return path


@pytest.mark.parametrize("name", ["news.warc.gz", "news.warc"])
def test_pages_of_known_publishers_are_stored_with_their_time_of_fetch(
    archive: Archive, importing: Importer, tmp_path: Path, name: str
) -> None:
    others = [record(f"http://other.test/{n}", http(b"<p>halo</p>")) for n in range(5)]
    records = [captured(story) for story in stories()]
    report = importing(written(tmp_path / name, [*records, *others]))
    assert report.counts == {"stored": len(stories()), "skipped:unknown-publisher": 5}
    assert report.state == "done"
    assert report.needs_attention is None
    with archive.reading() as connection:
        (version,) = versions_of(connection, find(connection, STORY.url).article.id)
        kept = connection.execute(select(pages).where(pages.c.url == STORY.url)).one()
        queued = addresses.find(connection, STORY.url)
    assert version.fetched_at == datetime.fromisoformat(DATE)
    copy = load_page(archive.warc_folder, StoredRecord(kept.warc_file, kept.warc_offset, kept.warc_length))
    assert (copy.content, copy.fetched_at) == (PAGE, datetime.fromisoformat(DATE))
    assert queued is not None
    assert (queued.state, queued.article_id) == ("done", version.article.id)
    assert verify(archive).wrong == ()


CODINGS = {
    "plain": http(PAGE),
    "chunked": http(chunked(PAGE), "Transfer-Encoding: chunked"),
    "gzip": http(gzip.compress(PAGE), "Content-Encoding: gzip"),
    "gzip, chunked": http(chunked(gzip.compress(PAGE)), "Transfer-Encoding: chunked", "Content-Encoding: gzip"),
    "brotli": http(brotli.compress(PAGE), "Content-Encoding: br"),
    "deflate": http(zlib.compress(PAGE), "Content-Encoding: deflate"),
    "plain, but the header says gzip": http(PAGE, "Content-Encoding: gzip"),
    "plain, but the header says chunked": http(PAGE, "Transfer-Encoding: chunked"),
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_page_is_read_in_every_content_and_transfer_coding(
    archive: Archive, importing: Importer, tmp_path: Path, coding: str
) -> None:
    report = importing(written(tmp_path / "x.warc.gz", [record(STORY.url, CODINGS[coding])]))
    assert report.counts == {"stored": 1}
    with archive.reading() as connection:
        row = connection.execute(select(pages)).one()
    assert load_page(archive.warc_folder, StoredRecord(row.warc_file, row.warc_offset, row.warc_length)).content == PAGE


def changed_after_digest(whole: bytes) -> bytes:
    """A record whose content was changed after its digest was computed."""
    return whole.replace(b"<html", b"<hTml", 1)


BAD = {
    "skipped:warcinfo": record(None, b"software: test\r\n", type="warcinfo"),
    "skipped:request": record(STORY.url, b"GET / HTTP/1.1\r\n\r\n", type="request"),
    "skipped:revisit": record(STORY.url, http(b""), type="revisit"),
    "skipped:conversion": record(STORY.url, b"teks", type="conversion"),
    "skipped:no-web-address": record("dns:www.newsstand.test", b"20261120 127.0.0.1"),
    "skipped:unknown-publisher": record("http://other.test/berita/1/a", http(PAGE)),
    "skipped:no-article-address": record("http://www.newsstand.test/indeks", http(PAGE)),
    "skipped:later-page": record(STORY.url + "?page=2", http(PAGE)),
    "skipped:http-404": record(STORY.url, http(PAGE, status="404 Not Found")),
    "skipped:http-301": record(STORY.url, http(b"", status="301 Moved")),
    "rejected:truncated": record(STORY.url, http(PAGE), "WARC-Truncated: length"),
    "rejected:no-warc-date": record(STORY.url, http(PAGE), date=None),
    "rejected:not-html": record(STORY.url, http(b"%PDF-1.4", kind="application/pdf")),
    "rejected:empty": record(STORY.url, http(b"")),
    "rejected:too-large": record(STORY.url, http(gzip.compress(bytes(30 << 20)), "Content-Encoding: gzip")),
    "error:too-large": record(STORY.url, http(bytes(25 << 20))),
    "error:wrong-digest": changed_after_digest(record(STORY.url, http(PAGE))),
    "error:undecodable": record(STORY.url, http(b"bukan gzip", "Content-Encoding: gzip")),
    "error:no-http-head": record(STORY.url, PAGE),
}


@pytest.mark.parametrize("bad", ["http://[x/berita/1", "http://a]b/berita/1", "http://[x/?page=2"])
@pytest.mark.parametrize("unknown", [True, False])
def test_a_record_whose_address_is_none_ends_in_one_outcome(
    archive: Archive, importing: Importer, tmp_path: Path, bad: str, unknown: bool
) -> None:
    file = written(tmp_path / "bad.warc", [record(bad, http(PAGE)), captured(stories()[1])])
    report = importing(file, unknown_publishers=unknown)
    assert report.counts == {"rejected:bad-address" if unknown else "skipped:unknown-publisher": 1, "stored": 1}


@pytest.mark.parametrize("name", ["bad.warc.gz", "bad.warc"])
def test_each_bad_record_ends_in_one_outcome_and_the_others_are_read(
    archive: Archive, importing: Importer, tmp_path: Path, name: str
) -> None:
    good = stories()[1:3]
    report = importing(written(tmp_path / name, [captured(good[0]), *BAD.values(), captured(good[1])]))
    assert report.counts == dict.fromkeys(BAD, 1) | {"stored": 2}
    assert "error:wrong-digest" in (report.needs_attention or "")
    with archive.reading() as connection:
        stored = set(connection.execute(select(articles.c.url)).scalars())
    assert stored == {story.url for story in good}


def test_without_a_block_digest_the_payload_digest_is_verified_chunked_or_not(
    importing: Importer, tmp_path: Path
) -> None:
    heads = ("Transfer-Encoding: chunked",)
    block = http(chunked(PAGE), *heads)
    as_sent = record(STORY.url, block, f"WARC-Payload-Digest: {sha1(chunked(PAGE))}", digest=False)
    joined = record(STORY.url, block, f"WARC-Payload-Digest: {sha1(PAGE)}", date="2026-11-21T00:00:00Z", digest=False)
    wrong = record(STORY.url, block, f"WARC-Payload-Digest: {sha1(b'')}", date="2026-11-22T00:00:00Z", digest=False)
    report = importing(written(tmp_path / "x.warc", [as_sent, joined, wrong]))
    assert report.counts == {"stored": 1, "unchanged": 1, "error:wrong-digest": 1}


def test_an_older_fetch_becomes_an_earlier_version(archive: Archive, importing: Importer, tmp_path: Path) -> None:
    body = next(p for p in STORY.paragraphs if p.encode() in PAGE).encode()
    changed = PAGE.replace(body, body + b" Ralat: satu kalimat.")
    new = captured(STORY, date="2026-11-20T00:00:00Z")
    old = captured(STORY, date="2026-11-10T00:00:00Z", body=changed)
    newest = captured(STORY, date="2026-11-22T00:00:00Z", body=changed)
    report = importing(written(tmp_path / "x.warc.gz", [new, old, newest]))
    assert report.counts == {"stored": 1, "updated": 2}
    with archive.reading() as connection:
        found = versions_of(connection, find(connection, STORY.url).article.id)
        assert connection.execute(select(pages)).all() == connection.execute(select(pages).limit(3)).all()
    assert [v.fetched_at for v in found] == [datetime(2026, 11, day, tzinfo=UTC) for day in (10, 20, 22)]


def test_the_first_page_of_a_longer_article_is_flagged_and_never_replaces_the_whole_article(
    archive: Archive, importing: Importer, tmp_path: Path
) -> None:
    long = next(story for story in load_stories() if len(story.pages) > 1)
    assert importing(written(tmp_path / "x.warc.gz", [captured(long)])).counts == {"stored": 1}
    with archive.reading() as connection:
        first_page = find(connection, long.url).article
    assert "first-page-only" in first_page.flags
    whole = replace(first_page, body=(*first_page.body, "Halaman kedua."), flags=())
    from archive.articles import save_article

    now = datetime.now(UTC)
    with archive.saving() as saving:
        save_article(saving, whole, run_id="t", fetched_at=now, page_id=None, reader="t", now=now)
    later = captured(long, date=f"{now.year + 1}-01-01T00:00:00Z")
    assert importing(written(tmp_path / "y.warc.gz", [later])).counts == {"skipped:first-page-only": 1}
    with archive.reading() as connection:
        assert find(connection, long.url).article.body == whole.body


def test_a_file_read_to_its_end_is_read_again_only_on_request_and_that_changes_nothing(
    archive: Archive, importing: Importer, tmp_path: Path
) -> None:
    path = written(tmp_path / "x.warc.gz", map(captured, stories()))
    importing(path)
    seq = archive.last_seq()
    assert importing(path).state == "done-before"
    again = importing(path, from_start=True)
    assert again.counts == {"unchanged": len(stories())}
    assert archive.last_seq() == seq
    assert verify(archive).pages == len(stories())


def test_pages_of_unknown_publishers_are_read_on_request(archive: Archive, importing: Importer, tmp_path: Path) -> None:
    elsewhere = "http://koran.test/berita/9/judul"
    body = PAGE.replace(STORY.url.encode(), elsewhere.encode())
    path = written(tmp_path / "x.warc.gz", [record(elsewhere, http(body))])
    assert importing(path).counts == {"skipped:unknown-publisher": 1}
    assert importing(path, unknown_publishers=True).counts == {"stored": 1}
    with archive.reading() as connection:
        assert connection.execute(select(articles.c.source, articles.c.url)).all() == [("generic", elsewhere)]


@pytest.mark.large
@settings(max_examples=40, deadline=None)
@given(cut=st.integers(min_value=1, max_value=60_000), length=st.integers(min_value=500, max_value=40_000))
@pytest.mark.parametrize("name", ["torn.warc.gz", "torn.warc"])
def test_every_whole_record_of_a_torn_file_is_read_whatever_the_spans(
    tmp_path_factory: pytest.TempPathFactory, name: str, cut: int, length: int
) -> None:
    records = [captured(story) for story in stories()[:8]]
    parts = [gzip.compress(each, mtime=0) for each in records] if name.endswith("gz") else records
    whole = b"".join(parts)
    size = max(len(parts[0]), len(whole) - cut)
    path = tmp_path_factory.mktemp("torn") / name
    path.write_bytes(whole[:size])
    ends = [sum(map(len, parts[: n + 1])) for n in range(len(parts))]
    # the blank lines after an uncompressed record do not belong to its content
    entire = sum(end - (0 if name.endswith("gz") else 4) <= size for end in ends)
    outcomes = [each.outcome for each in in_spans(path, length)]
    begun = sum(end - len(part) < size for end, part in zip(ends, parts, strict=True))
    assert outcomes[:entire] == [None] * entire
    assert outcomes[entire:] in ([], ["error:torn-record"])
    assert len(outcomes) >= min(begun, entire)


def in_spans(path: Path, length: int) -> list[Any]:
    """The records of a file, read span by span, each beginning where the one before it ended."""
    records: list[Any] = []
    at, size = 0, path.stat().st_size
    while at < size:
        result = read_span(str(path), at, min(at + length, size), True, False)
        records += result.records
        assert result.end > at
        at = result.end
    return records


@pytest.mark.parametrize("name", ["mid.warc.gz", "mid.warc"])
def test_a_damaged_record_in_the_middle_of_a_file_costs_no_other_record(
    importing: Importer, tmp_path: Path, name: str
) -> None:
    records = [captured(story) for story in stories()[:5]]
    path = written(tmp_path / name, records)
    content = bytearray(path.read_bytes())
    before = len(gzipped(records[:2])) if name.endswith("gz") else len(b"".join(records[:2]))
    if name.endswith("gz"):
        content[before + 1000 : before + 1040] = bytes(40)
    else:
        content = bytearray(bytes(content).replace(b"Content-Length: %d\r\n" % len(records[2]), b""))
        at = content.index(b"\r\nContent-Length: ", before)
        content[at + 18 : at + 20] = b"99"
    path.write_bytes(content)
    assert importing(path).counts == {"stored": 4, "error:torn-record": 1}


def test_the_records_of_a_warc_file_inside_a_record_are_not_read(
    archive: Archive, importing: Importer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A span that begins inside such a record takes inner records for the file's; the span before it corrects that."""
    from ingest import captures

    monkeypatch.setattr(captures, "SPAN", 3000)
    inner = gzipped(captured(story, date="2020-01-01T00:00:00Z") for story in stories()[:20])
    outer = record("http://other.test/arsip.warc.gz", http(inner, kind="application/warc"))
    stored = gzip.compress(outer, compresslevel=0, mtime=0)  # not compressed, so the inner gzip members are visible
    path = tmp_path / "outer.warc.gz"
    path.write_bytes(gzipped([captured(stories()[20])]) + stored + gzipped([captured(stories()[21])]))
    assert importing(path).counts == {"stored": 2, "skipped:unknown-publisher": 1}


def test_several_records_in_one_gzip_member_are_all_read(importing: Importer, tmp_path: Path) -> None:
    path = tmp_path / "whole.warc.gz"
    path.write_bytes(gzip.compress(b"".join(map(captured, stories()))))
    assert importing(path).counts == {"stored": len(stories())}


def test_a_file_that_is_not_warc_is_refused_in_a_sentence(importing: Importer, tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(gzip.compress(b"<html>bukan arsip</html>"))
    report = importing(path)
    assert (report.state, report.counts) == ("failed", {})
    assert "does not begin with a WARC record" in (report.needs_attention or "")
    with pytest.raises(NotAWarcFileError):
        read_span(str(path), 0, 10, True, False)


def test_our_own_warc_files_can_be_imported_into_another_archive(
    archive: Archive, importing: Importer, tmp_path: Path
) -> None:
    importing(written(tmp_path / "x.warc.gz", map(captured, stories())))
    (ours,) = archive.warc_folder.glob("*.warc.gz")
    with Archive.open(f"sqlite:///{tmp_path / 'second.sqlite3'}", tmp_path / "second") as second:
        assert import_one(second, ours).counts == {"stored": len(stories()), "skipped:warcinfo": 1}
        with archive.reading() as one, second.reading() as other:
            for story in stories():
                assert find(one, story.url).article == find(other, story.url).article
