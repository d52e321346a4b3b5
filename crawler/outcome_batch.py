"""Outcomes of a crawl that wait to be written: a batch goes into one transaction, with the pages of its addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Connection

from archive import addresses, articles, flag_counts, revisits, runs, tombstones
from archive.addresses import Address, FetchResult
from archive.database import SavingTransaction, is_unusable
from archive.health.tally import Tally
from archive.leases import LeaseLostError
from archive.outcomes import HARVEST
from archive.pages import add_pages
from archive.resolve import resolve_article
from archive.run import Run
from archive.tombstones import FORGOTTEN, Forgotten
from archive.warc.pages import FetchedPage, StoredRecord
from archive.warc.writing import gzip_member
from crawler.bugs import Bugs
from crawler.items import FetchedItem
from reading.version import READER
from sources.definition import Source

FULL_BATCH = 64
"""Most addresses in one transaction. `crawler.extension` flushes twice a second, so none waits long for the others."""

HEAVY_BATCH = 8 * 1024 * 1024
"""Most bytes of pages that wait for their transaction."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PendingOutcome:
    """How an address ended, not yet written: either an outcome, or an item to save."""

    address: Address
    answer: FetchResult
    pages: Sequence[FetchedPage]
    outcome: str = ""
    detail: str | None = None
    item: FetchedItem | None = None


@dataclass(frozen=True, slots=True)
class _SavedOutcome:
    """How an address ended, as the transaction wrote it."""

    outcome: str
    detail: str | None
    article_id: str | None
    answer: FetchResult


class OutcomeBatch:
    """Collects outcomes and writes them. `counts` and `tally` are of what is written; `bugs` gets errors of our own."""

    def __init__(self, run: Run, source: Source, bugs: Bugs) -> None:
        self.counts: Counter[str] = Counter()
        self.tally = Tally()
        self._run = run
        self._source = source
        self._bugs = bugs
        self._zone = ZoneInfo(source.zone)
        self._pending: list[PendingOutcome] = []
        self._pending_bytes = 0
        self._ended: set[str] = set()

    @property
    def ended(self) -> int:
        """How many addresses have an outcome, those that wait to be written included."""
        return len(self._ended)

    @property
    def has_harvest(self) -> bool:
        """Whether any address brought something, those that wait to be written included."""
        waiting = any(each.item or each.outcome in HARVEST for each in self._pending)
        return waiting or any(self.counts[name] for name in HARVEST)

    def add(self, pending: PendingOutcome) -> None:
        """Add an outcome; a full batch is flushed. Raises LookupError for an address that has one already."""
        if pending.address.key in self._ended:
            raise LookupError(f"{pending.address.key} has ended in {self._run.id}")
        self._ended.add(pending.address.key)
        self._pending.append(pending)
        self._pending_bytes += sum(len(page.content) for page in pending.pages)
        if len(self._pending) >= FULL_BATCH or self._pending_bytes >= HEAVY_BATCH:
            self.flush()

    def skip_forgotten(self, connection: Connection, forgotten: Mapping[str, str]) -> None:
        """Write that these addresses (by key, with the article's id) are not visited: their articles were forgotten."""
        new = {key: article_id for key, article_id in forgotten.items() if key not in self._ended}
        rows = [
            runs.RecordOutcome(tombstones.hidden_key(key), tombstones.NO_ADDRESS, FORGOTTEN, None, article_id)
            for key, article_id in new.items()
        ]
        runs.write_outcomes(connection, self._run.id, rows)
        self._ended.update(new)
        self.counts[FORGOTTEN] += len(new)

    def flush(self) -> None:
        """Write the batch: first the pages to disk, then all outcomes in one transaction.

        If one address makes it fail, that one ends as "error:unexpected" and the others are written. Raises
        LeaseLostError if the lease is lost; no record stays behind then. Raises an error of `is_unusable` if nothing
        can be written at all; the batch is dropped then, and `CrawlRun.finish` ends its addresses.
        """
        batch, self._pending, self._pending_bytes = self._pending, [], 0
        if not batch:
            return
        try:
            self._write(batch)
        except Exception as error:
            if isinstance(error, LeaseLostError) or is_unusable(error):
                raise
            for pending in batch:  # caused by one address; written one by one, only that one fails
                self._write_alone(pending)

    def _write_alone(self, pending: PendingOutcome) -> None:
        try:
            self._write([pending])
        except Exception as error:
            if isinstance(error, LeaseLostError) or is_unusable(error):
                raise
            log.exception("an error of our own", address=pending.address.url)
            what = self._bugs.add(error, pending.address.url)
            self._write([PendingOutcome(pending.address, FetchResult(), (), "error:unexpected", what)])

    def _write(self, batch: Sequence[PendingOutcome]) -> None:
        self._run.renew_if_stale()
        with self._run.archive.reading() as connection:
            forgotten = _forgotten(Forgotten(connection), batch)
        pages = [page for pending in batch if pending.address.key not in forgotten for page in pending.pages]

        def write(saving: SavingTransaction) -> Sequence[runs.AddressOutcome]:
            if _forgotten(saving.forgotten, batch) != forgotten:
                raise _ForgottenMeanwhileError
            return self._write_into(saving, batch, pages, stored, forgotten)

        try:
            with self._run.kept([gzip_member(page) for page in pages]) as stored:
                written = self._run.save(write)
        except _ForgottenMeanwhileError:
            self._write(batch)
            return
        self.counts.update(each.outcome for each in written)
        for pending, each in zip(batch, written, strict=True):
            if pending.item and pending.item.article:
                self.tally.add(pending.item.article, each.page_id)

    def _write_into(
        self,
        saving: SavingTransaction,
        batch: Sequence[PendingOutcome],
        pages: Sequence[FetchedPage],
        stored: Sequence[StoredRecord],
        forgotten: Mapping[str, str],
    ) -> Sequence[runs.AddressOutcome]:
        """Write a batch into a transaction; returns each address's outcome. `stored`: where its `pages` are on disk.

        `forgotten`: the addresses (by key) of articles that were forgotten on purpose, whose pages are not kept.
        """
        connection, now = saving.connection, datetime.now(UTC)
        ids = iter(add_pages(connection, pages, stored, source=self._source.name, run_id=self._run.id))
        outcomes: list[runs.AddressOutcome] = []
        settled: list[addresses.SettledAddress] = []
        tombstones.hide_addresses(connection, self._run.id, forgotten)
        for pending in batch:
            if (buried := forgotten.get(pending.address.key)) is not None:
                tombstones.bury_address(connection, buried, pending.address.key)
                hidden = tombstones.hidden_key(pending.address.key)
                outcomes.append(runs.AddressOutcome(hidden, FORGOTTEN, None, buried))
                continue
            page_ids = [next(ids) for _ in pending.pages]
            page_id = page_ids[0] if page_ids else None  # an article of several pages points to its first one
            saved = self._save(saving, pending, page_id) if pending.item else self._without_article(saving, pending)
            key = pending.address.key
            outcomes.append(runs.AddressOutcome(key, saved.outcome, saved.detail, saved.article_id, page_id))
            settled.append(addresses.SettledAddress(key, saved.outcome, saved.answer, saved.article_id))
        settled = _with_next_visits(connection, settled, now)
        runs.end_addresses(connection, self._run.id, outcomes)
        read = zip(batch, outcomes, strict=True)
        items = [pending.item for pending, ended in read if ended.outcome in HARVEST]
        flag_counts.count(connection, self._run.id, [item.article for item in items if item and item.article])
        addresses.settle(connection, settled, now)
        return outcomes

    @staticmethod
    def _without_article(saving: SavingTransaction, pending: PendingOutcome) -> _SavedOutcome:
        now = datetime.now(UTC)
        article_id, outcome, detail = pending.address.article_id, pending.outcome, pending.detail
        if outcome == "unchanged" and not articles.mark_seen(saving, article_id or "", now):
            outcome, detail = "error:http-304", "the archive does not hold the article"
            addresses.forget_validators(saving.connection, pending.address.key)
        if outcome == "gone" and article_id:
            articles.mark_gone(saving, article_id, now, since=pending.address.last_fetched)
        return _SavedOutcome(outcome, detail, article_id, pending.answer)

    def _save(self, saving: SavingTransaction, pending: PendingOutcome, page_id: int | None) -> _SavedOutcome:
        item, address = pending.item, pending.address
        assert item is not None  # `_write_into` checked it
        assert item.article is not None  # `CrawlRun.save` checked it
        final = item.raw.url or address.url
        article = resolve_article(saving.connection, item.article, final=final, address=address)
        if isinstance(article, str):
            detail = f"a second address of {item.article.url}"
            return _SavedOutcome(article, detail, item.article.id, FetchResult(item.answer.status))
        saved = articles.save_article(
            saving,
            article,
            run_id=self._run.id,
            fetched_at=item.fetched_at,
            page_id=page_id,
            reader=READER,
            now=datetime.now(UTC),
            zone=self._zone,
        )
        # If the address now leads to another article, it keeps its first one, and no validators: a later 304 would
        # be about the new article.
        moved = address.article_id not in (None, article.id, item.article.id)
        answer = FetchResult(item.answer.status) if moved else item.answer
        return _SavedOutcome(saved.outcome, None, address.article_id if moved else article.id, answer)


class _ForgottenMeanwhileError(Exception):
    """An article of a batch was forgotten while the batch was being written. Its records are cut off again."""


def _forgotten(known: Forgotten, batch: Sequence[PendingOutcome]) -> dict[str, str]:
    """The addresses of a batch, by key, whose articles were forgotten on purpose, each with the article's id."""
    if not known.any:
        return {}
    found = known.of_keys([pending.address.key for pending in batch])
    read = [
        (pending.address.key, (pending.item.article, (pending.item.raw.url, *(page.url for page in pending.pages))))
        for pending in batch
        if pending.item and pending.item.article
    ]
    matched = zip(read, known.of_articles([each for _, each in read]), strict=True)
    return found | {key: article_id for (key, _), article_id in matched if article_id is not None}


_STOOD_THERE = (*HARVEST, "gone")
"""Outcomes of an address at which an article stands, or stood."""


def _with_next_visits(
    connection: Connection, settled: Sequence[addresses.SettledAddress], now: datetime
) -> list[addresses.SettledAddress]:
    """The same, each with when its article is looked at again."""
    ids = [each.article_id for each in settled if each.article_id and each.outcome in _STOOD_THERE]
    published = articles.publication_of(connection, ids) if ids else {}
    return [
        replace(each, next_visit=revisits.next_visit(published[each.article_id], now))
        if each.outcome in _STOOD_THERE and each.article_id in published
        else each
        for each in settled
    ]
