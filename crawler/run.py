"""One crawl of one source, as the archive sees it: its lease, its addresses and outcomes, its pages, its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog
from dateutil import tz
from sqlalchemy import Connection

import lexicon
from archive import addresses, articles, leases, runs, warc
from archive.addresses import Address, Answer, Listing
from archive.database import Archive, Saving
from archive.identity import BadAddress, canonical_key
from archive.leases import Lease, LeaseLost
from archive.pages import point_to
from archive.records import Article
from archive.runs import Verdict
from archive.warc import Page, Stored, WarcWriter
from crawler.identify import settle_identity
from crawler.items import Fetched
from crawler.sources.definition import Source
from kliping.config import Settings

READER = f"1/{lexicon.VERSION}"
"""Which readers made a version: our own number, raised when their answers change, and the lexicon's."""

log = structlog.get_logger()


class LeaseHeld(Exception):
    """Somebody else crawls this source's hosts now; the message says who."""


class CrawlRun:
    """A run under a living lease. Every transaction of it checks the lease first."""

    def __init__(self, archive: Archive, lease: Lease, source: Source, settings: Settings, run_id: str) -> None:
        self.source = source
        self.id = run_id
        self.verdict: Verdict | None = None
        self.trouble: list[str] = []
        self.feeds = 0
        self._archive = archive
        self._lease = lease
        self._settings = settings
        self._zone = tz.gettz(source.zone)
        self._listed: set[str] = set()
        self._taken: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._warc = WarcWriter(archive.warc_folder, run_id, settings.user_agent)
        self._heard_from = lease.clock()
        self.on_lost: Callable[[], None] | None = None

    @classmethod
    def begin(cls, archive: Archive, source: Source, settings: Settings, run_id: str | None) -> CrawlRun:
        """Take the lease of the source's politeness group and open a run. Raises LeaseHeld.

        Runs of the source that never ended belonged to a process that died or lost the lease: they are closed first,
        and what they had taken up goes back to the queue.
        """
        name = source.lease
        lease = leases.acquire(archive, name, seconds=settings.lease_seconds)
        if lease is None:
            holding = leases.holder_of(archive, name)
            raise LeaseHeld(f"{source.group} is being crawled by {holding.holder if holding else 'another process'}.")
        now = datetime.now(UTC)
        run = cls(archive, lease, source, settings, run_id or runs.new_id(source.name, now))
        run._close_dead_runs(now)
        with run._writing() as connection:
            runs.begin(connection, run.id, source=source.name, kind="crawl", holder=lease.holder, lease=lease, now=now)
        return run

    def _close_dead_runs(self, now: datetime) -> None:
        with self._writing() as connection:
            for run_id in runs.open_runs(connection, self.source.name):
                for file, cut in warc.repair(self._archive.warc_folder, run_id):
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
        said: dict[str, Listing] = {}
        for listing in listings:
            if self.source.is_article(listing.url):
                try:
                    said.setdefault(canonical_key(listing.url), listing)
                except BadAddress as error:
                    self.trouble.append(f"{listing.found_in} lists what cannot be asked for: {error}.")
        now = datetime.now(UTC)
        self._listed.update(said)
        with self._writing() as connection:
            held = addresses.remember(connection, self.source.name, said.values(), now)
            mine = [address for address in held if address.source == self.source.name]
            visits = [a for a in mine if addresses.worth_a_visit(a, said[a.key], now, always=always)]
            return self._take_up(connection, visits)

    def _take_up(self, connection: Connection, wanted: Iterable[Address]) -> Sequence[Address]:
        new = [address for address in wanted if address.key not in self._taken]
        runs.take_up(connection, self.id, [(address.key, address.url) for address in new])
        self._taken.update(address.key for address in new)
        return new

    def keep(self, page: Page) -> Stored:
        """Put a fetched page on disk. Raises LeaseLost, and leaves nothing there, under a lease that has passed on."""
        self._make_sure_of_lease()
        stored = self._warc.write(page)
        try:
            self._make_sure_of_lease()  # it may have been frozen, and woken, between the first look and the write
        except LeaseLost:
            self._warc.take_back(stored)
            raise
        return stored

    def _make_sure_of_lease(self) -> None:
        """Ask the archive, but only where so much time went by that the lease may be another's. Raises LeaseLost."""
        now = self._lease.clock()
        if now - self._heard_from > self._lease.seconds / 2:
            with self._guarded():
                self._lease.renew()
        self._heard_from = now

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except LeaseLost:
            if self.on_lost:
                self.on_lost()
            raise

    @contextmanager
    def _saving(self) -> Iterator[Saving]:
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
        answer: Answer | None = None,
        pages: Sequence[tuple[Page, Stored]] = (),
    ) -> None:
        """Give an address that yields no new article its outcome.

        An answer of 304 is "unchanged" only where the archive holds the article; else the next asks without it.
        """
        now = datetime.now(UTC)
        with self._saving() as saving:
            if outcome == "unchanged" and not articles.seen_again(saving, address.article_id or "", now):
                outcome, detail = "error:http-304", "the archive holds nothing of it"
                addresses.forget_validators(saving.connection, address.key)
            page_id = self._point_to(saving, pages)
            if outcome == "gone" and address.article_id:
                articles.mark_gone(saving, address.article_id, now)
            self._settle(saving, address, outcome, detail, answer or Answer(), address.article_id, page_id)
        self._counts[outcome] += 1

    def save(self, item: Fetched) -> str:
        """Save a normalised article with its outcome, in one transaction. Gives the outcome."""
        assert item.article is not None  # the pipelines before this one saw to it
        address, final = item.address, item.raw.url or item.address.url
        with self._saving() as saving:
            page_id = self._point_to(saving, item.pages)
            article = identified(saving.connection, item.article, final=final, address=address)
            if article is None:
                detail = f"a second address of {item.article.url}"
                answer = Answer(item.answer.status)
                self._settle(saving, address, "skipped:duplicate", detail, answer, item.article.id, page_id)
                self._counts["skipped:duplicate"] += 1
                return "skipped:duplicate"
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
            answer = Answer(item.answer.status) if stays else item.answer
            mapped = address.article_id if stays else article.id
            self._settle(saving, address, saved.outcome, None, answer, mapped, page_id)
        self._counts[saved.outcome] += 1
        return saved.outcome

    def _settle(
        self,
        saving: Saving,
        address: Address,
        outcome: str,
        detail: str | None,
        answer: Answer,
        article_id: str | None,
        page_id: int | None,
    ) -> None:
        runs.end_address(
            saving.connection,
            self.id,
            address.key,
            outcome,
            detail=detail,
            article_id=article_id,
            page_id=page_id,
        )
        addresses.settle(
            saving.connection, address.key, outcome, answer=answer, now=datetime.now(UTC), article_id=article_id
        )

    def _point_to(self, saving: Saving, kept: Sequence[tuple[Page, Stored]]) -> int | None:
        """Rows for WARC records that are on disk; gives the first one's id."""
        ids = [
            point_to(saving.connection, page, stored, source=self.source.name, run_id=self.id) for page, stored in kept
        ]
        return ids[0] if ids else None

    def finish(self, traffic: Mapping[str, int], *, stopped: str | None) -> Verdict:
        """Close the run. What was taken up and not reached stays queued.

        `stopped` says why the run ended before it had asked for everything; null where it had. Raises LeaseLost.
        """
        self._warc.close()
        outcome = "error:stopped" if stopped else "error:unexpected"
        with self._writing() as connection:
            for key in runs.unfinished(connection, self.id):
                detail = stopped or "nothing became of it; the run's log may tell why"
                runs.end_address(connection, self.id, key, outcome, detail=detail)
                self._counts[outcome] += 1
            verdict = runs.judge(
                listed=len(self._listed), least_listed=self._least_listed, counts=self._counts, trouble=self.trouble
            )
            runs.finish(
                connection,
                self.id,
                listed=len(self._listed),
                traffic=traffic,
                verdict=verdict,
                now=datetime.now(UTC),
            )
        self.verdict = verdict
        return verdict

    @property
    def _least_listed(self) -> int:
        configured = self._settings.of_source(self.source.name).least_listed
        return self.source.least_listed if configured is None else configured

    def give_up(self) -> None:
        """Close the files of a run whose lease is another's; nothing else is ours to write."""
        self._warc.close()


def identified(connection: Connection, article: Article, *, final: str, address: Address | None) -> Article | None:
    """`settle_identity`, with what the archive holds."""
    claimed = articles.present(connection, article.id)
    own = claimed
    if address is None or address.article_id != article.id:
        own = articles.present(connection, address.article_id) if address and address.article_id else None
    home = canonical_key(article.url) if article.url else ""
    elsewhere = (address is None or home != address.key) and addresses.is_home_of(connection, home, article.id)
    return settle_identity(article, final=final, own=own, claimed=claimed, elsewhere=elsewhere)
