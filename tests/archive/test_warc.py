"""WARC files: a page is read back unchanged, a torn record is cut off, a corrupt one raises."""

from __future__ import annotations

import io
import os
import resource
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from archive.articles import SaveResult
from archive.database import Archive
from archive.tables import pages, versions
from archive.verify import verify
from archive.warc import writing
from archive.warc.pages import FetchedPage
from archive.warc.reading import BadRecordError, load_page, load_pages, pages_in
from tests.conftest import an_article
from tests.support.postgresql.archives import damaged_json

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Saver = Callable[..., SaveResult]


def a_page(content: bytes = b"<html>\x00\xff isi</html>", url: str = "http://x.test/\u00e9") -> FetchedPage:
    return FetchedPage(url, 200, (("Content-Type", "text/html; charset=utf-8"), ("X-Name", "Jum\u00e9")), content, NOW)


def test_a_page_is_read_back_unchanged_from_its_warc_record(tmp_path: Path) -> None:
    writer = writing.WarcWriter(tmp_path, "run-1", "test")
    kept = [(page, writer.write(page)) for page in (a_page(), a_page(b""), a_page(bytes(range(256)) * 500))]
    writer.close()
    for page, stored in kept:
        back = load_page(tmp_path, stored)
        assert (back.url, back.status, back.content, back.fetched_at) == (page.url, 200, page.content, NOW)
        assert back.headers[:2] == page.headers
    assert [page.content for page in load_pages(tmp_path / kept[0][1].file)] == [page.content for page, _ in kept]


HEADER_TEXT = st.text(st.characters(max_codepoint=255, exclude_categories=["Cc", "Zs"]), max_size=40)


@given(
    headers=st.lists(st.tuples(st.from_regex(r"[A-Za-z][A-Za-z-]{0,20}", fullmatch=True), HEADER_TEXT), max_size=5),
    huge=st.lists(st.integers(min_value=1, max_value=80_000), max_size=8),
    content=st.binary(max_size=200),
    status=st.integers(min_value=-1, max_value=10**6),
    fetched_at=st.datetimes(timezones=st.just(UTC)),
    path=st.text(st.characters(exclude_categories=["Cc", "Zs", "Cs", "Zl", "Zp"]), max_size=60),
)
def test_whatever_a_server_answers_is_read_back_by_us_and_by_other_tools(
    headers: list[tuple[str, str]], huge: list[int], content: bytes, status: int, fetched_at: datetime, path: str
) -> None:
    """Megabytes of headers too: the longest are left out, by name, and everything else is as it came."""
    about_coding = ("content-encoding", "transfer-encoding", "content-length")
    small = [pair for pair in headers if pair[0].lower() not in about_coding]
    large = [(f"X-Huge-{number}", "h" * length) for number, length in enumerate(huge)]
    page = FetchedPage(f"http://x.test/{path}", status, (*small, *large), content, fetched_at)
    member = writing.gzip_member(page)
    (back,) = pages_in(io.BytesIO(member), "here")
    assert (back.url, back.status, back.content, back.fetched_at) == (page.url, status, content, fetched_at)
    kept = [(name, value.strip()) for name, value in back.headers if name != "Content-Length"]
    size = sum(len(f"{name}: {value}\r\n".encode("latin-1")) for name, value in page.headers)
    if size <= writing.LARGEST_HEAD:
        assert kept == list(page.headers)
    assert [pair for pair in kept if pair in page.headers] == kept
    (record,) = ArchiveIterator(io.BytesIO(member))
    assert record.http_headers is not None
    left_out = record.headers.get(writing.LEFT_OUT, "")
    assert {name for name, _ in page.headers} - {name for name, _ in kept} == set(filter(None, left_out.split(", ")))


def test_a_record_with_a_larger_head_than_we_write_today_is_read_back(tmp_path: Path) -> None:
    """As earlier versions wrote them: 64 kB of headers."""
    page = FetchedPage("http://x.test/a", 200, (("Set-Cookie", "k" * 64_000),), b"isi", NOW)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(writing, "LARGEST_HEAD", 10**9)
        writer = writing.WarcWriter(tmp_path, "run-1", "test")
        stored = writer.write(page)
        writer.close()
    back = load_page(tmp_path, stored)
    assert (back.headers[0], back.content) == (page.headers[0], b"isi")


@given(cut=st.integers(min_value=1, max_value=250))
def test_a_torn_last_record_is_cut_off_and_the_others_remain(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("warc")
    writer = writing.WarcWriter(folder, "run-1", "test")
    first, second = writer.write(a_page()), writer.write(a_page(b"kedua"))
    writer.close()
    path = folder / first.file
    path.write_bytes(path.read_bytes()[: max(second.offset + 1, second.offset + second.length - cut)])
    with pytest.raises(BadRecordError):
        load_page(folder, second)
    assert [name for name, _ in writing.repair(folder, "run-1")] == [first.file]
    assert path.stat().st_size == second.offset
    assert load_page(folder, first).content == a_page().content
    assert writing.repair(folder, "run-1") == []


def test_a_record_that_could_not_be_written_leaves_no_bytes_before_the_next_one(tmp_path: Path) -> None:
    """A file size limit of 4,000 bytes stands for a full disk."""
    writer = writing.WarcWriter(tmp_path, "run-1", "test")
    before = writer.write(a_page(b"sebelum"))
    size = (tmp_path / before.file).stat().st_size
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            writer.write(a_page(os.urandom(3500)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert (tmp_path / before.file).stat().st_size == size
    after = writer.write(a_page(b"sesudah"))
    writer.close()
    assert after.offset == size
    assert [page.content for page in load_pages(tmp_path / before.file)] == [b"sebelum", b"sesudah"]


def test_verify_names_a_damaged_version_and_reads_the_rest(archive: Archive, save: Saver) -> None:
    save(an_article(1))
    save(an_article(2))
    with archive.writing() as connection:
        damaged = update(versions).where(versions.c.article_id == an_article(1).id)
        connection.execute(damaged.values(record=text(damaged_json(connection))))
    found = verify(archive)
    assert found.versions == 2
    assert [sentence[:60] for sentence in found.wrong] == [f"Version 1 of {an_article(1).id} cannot be read"[:60]]


def test_a_corrupt_record_raises(tmp_path: Path) -> None:
    writer = writing.WarcWriter(tmp_path, "run-1", "test")
    stored = writer.write(a_page())
    writer.close()
    path = tmp_path / stored.file
    content = bytearray(path.read_bytes())
    content[stored.offset + stored.length // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(BadRecordError):
        load_page(tmp_path, stored)


def test_verify_reads_everything_and_names_each_error(archive: Archive, save: Saver) -> None:
    writer = writing.WarcWriter(archive.warc_folder, "run-1", "test")
    stored = writer.write(a_page())
    writer.close()
    row = {"url": a_page().url, "key": "x", "source": "x", "run_id": "run-1", "fetched_at": NOW, "status": 200}
    with archive.writing() as connection:
        connection.execute(
            pages.insert().values(warc_file=stored.file, warc_offset=stored.offset, warc_length=stored.length, **row)
        )
    save(an_article())
    assert verify(archive).wrong == ()
    (archive.warc_folder / stored.file).unlink()
    with archive.writing() as connection:
        connection.execute(update(versions).values(content_hash="0" * 64))
    wrong = verify(archive).wrong
    assert len(wrong) == 2
    assert stored.file in wrong[0]
    assert an_article().id in wrong[1]


def test_records_are_discarded_if_their_transaction_certainly_failed_and_stay_if_it_may_have_succeeded(
    tmp_path: Path,
) -> None:
    """A commit interrupted by a lost connection may have succeeded; its rows must not point to missing records."""
    writer = writing.WarcWriter(tmp_path, "run-1", "test")
    first = writer.write(a_page())
    for failure, stays in ((OperationalError("COMMIT", None, Exception()), True), (ValueError("ours"), False)):
        stored = writer.write_all([a_page()])
        with pytest.raises(type(failure)), writer.discard_on_failure(stored):
            raise failure
        size = (tmp_path / first.file).stat().st_size
        assert size == stored[0].offset + (stored[0].length if stays else 0)
    writer.close()
