"""WARC files of any make: resources, decoded bodies, records without blank lines or without a length."""

from __future__ import annotations

import gzip
import zlib
from functools import partial
from pathlib import Path

import brotli
import pytest
from sqlalchemy import select

from archive.database import Archive
from archive.finding import find
from archive.tables import outcomes
from archive.versions import versions_of
from archive.warc.foreign import NotAWarcFileError, WarcFile
from archive.warc.framing import DamagedRecordError
from archive.warc.http import read_response
from tests.support.importing import Importer, import_one
from tests.support.warc_bytes import DATE, captured, chunked, gzipped, http, numbered, page, record, sha1, stories

STORY = stories()[0]
PAGE = page(STORY)


@pytest.fixture
def importing(archive: Archive) -> Importer:
    """Import one file under a run of its own."""
    return partial(import_one, archive)


def of_kind(kind: str, block: bytes, *, type: str = "resource", url: str = STORY.url) -> bytes:
    """A record whose own Content-Type is `kind`; none for ""."""
    whole = record(url, block, type=type)
    own = f"Content-Type: {kind}\r\n".encode() if kind else b""
    return whole.replace(b"Content-Type: application/http; msgtype=response\r\n", own, 1)


@pytest.mark.parametrize(
    "whole",
    [
        of_kind("text/html", PAGE),
        of_kind(f"text/html; charset={STORY.charset}", PAGE),
        of_kind("application/xhtml+xml", PAGE),
        of_kind("", PAGE),
        of_kind("application/http; msgtype=response", http(PAGE)),
        of_kind("text/html", PAGE, type="response"),
        of_kind("text/html", PAGE, url=f"https://web.archive.org/web/20261120030405id_/{STORY.url}"),
        of_kind("application/http", http(PAGE), type="response", url=f"{STORY.url}?utm_source=arsip"),
    ],
    ids=("html", "with a charset", "xhtml", "no type", "with a head", "a response", "a capture", "tracked"),
)
@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_a_page_is_read_from_a_resource_as_from_a_response(
    archive: Archive, importing: Importer, tmp_path: Path, whole: bytes, name: str
) -> None:
    (tmp_path / name).write_bytes(gzipped([whole]) if name.endswith("gz") else whole)
    assert importing(tmp_path / name).counts == {"stored": 1}
    with archive.reading() as connection:
        article = find(connection, STORY.url).article
        (version,) = versions_of(connection, article.id)
    assert version.fetched_at is not None
    assert version.fetched_at.isoformat().startswith(DATE[:19])


@pytest.mark.parametrize(
    ("whole", "outcome"),
    [
        (of_kind("image/png", b"\x89PNG"), "skipped:resource"),
        (of_kind("application/json", b"{}"), "skipped:resource"),
        (of_kind("text/html", PAGE, url="file:///arsip/a.html"), "skipped:no-web-address"),
        (of_kind("text/html", PAGE, url="urn:text:http://www.newsstand.test/a"), "skipped:no-web-address"),
        (of_kind("", b"%PDF-1.4"), "rejected:not-html"),
        (of_kind("text/plain", PAGE, type="conversion"), "skipped:conversion"),
        (of_kind("text/html", b""), "rejected:empty"),
    ],
)
def test_a_resource_that_is_no_page_has_a_true_outcome(
    importing: Importer, tmp_path: Path, whole: bytes, outcome: str
) -> None:
    (tmp_path / "x.warc").write_bytes(whole)
    assert importing(tmp_path / "x.warc").counts == {outcome: 1}


RECORDS = [numbered(number) for number in range(4)]
BARE = [each.removesuffix(b"\r\n\r\n") for each in RECORDS]


def without_length(whole: bytes) -> bytes:
    head, _, rest = whole.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    return b"\r\n".join(lines) + b"\r\n\r\n" + rest


def with_line_feeds(whole: bytes) -> bytes:
    head, _, rest = whole.partition(b"\r\n\r\n")
    return head.replace(b"\r\n", b"\n") + b"\n\n" + rest.removesuffix(b"\r\n\r\n") + b"\n\n"


MAKES = {
    "no blank lines": b"".join(BARE),
    "one line end": b"\r\n".join(BARE),
    "many blank lines": b"\r\n\r\n\r\n\r\n".join(BARE) + b"\r\n" * 7,
    "line feeds": b"".join(map(with_line_feeds, RECORDS)),
    "no Content-Length": b"".join(map(without_length, RECORDS)),
    "no Content-Length in one": b"".join([*RECORDS[:1], without_length(RECORDS[1]), *RECORDS[2:]]),
    "old version": b"".join(RECORDS).replace(b"WARC/1.0", b"WARC/0.18"),
    "one member each": gzipped(RECORDS),
    "one member each, no blank lines": gzipped(BARE),
    "one member each, no Content-Length": gzipped(map(without_length, RECORDS)),
    "compressed as a whole": gzip.compress(b"".join(RECORDS)),
    "compressed as a whole, no blank lines": gzip.compress(b"".join(BARE)),
    "two halves compressed": gzip.compress(b"".join(BARE[:2])) + gzip.compress(b"".join(RECORDS[2:])),
    "padded with zeros": gzipped(RECORDS) + bytes(512),
}


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_records_are_found_however_they_are_put_together(
    importing: Importer, tmp_path: Path, make: str, name: str
) -> None:
    (tmp_path / name).write_bytes(MAKES[make])
    assert importing(tmp_path / name).counts == {"stored": len(RECORDS)}


def test_many_records_without_blank_lines_are_found_from_any_offset(tmp_path: Path) -> None:
    bare = [numbered(number).removesuffix(b"\r\n\r\n") for number in range(30)]
    (tmp_path / "x.warc").write_bytes(b"".join(bare))
    starts = [sum(map(len, bare[:number])) for number in range(31)]
    with WarcFile(tmp_path / "x.warc") as file:
        for at in range(0, file.size, 997):
            assert file.boundary(at) == next(start for start in starts if start >= at)


def test_a_wrong_length_is_named_with_both_figures_and_the_next_record_is_read(
    archive: Archive, importing: Importer, tmp_path: Path
) -> None:
    whole = RECORDS[0]
    length = len(whole.partition(b"\r\n\r\n")[2]) - 4
    wrong = whole.replace(b"Content-Length: %d" % length, b"Content-Length: %d" % (length - 9))
    (tmp_path / "x.warc").write_bytes(wrong + RECORDS[1])
    assert importing(tmp_path / "x.warc").counts == {"error:torn-record": 1, "stored": 1}
    with archive.reading() as connection:
        (detail,) = connection.execute(
            select(outcomes.c.detail).where(outcomes.c.outcome == "error:torn-record")
        ).scalars()
    assert f"{length - 9:,} bytes" in detail
    assert f"{length + 4:,}" in detail


BODIES = {
    "HTTP/2": http(PAGE).replace(b"HTTP/1.1 200 OK", b"HTTP/2 200"),
    "HTTP/2.0": http(PAGE).replace(b"HTTP/1.1 200 OK", b"HTTP/2.0 200 "),
    "HTTP/3": http(PAGE).replace(b"HTTP/1.1", b"HTTP/3"),
    "an old server": http(PAGE).replace(b"HTTP/1.1 200 OK", b"ICY 200 OK"),
    "line feeds": http(b"").replace(b"\r\n", b"\n") + PAGE,
    "no other header": b"HTTP/1.0 200\r\n\r\n" + PAGE,
    "gzip, dechunked": http(gzip.compress(PAGE, mtime=0), "Transfer-Encoding: chunked", "Content-Encoding: gzip"),
    "gzip without its header": http(gzip.compress(PAGE, mtime=0)),
    "x-gzip": http(gzip.compress(PAGE, mtime=0), "Content-Encoding: x-gzip"),
    "gzip twice": http(gzip.compress(gzip.compress(PAGE, mtime=0)), "Content-Encoding: gzip, gzip"),
    "gzip of two members": http(gzip.compress(PAGE[:900]) + gzip.compress(PAGE[900:]), "Content-Encoding: gzip"),
    "bare deflate": http(zlib.compress(PAGE)[2:-4], "Content-Encoding: deflate"),
    "brotli, decoded": http(PAGE, "Content-Encoding: br"),
    "brotli, chunked": http(chunked(brotli.compress(PAGE)), "Transfer-Encoding: chunked", "Content-Encoding: br"),
    "zstd, decoded": http(PAGE, "Content-Encoding: zstd"),
    "no coding at all": http(PAGE, "Content-Encoding: identity"),
    "a charset for a coding": http(PAGE, "Content-Encoding: UTF-8"),
    "chunked in capitals": http(chunked(PAGE).replace(b"2bc", b"2BC"), "transfer-encoding: Chunked"),
    "chunks with an extension": http(chunked(PAGE).replace(b"2bc\r\n", b"2bc;a=b\r\n"), "Transfer-Encoding: chunked"),
}


@pytest.mark.parametrize("body", BODIES)
def test_the_bytes_decide_how_a_page_was_coded(body: str) -> None:
    response = read_response(BODIES[body], 1 << 20)
    assert (response.status, response.content) == (200, PAGE)


@pytest.mark.parametrize(
    ("block", "name", "says"),
    [
        (http(chunked(PAGE)[:-900], "Transfer-Encoding: chunked"), "undecodable", "chunks are torn"),
        (http(chunked(PAGE)[:-5], "Transfer-Encoding: chunked"), "undecodable", "last chunk is missing"),
        (http(gzip.compress(PAGE, mtime=0)[:-300], "Content-Encoding: gzip"), "undecodable", "torn after"),
        (http(b"\x1f\x8b\x08" + b"rusak" * 20, "Content-Encoding: gzip"), "undecodable", "cannot be decoded"),
        (http(b"bukan brotli", "Content-Encoding: br"), "undecodable", "Invalid"),
        (PAGE, "no-http-head", "headers of an HTTP response"),
        (b"HTTP/1.1 OK\r\n\r\n", "no-http-head", "headers of an HTTP response"),
    ],
)
def test_a_page_that_is_not_whole_is_an_error_with_the_true_reason(block: bytes, name: str, says: str) -> None:
    with pytest.raises(DamagedRecordError, match=says) as damage:
        read_response(block, 1 << 20)
    assert damage.value.name == name


def test_a_payload_digest_may_be_of_the_body_with_its_chunks_or_without(importing: Importer, tmp_path: Path) -> None:
    head = f"WARC-Payload-Digest: {sha1(PAGE)}"
    dechunked = record(STORY.url, http(PAGE, "Transfer-Encoding: chunked"), head, digest=False)
    (tmp_path / "x.warc").write_bytes(dechunked)
    assert importing(tmp_path / "x.warc").counts == {"stored": 1}


@pytest.mark.parametrize("written", ["2026-11-20T03:04:05.678Z", "2026-11-20T03:04:05", "20261120030405"])
def test_a_date_is_read_in_the_forms_of_both_versions_and_in_digits(
    importing: Importer, tmp_path: Path, written: str
) -> None:
    (tmp_path / "x.warc").write_bytes(captured(STORY, date=written))
    assert importing(tmp_path / "x.warc").counts == {"stored": 1}


def test_another_compression_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.warc").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(90))
    with pytest.raises(NotAWarcFileError, match="zstd"):
        WarcFile(tmp_path / "x.warc")


def test_inlined_pictures_of_a_recorded_page_do_not_count_against_its_limit(
    importing: Importer, tmp_path: Path
) -> None:
    picture = b'<img src="data:image/png;base64,' + b"iVBORw0KGgo" * 600_000 + b'">'
    body = PAGE.replace(b"</body>", picture + b"</body>")
    (tmp_path / "x.warc").write_bytes(record(STORY.url, http(body, kind=f"text/html; charset={STORY.charset}")))
    assert importing(tmp_path / "x.warc").counts == {"stored": 1}
