"""Imports saved pages and plain clippings: one file, one counted outcome."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import Connection

import sources
from archive import addresses, articles, flag_counts, runs
from archive.addresses import ImportedAddress
from archive.identity import BadAddressError, canonical_key
from archive.outcomes import HARVEST, explanation
from archive.pages import add_page
from archive.records import Article, Rejected
from archive.resolve import resolve_article
from archive.run import Run
from archive.tombstones import FORGOTTEN
from archive.twins import capture_time, own_address
from archive.warc.pages import FetchedPage
from archive.warc.writing import gzip_member
from ingest.containers import MHTML, SAFARI, ContainedPage, page_in_mhtml, page_in_webarchive
from ingest.paths import CLIPPINGS, CONTAINERS, KINDS, PAGES, printable
from reading.article import normalise
from reading.extract.addresses import require_address
from reading.extract.clipping import read_clipping
from reading.extract.copies import saved_copy
from reading.extract.page import claimed_addresses, extract_tree
from reading.extract.parsed_page import parse_html
from reading.extract.refuse import LARGEST_PAGE
from reading.published import refuse_future
from reading.version import READER

LARGEST_FILE = 100 * 1024 * 1024
"""Bytes of a saved page with all its pictures. The page without them has the limit of every page."""


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """Result of one file."""

    path: Path
    outcome: str
    detail: str | None = None
    article: Article | None = None


class SingleFileImport:
    """Imports files one by one under one run, so that their outcomes are kept like those of a crawl."""

    def __init__(self, run: Run, read: Callable[[Path, str | None, datetime | None], ReadFile | ReadFailure]) -> None:
        self._run = run
        self._read = read  # `ingest.alone`

    def import_file(self, path: Path, url: str | None, fetched_at: datetime | None) -> ImportedFile:
        """Import one file. Whatever is wrong with its content is its outcome. Raises LeaseLostError.

        `url` is the address of a saved page that does not name its own, `fetched_at` when the page was saved, if known.
        """
        key, name = printable(path.resolve()), printable(path)
        with self._run.writing() as connection:
            runs.take_up(connection, self._run.id, [(key, name)])
        read = self._read(path, url, fetched_at)
        if isinstance(read, ReadFile):
            try:
                refuse_future(read.article.published_at, read.fetched_at or datetime.now(UTC))
            except Rejected as rejected:
                read = ReadFailure(rejected.outcome, rejected.detail)
        if isinstance(read, ReadFile):
            return self._save(path, key, read)
        with self._run.writing() as connection:
            runs.end_address(connection, self._run.id, key, read.outcome, detail=read.detail)
        return ImportedFile(path, read.outcome, read.detail)

    def _save(self, path: Path, key: str, read: ReadFile) -> ImportedFile:
        now = datetime.now(UTC)
        article = read.article
        final = read.address or article.url
        page = FetchedPage(
            final or article.id, 200, (("Content-Type", read.kind),), read.content, read.fetched_at or now
        )
        run = self._run
        with run.saving() as saving, ExitStack() as stack:
            connection = saving.connection
            if (gone := saving.forgotten.of_article(article, final)) is not None:
                runs.end_address(connection, run.id, key, FORGOTTEN, article_id=gone)
                return ImportedFile(path, FORGOTTEN, explanation(FORGOTTEN))
            (stored,) = stack.enter_context(run.kept([gzip_member(page)]))
            page_id = add_page(connection, page, stored, source=article.source, run_id=run.id)
            resolved = resolve_article(connection, article, final=final, address=None) if final else article
            if isinstance(resolved, str):
                outcome, detail = resolved, f"a second address of {article.url}"
                _remember(connection, final, article, outcome, read.fetched_at or now)
                runs.end_address(
                    connection, run.id, key, outcome, detail=detail, article_id=article.id, page_id=page_id
                )
                return ImportedFile(path, outcome, detail)
            saved = articles.save_article(
                saving,
                resolved,
                run_id=run.id,
                fetched_at=read.fetched_at,
                page_id=page_id,
                reader=READER,
                now=now,
                zone=ZoneInfo(read.zone) if read.zone else None,
            )
            _remember(connection, final, resolved, saved.outcome, read.fetched_at or now)
            explained = saved.detail or explanation(saved.outcome)
            runs.end_address(
                connection, run.id, key, saved.outcome, detail=saved.detail, article_id=resolved.id, page_id=page_id
            )
            flag_counts.count(connection, run.id, [resolved] if saved.outcome in HARVEST else [])
        return ImportedFile(path, saved.outcome, explained, resolved)


def _remember(connection: Connection, final: str | None, article: Article, outcome: str, at: datetime) -> None:
    """Let the address of a saved page lead to its article."""
    if final is not None:
        addresses.remember_imported(connection, [ImportedAddress(final, article.source, article.id, outcome, at)], at)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file, read: its article, the content that is kept, and what it or the user says of address and time.

    `zone` is the name of its source's zone.
    """

    content: bytes
    kind: str
    article: Article
    zone: str | None = None
    address: str | None = None
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """Why a file gave no article: an outcome of `archive.outcomes`."""

    outcome: str
    detail: str | None = None


def read_file(path: Path, url: str | None, fetched_at: datetime | None) -> ReadFile:
    """Read a saved page or a clipping. The user's word takes precedence over the file. Raises Rejected and OSError."""
    suffix = path.suffix.lower()
    if suffix not in (*PAGES, *CONTAINERS, *CLIPPINGS):
        remedy = "; unzip it, and import the .warc.gz files in it" if suffix == ".wacz" else ""
        raise Rejected(
            "unknown-kind", f"{path.suffix or 'no ending'} is not a kind that can be imported: {KINDS}{remedy}"
        )
    limit = LARGEST_PAGE if suffix in CLIPPINGS else LARGEST_FILE
    if path.stat().st_size > limit:
        raise Rejected("too-large", f"{path.stat().st_size:,} bytes; the limit is {limit:,}")
    content = path.read_bytes()
    if suffix in CLIPPINGS:
        article = normalise(read_clipping(content), source=None, url=None, fetched_at=fetched_at)
        return ReadFile(content, "text/plain", article, fetched_at=fetched_at)
    return _read_page(_contained(suffix, content), url, fetched_at)


def _contained(suffix: str, content: bytes) -> ContainedPage:
    if suffix in MHTML:
        return page_in_mhtml(content)
    return page_in_webarchive(content) if suffix in SAFARI else ContainedPage(content)


def _read_page(page: ContainedPage, url: str | None, fetched_at: datetime | None) -> ReadFile:
    """The article of a saved page.

    Its address is the user's, the file's, the one that a tool wrote into the page, or the one that the page claims.
    """
    copy = saved_copy(page.content)
    tree = parse_html(page.content, page.content_type)
    named = own_address(url) if url else page.address or copy.address
    address = named or _own_address(tree)
    require_address(address)
    saved_at = fetched_at or (capture_time(url) if url else None) or _earliest(page.saved_at, copy.saved_at)
    source = sources.for_url(address)
    raw = extract_tree(tree, url=address, source=source)
    article = normalise(raw, source=source, url=address, fetched_at=saved_at)
    return ReadFile(
        page.content, page.content_type or "text/html", article, source.zone if source else None, named, saved_at
    )


def _earliest(*moments: datetime | None) -> datetime | None:
    """The earliest known time: a capture that a browser saved later. A time in the future is a wrong clock's."""
    latest = datetime.now(UTC) + timedelta(days=1)
    return min((moment for moment in moments if moment is not None and moment <= latest), default=None)


def _own_address(tree: LexborHTMLParser) -> str:
    for claim in map(own_address, claimed_addresses(tree)):
        try:
            canonical_key(claim)
        except BadAddressError:
            continue
        return claim
    raise Rejected("no-address", "the page does not name its own address; give it with --url")
