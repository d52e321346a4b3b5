"""Saves batches of read records to the archive, each with the file's cursor in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from archive import addresses, articles, flag_counts, imports, runs
from archive.addresses import ImportedAddress
from archive.database import SavingTransaction
from archive.identity import BadAddressError, canonical_key, part_number
from archive.outcomes import HARVEST
from archive.pages import add_pages, captures_of
from archive.records import Article
from archive.resolve import Settled, is_other_page, resolve_article
from archive.run import Run
from archive.runs import RecordOutcome
from archive.tables import articles as articles_table
from archive.tombstones import FORGOTTEN, NO_ADDRESS
from archive.warc.pages import EXPORT_ROW, FetchedPage, StoredRecord
from ingest.read_tasks import ReadRecord
from reading.version import READER

BATCH = 64
"""Records in one transaction: one fsync for all of them, and other writers wait only for a moment."""


def batches(records: Iterable[ReadRecord]) -> Iterator[list[ReadRecord]]:
    """Records in batches; each ends with one that has a cursor."""
    batch: list[ReadRecord] = []
    for record in records:
        batch.append(record)
        if record.cursor is not None and len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def save(run: Run, import_id: int, batch: Sequence[ReadRecord]) -> Mapping[str, int]:
    """Save a batch, its outcomes and the file's cursor after it, all or nothing. Raises LeaseLostError."""
    cursor = batch[-1].cursor
    assert cursor is not None  # see `batches`

    def write(saving: SavingTransaction) -> Mapping[str, int]:
        outcomes = _BatchWriter(saving, run, import_id).save(batch)
        counts = Counter(each.outcome for each in outcomes)
        # what a filter skipped is only counted, without a row: most of a news archive is of other publishers
        taken_up = [each for each, record in zip(outcomes, batch, strict=True) if not _is_filtered(record)]
        runs.write_outcomes(saving.connection, run.id, taken_up)
        read = zip(batch, outcomes, strict=True)
        saved = [record.article for record, ended in read if record.article and ended.outcome in HARVEST]
        flag_counts.count(saving.connection, run.id, saved)
        imports.advance(saving.connection, import_id, run.id, cursor, counts)
        return counts

    return run.save(write)


def _is_filtered(record: ReadRecord) -> bool:
    return record.outcome is not None and record.outcome.startswith("skipped:")


def _is_row(record: ReadRecord) -> bool:
    return record.page is not None and record.page.content_type == EXPORT_ROW


def _key(url: str) -> str:
    try:
        return canonical_key(url)
    except BadAddressError:
        return url


class _BatchWriter:
    """Saves one batch in one transaction, with one query for many records where that is possible."""

    def __init__(self, saving: SavingTransaction, run: Run, import_id: int) -> None:
        self._saving = saving
        self._connection = saving.connection
        self._run = run
        self._import_id = import_id
        self._page_ids: dict[object, int] = {}
        self._held: list[ImportedAddress] = []
        self._urls: dict[str, str | None] = {}
        self._gone: dict[str, str] = {}

    def save(self, batch: Sequence[ReadRecord]) -> list[RecordOutcome]:
        """Keep the WARC records that the archive lacks, then save each article."""
        with_article = [record for record in batch if record.article and record.page]
        self._gone = self._forgotten(with_article)
        with_article = [record for record in with_article if record.place not in self._gone]
        captures = {_key(each.page.url) for each in with_article if each.page and not _is_row(each)}
        for row in captures_of(self._connection, captures):
            self._page_ids.setdefault((row.key, row.fetched_at), row.id)
        self._saving.look_up([record.article.id for record in with_article if record.article])
        self._urls = self._urls_of({record.article.id for record in with_article if record.article})
        missing: dict[object, ReadRecord] = {}
        for record in with_article:
            identity = self._identity(record)
            if identity not in self._page_ids and not (_is_row(record) and self._is_known(record)):
                missing.setdefault(identity, record)
        with self._run.kept([record.member for record in missing.values()]) as stored:
            self._point_to(missing, stored)
            outcomes = [self._save_record(record) for record in batch]
            self._remember_held()
        return outcomes

    def _forgotten(self, records: Sequence[ReadRecord]) -> dict[str, str]:
        """The records, by place, of articles that were forgotten on purpose, each with the article's id."""
        found = [
            (record.article, (record.final, record.page.url)) for record in records if record.article and record.page
        ]
        gone = self._saving.forgotten.of_articles(found)
        return {record.place: each for record, each in zip(records, gone, strict=True) if each is not None}

    def _urls_of(self, ids: Collection[str]) -> dict[str, str | None]:
        """The URLs of those articles that the archive has."""
        table = articles_table.c
        return {
            row.id: row.url for row in self._connection.execute(select(table.id, table.url).where(table.id.in_(ids)))
        }

    def _point_to(self, kept: Mapping[object, ReadRecord], stored: Sequence[StoredRecord]) -> None:
        by_source: dict[str, list[tuple[object, FetchedPage, StoredRecord]]] = {}
        for (identity, record), place in zip(kept.items(), stored, strict=True):
            if record.article and record.page:
                by_source.setdefault(record.article.source, []).append((identity, record.page, place))
        for source, of_source in by_source.items():
            identities, pages, places = zip(*of_source, strict=True)
            ids = add_pages(self._connection, pages, places, source=source, run_id=self._run.id)
            self._page_ids |= dict(zip(identities, ids, strict=True))

    @staticmethod
    def _identity(record: ReadRecord) -> object:
        """Equal for records that need to be kept once: address and time of a capture, article and content of a row."""
        assert record.article is not None  # called only for records with an article
        assert record.page is not None  # and a page
        if _is_row(record):
            return (record.article.id, record.article.content_hash)
        return (_key(record.page.url), record.page.fetched_at)

    def _is_known(self, record: ReadRecord) -> bool:
        """Whether the archive has the article with the same content."""
        assert record.article is not None  # called only for records with an article
        table, article = articles_table.c, record.article
        same = select(table.id).where(table.id == article.id, table.content_hash == article.content_hash)
        return self._connection.execute(same).first() is not None

    def _save_record(self, record: ReadRecord) -> RecordOutcome:
        key = f"{self._import_id}#{record.place}"
        if record.article is None or record.page is None:
            assert record.outcome is not None  # a record has an article or an outcome
            return RecordOutcome(key, record.address, record.outcome, record.detail)
        if (gone := self._gone.get(record.place)) is not None:
            return RecordOutcome(key, NO_ADDRESS, FORGOTTEN, None, gone)
        page_id = self._page_ids.get(self._identity(record))
        article = self._resolved(record, record.article)
        if isinstance(article, str):
            detail = f"{'a part' if article == 'skipped:later-page' else 'a second address'} of {record.article.url}"
            self._hold(record, record.article, article)
            return RecordOutcome(key, record.address, article, detail, record.article.id, page_id)
        present = articles.current_article(self._connection, article.id) if record.first_page_only else None
        if present is not None and present.content_hash != article.content_hash:
            detail = "the archive has the article, and this record is only its first page"
            return RecordOutcome(key, record.address, "skipped:first-page-only", detail, article.id, page_id)
        now = datetime.now(UTC)
        saved = articles.save_article(
            self._saving,
            article,
            run_id=self._run.id,
            fetched_at=record.fetched_at,
            page_id=page_id,
            reader=READER,
            now=now,
            zone=ZoneInfo(record.zone) if record.zone else None,
        )
        if saved.outcome in HARVEST:
            self._urls[article.id] = article.url
        if saved.outcome in HARVEST:
            self._hold(record, article, saved.outcome)
        return RecordOutcome(key, record.address, saved.outcome, saved.detail, article.id, page_id)

    def _hold(self, record: ReadRecord, article: Article, outcome: str) -> None:
        """Let the address of a record lead to its article."""
        if record.final and not _is_row(record):
            at = record.fetched_at or datetime.now(UTC)
            self._held.append(ImportedAddress(record.final, article.source, article.id, outcome, at))

    def _resolved(self, record: ReadRecord, article: Article) -> Settled:
        """The article under the id that it is saved by (`resolve_article`); at its own address that is its own id."""
        if record.final is None:
            return article
        stored = self._urls.get(article.id)
        plain = (part_number(record.final) or 1) == 1 and (stored is None or not is_other_page(stored, record.final))
        if plain and article.url and _key(record.final) == _key(article.url):
            return article
        self._remember_held()  # resolve_article looks the article's addresses up
        return resolve_article(self._connection, article, final=record.final, address=None)

    def _remember_held(self) -> None:
        """Write addresses whose pages the archive holds to the queue, so that a backfill need not request them."""
        addresses.remember_imported(self._connection, self._held, datetime.now(UTC))
        self._held.clear()
