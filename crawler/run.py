"""One crawl of one source, as the archive sees it: its lease, its addresses and outcomes, its pages, its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Self

import structlog
from dateutil import tz
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from archive import addresses, articles, leases, politeness, runs
from archive.addresses import Address, FetchResult
from archive.database import Archive, SavingTransaction
from archive.health.tally import Tally
from archive.identity import BadAddressError, canonical_key
from archive.leases import Lease, LeaseLostError
from archive.pages import add_pages
from archive.politeness import HostTraffic
from archive.records import Listing
from archive.resolve import resolve_article
from archive.runs import Verdict
from archive.warc import writing
from archive.warc.pages import FetchedPage, StoredRecord
from archive.warc.writing import WarcWriter
from crawler.items import FetchedItem
from kliping.config import Settings
from reading.version import READER
from sources.definition import Source

FULL_BATCH = 64
"""Addresses whose ends are written in one transaction at the most; `crawler.extension` sees to it that none waits long
for the others."""

HEAVY_BATCH = 8 * 1024 * 1024
"""Bytes of pages that wait for their transaction at the most."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _PendingOutcome:
    """How an address ended, not yet written: with an outcome, or with an item to save."""

    address: Address
    answer: FetchResult
    pages: Sequence[FetchedPage]
    outcome: str = ""
    detail: str | None = None
    item: FetchedItem | None = None


@dataclass(frozen=True, slots=True)
class _SavedOutcome:
    """What a transaction made of an ending."""

    outcome: str
    detail: str | None
    article_id: str | None
    answer: FetchResult


class LeaseHeldError(Exception):
    """Somebody else crawls this source's hosts now; the message says who."""


class CrawlRun:
    """A run under a living lease. Every transaction of it checks the lease first."""

    kind: ClassVar[str] = "crawl"

    def __init__(self, archive: Archive, lease: Lease, source: Source, settings: Settings, run_id: str) -> None:
        self.source = source
        self.id = run_id
        self.verdict: Verdict | None = None
        self.trouble: list[str] = []
        self.feeds = 0
        self.last_harvest: datetime | None = None
        self._archive = archive
        self._lease = lease
        self._settings = settings
        self._zone = tz.gettz(source.zone)
        self._pending: list[_PendingOutcome] = []
        self._pending_bytes = 0
        self._ended: set[str] = set()
        self._listed: set[str] = set()
        self._taken: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._tally = Tally()
        self._warc = WarcWriter(archive.warc_folder, run_id, settings.user_agent)
        self._heard_from = lease.clock()
        self.on_lost: Callable[[], None] | None = None

    @classmethod
    def begin(cls, archive: Archive, source: Source, settings: Settings, run_id: str | None) -> Self:
        """Take the lease of the source's politeness group and open a run. Raises LeaseHeldError.

        Runs of the source that never ended belonged to a process that died or lost the lease: they are closed first,
        and what they had taken up goes back to the queue.
        """
        name = source.lease
        lease = leases.acquire(archive, name, seconds=settings.lease_seconds)
        if lease is None:
            holding = leases.holder_of(archive, name)
            raise LeaseHeldError(
                f"{source.group} is being crawled by {holding.holder if holding else 'another process'}."
            )
        now = datetime.now(UTC)
        run = cls(archive, lease, source, settings, run_id or runs.new_id(source.name, now))
        run._close_dead_runs(now)
        with run._writing() as connection:
            run.last_harvest = runs.last_harvest(connection, source.name)
            runs.begin(connection, run.id, source=source.name, kind=cls.kind, holder=lease.holder, lease=lease, now=now)
        return run

    def _close_dead_runs(self, now: datetime) -> None:
        with self._writing() as connection:
            for run_id in runs.open_runs(connection, self.source.name):
                for file, cut in writing.repair(self._archive.warc_folder, run_id):
                    log.warning("torn WARC record cut off", file=file, bytes=cut)
                for key in runs.unfinished(connection, run_id):
                    runs.end_address(connection, run_id, key, "error:interrupted", detail="its process ended")
                verdict = Verdict("failed", "Its process died before it ended.")
                runs.finish(connection, run_id, listed=0, traffic={}, verdict=verdict, now=now)
                log.warning("closed a dead run", run=run_id)

    @property
    def lease(self) -> Lease:
        """The lease that this run holds."""
        return self._lease

    def take_up_queued(self) -> Sequence[Address]:
        """The addresses left from earlier runs whose time has come."""
        with self._writing() as connection:
            return self._take_up(connection, addresses.due(connection, self.source.name, datetime.now(UTC)))

    def take_up_listed(self, listings: Iterable[Listing], *, always: bool) -> Sequence[Address]:
        """Remember what a feed or sitemap lists, and take up what is worth a visit in this run."""
        said = self._by_key(listings)
        now = datetime.now(UTC)
        with self._writing() as connection:
            held = addresses.remember(connection, self.source.name, said.values(), now)
            mine = [address for address in held if address.source == self.source.name]
            visits = [a for a in mine if addresses.should_fetch(a, said[a.key], now, always=always)]
            return self._take_up(connection, visits)

    def _by_key(self, listings: Iterable[Listing]) -> dict[str, Listing]:
        """The source's own articles among the listings by canonical key, counted as listed."""
        said: dict[str, Listing] = {}
        for listing in listings:
            if self.source.is_article(listing.url):
                try:
                    said.setdefault(canonical_key(listing.url), listing)
                except BadAddressError as error:
                    self.trouble.append(f"{listing.found_in} lists what cannot be asked for: {error}.")
        self._listed.update(said)
        return said

    def _take_up(self, connection: Connection, wanted: Iterable[Address]) -> Sequence[Address]:
        new = [address for address in wanted if address.key not in self._taken]
        runs.take_up(connection, self.id, [(address.key, address.url) for address in new])
        self._taken.update(address.key for address in new)
        return new

    def _make_sure_of_lease(self) -> None:
        """Ask the archive, but only where so much time went by that the lease may be another's.

        Raises LeaseLostError.
        """
        now = self._lease.clock()
        if now - self._heard_from > self._lease.seconds / 2:
            with self._guarded():
                self._lease.renew()
        self._heard_from = now

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except LeaseLostError:
            if self.on_lost:
                self.on_lost()
            raise

    @contextmanager
    def _saving(self) -> Iterator[SavingTransaction]:
        with self._guarded(), self._archive.saving() as saving:
            leases.check(saving.connection, self._lease)
            yield saving

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._guarded(), self._archive.writing() as connection:
            leases.check(connection, self._lease)
            yield connection

    def end(
        self,
        address: Address,
        outcome: str,
        *,
        detail: str | None = None,
        answer: FetchResult | None = None,
        pages: Sequence[FetchedPage] = (),
    ) -> None:
        """Give an address that yields no new article its outcome, and keep the pages that it answered with.

        An answer of 304 is "unchanged" only where the archive holds the article; else the next asks without it.
        Written with the next `flush`, which this may bring about; raises what that does.
        """
        self._pend(_PendingOutcome(address, answer or FetchResult(), tuple(pages), outcome, detail))

    def save(self, item: FetchedItem) -> None:
        """Save a normalised article with its pages and its outcome: with the next `flush`, as `end` does."""
        assert item.article is not None  # the pipelines before this one saw to it
        self._pend(_PendingOutcome(item.address, item.answer, item.pages, item=item))

    def _pend(self, ending: _PendingOutcome) -> None:
        if ending.address.key in self._ended:
            raise LookupError(f"{ending.address.key} has ended in {self.id}")
        self._ended.add(ending.address.key)
        self._pending.append(ending)
        self._pending_bytes += sum(len(page.content) for page in ending.pages)
        if len(self._pending) >= FULL_BATCH or self._pending_bytes >= HEAVY_BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what has come since the last time: the pages to disk, then all outcomes in one transaction.

        What cannot be written for a fault of its own ends as "error:unexpected", and the rest of its batch is written.
        Raises LeaseLostError, and leaves nothing there; OSError or OperationalError where nothing can be written at
        all:
        then the batch is dropped, and its addresses end as the run does.
        """
        batch, self._pending, self._pending_bytes = self._pending, [], 0
        if not batch:
            return
        try:
            self._write(batch)
        except (LeaseLostError, OSError, OperationalError):
            raise
        except Exception:  # noqa: BLE001  a fault of one; alone each gets what is its due
            for ending in batch:
                self._write_alone(ending)

    def _write_alone(self, ending: _PendingOutcome) -> None:
        try:
            self._write([ending])
        except (LeaseLostError, OSError, OperationalError):
            raise
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            log.exception("an error of our own", address=ending.address.url)
            self.trouble.append(f"An error of our own at {ending.address.url}: {what}.")
            self._write([_PendingOutcome(ending.address, FetchResult(), (), "error:unexpected", what)])

    def _write(self, batch: Sequence[_PendingOutcome]) -> None:
        self._make_sure_of_lease()
        pages = [page for ending in batch for page in ending.pages]
        stored = self._warc.write_all(pages)
        with self._warc.discard_on_failure(stored), self._saving() as saving:
            ended = self._settle(saving, batch, pages, stored)
        self._counts.update(each.outcome for each in ended)
        for ending, each in zip(batch, ended, strict=True):
            if ending.item and ending.item.article:
                self._tally.add(ending.item.article, each.page_id)

    def _settle(
        self,
        saving: SavingTransaction,
        batch: Sequence[_PendingOutcome],
        pages: Sequence[FetchedPage],
        stored: Sequence[StoredRecord],
    ) -> Sequence[runs.AddressOutcome]:
        """Write a batch into a transaction; gives how each address ended. `stored` are where its `pages` lie."""
        connection, now = saving.connection, datetime.now(UTC)
        ids = iter(add_pages(connection, pages, stored, source=self.source.name, run_id=self.id))
        ended: list[runs.AddressOutcome] = []
        settled: list[addresses.SettledAddress] = []
        for ending in batch:
            own = [next(ids) for _ in ending.pages]
            page_id = own[0] if own else None  # an article in parts is its first page's
            end = self._saved(saving, ending, page_id) if ending.item else self._ended_without(saving, ending)
            key = ending.address.key
            ended.append(runs.AddressOutcome(key, end.outcome, end.detail, end.article_id, page_id))
            settled.append(addresses.SettledAddress(key, end.outcome, end.answer, end.article_id))
        runs.end_addresses(connection, self.id, ended)
        addresses.settle(connection, settled, now)
        return ended

    def _ended_without(self, saving: SavingTransaction, ending: _PendingOutcome) -> _SavedOutcome:
        now = datetime.now(UTC)
        article_id, outcome, detail = ending.address.article_id, ending.outcome, ending.detail
        if outcome == "unchanged" and not articles.mark_seen(saving, article_id or "", now):
            outcome, detail = "error:http-304", "the archive holds nothing of it"
            addresses.forget_validators(saving.connection, ending.address.key)
        if outcome == "gone" and article_id:
            articles.mark_gone(saving, article_id, now)
        return _SavedOutcome(outcome, detail, article_id, ending.answer)

    def _saved(self, saving: SavingTransaction, ending: _PendingOutcome, page_id: int | None) -> _SavedOutcome:
        item, address = ending.item, ending.address
        assert item is not None  # `_settle` asks for nothing else
        assert item.article is not None  # as `save` has seen
        final = item.raw.url or address.url
        article = resolve_article(saving.connection, item.article, final=final, address=address)
        if article is None:
            detail = f"a second address of {item.article.url}"
            return _SavedOutcome("skipped:duplicate", detail, item.article.id, FetchResult(item.answer.status))
        saved = articles.save_article(
            saving,
            article,
            run_id=self.id,
            fetched_at=item.fetched_at,
            page_id=page_id,
            reader=READER,
            now=datetime.now(UTC),
            zone=self._zone,
        )
        # An address that has come to lead to another article stays its first one's, and keeps no validators: a
        # 304 would be said of the other.
        stays = address.article_id not in (None, article.id, item.article.id)
        answer = FetchResult(item.answer.status) if stays else item.answer
        return _SavedOutcome(saved.outcome, None, address.article_id if stays else article.id, answer)

    def finish(self, traffic: Mapping[str, int], hosts: Sequence[HostTraffic] = (), *, stopped: str | None) -> Verdict:
        """Close the run, with its traffic in all and by host. What was taken up and not reached stays queued.

        `stopped` says why the run ended before it had asked for everything; null where it had. Raises LeaseLostError.
        """
        try:
            self.flush()
        except OSError as error:
            stopped = stopped or f"The archive could not be written: {error}."
            self.trouble.append(stopped)
        self._warc.close()
        outcome = "error:stopped" if stopped else "error:unexpected"
        with self._writing() as connection:
            for key in runs.unfinished(connection, self.id):
                detail = stopped or "nothing became of it; the run's log may tell why"
                runs.end_address(connection, self.id, key, outcome, detail=detail)
                self._counts[outcome] += 1
            falls = self._tally.conclude(
                connection,
                self.id,
                stored=self._counts["stored"],
                updated=self._counts["updated"],
                shortened=stopped is not None,
            )
            self.trouble += [fall.sentence for fall in falls]
            verdict = self._judge()
            runs.finish(
                connection,
                self.id,
                listed=len(self._listed),
                traffic=traffic,
                verdict=verdict,
                now=datetime.now(UTC),
            )
            politeness.save_traffic(connection, self.id, hosts)
        self.verdict = verdict
        return verdict

    def _judge(self) -> Verdict:
        return runs.judge(
            listed=len(self._listed), least_listed=self._least_listed, counts=self._counts, trouble=self.trouble
        )

    @property
    def _least_listed(self) -> int:
        configured = self._settings.of_source(self.source.name).least_listed
        return self.source.least_listed if configured is None else configured

    def give_up(self) -> None:
        """Close the files of a run whose lease is another's; nothing else is ours to write."""
        self._warc.close()
