"""WARC files built byte by byte, without our writer: a mistake that it shared with our reader would go unseen."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache

from newsstand.desk import Desk
from newsstand.stories import Story, load_stories

DATE = "2026-11-20T03:04:05Z"


def http(body: bytes, *heads: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    """An HTTP response as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", *heads, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def chunked(body: bytes, size: int = 700) -> bytes:
    """A body in chunks."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def sha1(content: bytes) -> str:
    """A digest as Common Crawl writes it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()


def record(
    url: str | None, block: bytes, *heads: str, type: str = "response", date: str | None = DATE, digest: bool = True
) -> bytes:
    """One record, not compressed."""
    lines = ["WARC/1.0", f"WARC-Type: {type}", f"WARC-Record-ID: <urn:uuid:{hashlib.md5(block).hexdigest()}>"]
    lines += [f"WARC-Target-URI: {url}"] if url else []
    lines += [f"WARC-Date: {date}"] if date else []
    lines += [f"WARC-Block-Digest: {sha1(block)}"] if digest else []
    lines += ["Content-Type: application/http; msgtype=response", *heads, f"Content-Length: {len(block)}", "", ""]
    return "\r\n".join(lines).encode() + block + b"\r\n\r\n"


def gzipped(records: Iterable[bytes]) -> bytes:
    """The content of a .warc.gz: each record is a gzip member."""
    return b"".join(gzip.compress(each, mtime=0) for each in records)


def stories() -> Sequence[Story]:
    """The newsstand's stories that have one page."""
    return [story for story in load_stories() if len(story.pages) == 1]


def page(story: Story) -> bytes:
    """A story's page."""
    return Desk(load_stories()).article(story).body


def captured(story: Story, *, date: str = DATE, body: bytes | None = None) -> bytes:
    """A record of a story's page."""
    kind = f"text/html; charset={story.charset}"
    return record(story.url, http(page(story) if body is None else body, kind=kind), date=date)


def numbered(number: int, date: str = DATE) -> bytes:
    """A record of a page of www; each number has its own address and headline."""
    www = [story for story in stories() if story.outlet == "www"]
    story = www[number % len(www)]
    url = f"http://www.newsstand.test/berita/{900_000 + number}/berita-nomor-{number}"
    body = _www_page(story.path).replace(story.url.encode(), url.encode())
    return record(url, http(body.replace(story.title.encode(), f"{story.title} {number}".encode())), date=date)


@cache
def _www_page(path: str) -> bytes:
    return page(next(story for story in stories() if story.path == path))
