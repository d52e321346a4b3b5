"""Imports saved pages and plain clippings: one file, one counted outcome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

import sources
from archive import articles, flag_counts, runs
from archive.identity import BadAddressError, canonical_key
from archive.outcomes import HARVEST, explanation
from archive.pages import add_page
from archive.records import Article, Rejected
from archive.resolve import resolve_article
from archive.run import Run
from archive.warc.pages import FetchedPage
from archive.warc.writing import gzip_member
from ingest.paths import CLIPPINGS, EXPORTS, PAGES, WARC_FILES, printable
from reading.article import normalise
from reading.extract.clipping import read_clipping
from reading.extract.page import claimed_addresses, extract_tree
from reading.extract.parsed_page import parse_html
from reading.extract.refuse import LARGEST_PAGE
from reading.published import refuse_future
from reading.version import READER
from sources.definition import Source


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """Result of one file."""

    path: Path
    outcome: str
    detail: str | None = None
    article: Article | None = None


class SingleFileImport:
    """Imports files one by one under one run, so that their outcomes are kept like those of a crawl."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def import_file(self, path: Path, url: str | None, fetched_at: datetime | None) -> ImportedFile:
        """Import one file. Whatever is wrong with its content is its outcome. Raises LeaseLostError.

        `url` is the address of a saved page that does not name its own, `fetched_at` when the page was saved, if known.
        """
        key, name = printable(path.resolve()), printable(path)
        with self._run.writing() as connection:
            runs.take_up(connection, self._run.id, [(key, name)])
        try:
            content, article, source = _read(path, url, fetched_at)
            refuse_future(article.published_at, fetched_at or datetime.now(UTC))
        except Rejected as rejected:
            outcome, detail = rejected.outcome, rejected.detail
        except OSError as error:
            outcome, detail = "error:unreadable", error.strerror or type(error).__name__
        else:
            return self._save(path, key, content, article, source, url, fetched_at)
        with self._run.writing() as connection:
            runs.end_address(connection, self._run.id, key, outcome, detail=detail)
        return ImportedFile(path, outcome, detail)

    def _save(
        self,
        path: Path,
        key: str,
        content: bytes,
        article: Article,
        source: Source | None,
        url: str | None,
        fetched_at: datetime | None,
    ) -> ImportedFile:
        now = datetime.now(UTC)
        kind = "text/html" if article.url else "text/plain"
        final = url or article.url
        page = FetchedPage(final or article.id, 200, (("Content-Type", kind),), content, fetched_at or now)
        run = self._run
        with run.saving() as saving, run.kept([gzip_member(page)]) as (stored,):
            connection = saving.connection
            page_id = add_page(connection, page, stored, source=article.source, run_id=run.id)
            resolved = resolve_article(connection, article, final=final, address=None) if final else article
            if resolved is None:
                outcome, detail = "skipped:duplicate", f"a second address of {article.url}"
                runs.end_address(
                    connection, run.id, key, outcome, detail=detail, article_id=article.id, page_id=page_id
                )
                return ImportedFile(path, outcome, detail)
            saved = articles.save_article(
                saving,
                resolved,
                run_id=run.id,
                fetched_at=fetched_at,
                page_id=page_id,
                reader=READER,
                now=now,
                zone=ZoneInfo(source.zone) if source else None,
            )
            runs.end_address(connection, run.id, key, saved.outcome, article_id=resolved.id, page_id=page_id)
            flag_counts.count(connection, run.id, [resolved] if saved.outcome in HARVEST else [])
        return ImportedFile(path, saved.outcome, explanation(saved.outcome), resolved)


def _read(path: Path, url: str | None, fetched_at: datetime | None) -> tuple[bytes, Article, Source | None]:
    suffix = path.suffix.lower()
    if suffix not in (*PAGES, *CLIPPINGS):
        known = " ".join((*PAGES, *CLIPPINGS, *WARC_FILES, *EXPORTS))
        raise Rejected("unknown-kind", f"{path.suffix or 'no ending'} is not a kind that can be imported: {known}")
    if path.stat().st_size > LARGEST_PAGE:
        raise Rejected("too-large", f"{path.stat().st_size:,} bytes; the limit is {LARGEST_PAGE:,}")
    content = path.read_bytes()
    if suffix in CLIPPINGS:
        article = normalise(read_clipping(content), source=None, url=None, fetched_at=fetched_at)
        return content, article, None
    tree = parse_html(content)
    address = url or _own_address(tree)
    source = sources.for_url(address)
    raw = extract_tree(tree, url=address, source=source)
    return content, normalise(raw, source=source, url=address, fetched_at=fetched_at), source


def _own_address(tree: LexborHTMLParser) -> str:
    for claim in claimed_addresses(tree):
        try:
            canonical_key(claim)
        except BadAddressError:
            continue
        return claim
    raise Rejected("no-address", "the page does not name its own address; give it with --url")
