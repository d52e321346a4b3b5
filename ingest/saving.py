"""The one writer: readings into the archive, with the file's cursor in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from dateutil import tz
from sqlalchemy import select

from archive import addresses, articles, imports
from archive.addresses import HeldAddress
from archive.database import Saving
from archive.identity import BadAddressError, canonical_key
from archive.imports import RecordOutcome
from archive.outcomes import HARVEST
from archive.pages import captured, point_to_all
from archive.records import GENERIC, Article
from archive.resolve import resolve_article
from archive.tables import articles as articles_table
from archive.warc.writing import ROW, FetchedPage, StoredRecord
from ingest.readings import Reading
from ingest.run import ImportRun
from reading.version import READER

BATCH = 64
"""Records in one transaction: what they keep reaches the disk together, and other writers wait a moment only."""


def batches(readings: Iterable[Reading]) -> Iterator[list[Reading]]:
    """Readings in batches that end where the file's cursor may stand."""
    batch: list[Reading] = []
    for reading in readings:
        batch.append(reading)
        if reading.after is not None and len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def save(run: ImportRun, import_id: int, batch: Sequence[Reading]) -> Mapping[str, int]:
    """Save a batch, its outcomes and the file's cursor behind it, all or nothing. Raises LeaseLostError."""
    cursor = batch[-1].after
    assert cursor is not None  # `batches` ends them so
    with run.saving() as saving:
        saver = _Saver(saving, run, import_id)
        ended = saver.save(batch)
        counts = Counter(each.outcome for each in ended)
        # what a filter passed over is counted, and leaves no row: most of a news archive is of other publishers
        taken_up = [end for end, reading in zip(ended, batch, strict=True) if not _is_filtered(reading)]
        imports.note(saving.connection, run.id, taken_up)
        imports.advance(saving.connection, import_id, run.id, cursor, counts)
    return counts


def _is_filtered(reading: Reading) -> bool:
    return reading.outcome is not None and reading.outcome.startswith("skipped:")


def _is_row(reading: Reading) -> bool:
    return reading.page is not None and reading.page.content_type == ROW


def _key(url: str) -> str:
    try:
        return canonical_key(url)
    except BadAddressError:
        return url


class _Saver:
    """One batch in one transaction. What can be asked and told of many records at once is."""

    def __init__(self, saving: Saving, run: ImportRun, import_id: int) -> None:
        self._saving = saving
        self._connection = saving.connection
        self._run = run
        self._import_id = import_id
        self._page_ids: dict[object, int] = {}
        self._held: list[HeldAddress] = []

    def save(self, batch: Sequence[Reading]) -> list[RecordOutcome]:
        """Keep the records that the archive lacks, then settle each reading."""
        good = [reading for reading in batch if reading.article and reading.page]
        captures = {_key(each.page.url) for each in good if each.page and not _is_row(each)}
        for row in captured(self._connection, captures):
            self._page_ids.setdefault((row.key, row.fetched_at), row.id)
        wanted: dict[object, Reading] = {}
        for reading in good:
            mark = self._mark(reading)
            if mark not in self._page_ids and not (_is_row(reading) and self._says_nothing_new(reading)):
                wanted.setdefault(mark, reading)
        with self._run.kept([reading.member for reading in wanted.values()]) as stored:
            self._point_to(wanted, stored)
            ended = [self._settle(reading) for reading in batch]
            self._remember()
        return ended

    def _point_to(self, wanted: Mapping[object, Reading], stored: Sequence[StoredRecord]) -> None:
        by_source: dict[str, list[tuple[object, FetchedPage, StoredRecord]]] = {}
        for (mark, reading), place in zip(wanted.items(), stored, strict=True):
            if reading.article and reading.page:
                by_source.setdefault(reading.article.source, []).append((mark, reading.page, place))
        for source, kept in by_source.items():
            marks, pages, places = zip(*kept, strict=True)
            ids = point_to_all(self._connection, pages, places, source=source, run_id=self._run.id)
            self._page_ids |= dict(zip(marks, ids, strict=True))

    @staticmethod
    def _mark(reading: Reading) -> object:
        """What makes two records one: a capture's address and moment, a row's article and what it says."""
        assert reading.article is not None  # asked only of those that have one
        assert reading.page is not None  # and of its page
        if _is_row(reading):
            return (reading.article.id, reading.article.content_hash)
        return (_key(reading.page.url), reading.page.fetched_at)

    def _says_nothing_new(self, reading: Reading) -> bool:
        assert reading.article is not None  # asked only of those that have one
        table, article = articles_table.c, reading.article
        same = select(table.id).where(table.id == article.id, table.content_hash == article.content_hash)
        return self._connection.execute(same).first() is not None

    def _settle(self, reading: Reading) -> RecordOutcome:
        key = f"{self._import_id}#{reading.place}"
        if reading.article is None or reading.page is None:
            assert reading.outcome is not None  # a reading is the one or the other
            return RecordOutcome(key, reading.address, reading.outcome, reading.detail)
        page_id = self._page_ids.get(self._mark(reading))
        article = self._identified(reading, reading.article)
        if article is None:
            detail = f"a second address of {reading.article.url}"
            return RecordOutcome(key, reading.address, "skipped:duplicate", detail, reading.article.id, page_id)
        held = articles.present(self._connection, article.id) if reading.first_page_only else None
        if held is not None and held.content_hash != article.content_hash:
            detail = "the archive has it, and this record is its first page alone"
            return RecordOutcome(key, reading.address, "skipped:first-page-only", detail, article.id, page_id)
        now = datetime.now(UTC)
        saved = articles.save_article(
            self._saving,
            article,
            run_id=self._run.id,
            fetched_at=reading.fetched_at,
            page_id=page_id,
            reader=READER,
            now=now,
            zone=tz.gettz(reading.zone) if reading.zone else None,
        )
        if saved.outcome in HARVEST and not _is_row(reading) and reading.final and article.source != GENERIC:
            at = reading.fetched_at or now
            self._held.append(HeldAddress(reading.final, article.source, article.id, saved.outcome, at))
        return RecordOutcome(key, reading.address, saved.outcome, None, article.id, page_id)

    def _identified(self, reading: Reading, article: Article) -> Article | None:
        """The article under the id that it is saved by (`resolve_article`); at its own address that is its own."""
        if reading.final is None or (article.url and _key(reading.final) == _key(article.url)):
            return article
        self._remember()  # whether it has another address is asked of the queue
        return resolve_article(self._connection, article, final=reading.final, address=None)

    def _remember(self) -> None:
        """Let the queue know addresses whose pages are held, so that a backfill need not ask for them."""
        addresses.remember_held(self._connection, self._held, datetime.now(UTC))
        self._held.clear()
