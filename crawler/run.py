"""A crawl of one source, as the archive sees it: the addresses it takes up, their outcomes, and its verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Self

from sqlalchemy import Connection

from archive import addresses, clock_witnesses, hosts, listings, politeness, revisits, runs
from archive.addresses import Address, FetchResult
from archive.database import Archive
from archive.hosts import HostRecord
from archive.identity import BadAddressError, canonical_key
from archive.leases import Lease
from archive.listings import ListingRecord
from archive.politeness import HostTraffic
from archive.reading_now import ReadingNow
from archive.records import Listing
from archive.run import Run
from archive.runs import UNDER_LEASE, Verdict
from archive.tombstones import Forgotten
from archive.warc.pages import FetchedPage
from crawler.bugs import TOO_MANY, Bugs
from crawler.fetching.host_memory import HostMemory
from crawler.items import FetchedItem
from crawler.outcome_batch import OutcomeBatch, PendingOutcome
from kliping.config import Settings
from reading.version import READER
from sources.definition import Source

MOST_OPEN = 2_000
"""Addresses that a run has taken up and not ended, at a time. A sitemap may list 300,000: the rest waits in the queue,
not in memory, and is taken up when there is room; what a run does not come to has no outcome in it, and is counted."""

MOST_REMEMBERED = 500_000
"""Addresses of listings that one run puts into the queue; a publisher's whole past has about so many."""


class CrawlRun:
    """A run of one source under the lease of its politeness group. Every transaction checks the lease first."""

    kind: ClassVar[str] = "crawl"

    def __init__(self, run: Run, source: Source, settings: Settings) -> None:
        self.source = source
        self.verdict: Verdict | None = None
        self.trouble: list[str] = []
        """What went wrong apart from single addresses, each a sentence."""
        self.clock_says: float | None = None
        """By how many seconds the publisher's clock is later than ours; None if its answers did not tell."""
        self.feeds = 0
        self.revisits = 0
        self.last_harvest: datetime | None = None
        """When the source's latest crawl with a harvest began."""
        self._run = run
        self._settings = settings
        self.read_as = hashlib.sha256(f"{source!r} {READER}".encode()).hexdigest()
        """Identifies the source's facts and the readers: a listing that others read is read again."""
        self._unchanged_stories = 0
        self._listings_read: dict[str, ListingRecord] = {}
        self._began = datetime.now(UTC)
        self._place_in_queue = 0
        self._asked_when_taken: int | None = None
        self._listed: set[int] = set()
        self._not_remembered = 0
        self._taken_up: set[str] = set()
        self.hosts = HostMemory(source.name, self._known_host)
        """What earlier crawls and this one know of each host."""
        self.bugs = Bugs(self.trouble)
        self.reading = ReadingNow(run.archive.home, run.id)
        self._batch = OutcomeBatch(run, source, self.bugs)

    @classmethod
    def begin(cls, archive: Archive, source: Source, settings: Settings, run_id: str | None) -> Self:
        """Take the lease of the source's politeness group and open a run. Raises LeaseHeldError.

        Crawls and backfills of the source that never ended are closed first: their process died or lost the lease.
        The addresses that they had taken up keep their place in the queue.
        """
        now = datetime.now(UTC)
        run = Run.begin(
            archive,
            run_id or runs.new_id(source.name, now),
            source=source.name,
            kind=cls.kind,
            lease=source.lease,
            lease_seconds=settings.lease_seconds,
            software=settings.user_agent,
            now=now,
            closes=UNDER_LEASE,
        )
        crawl = cls(run, source, settings)
        with archive.reading() as connection:
            crawl.last_harvest = runs.last_harvest(connection, source.name, now)
        return crawl

    @property
    def id(self) -> str:
        """The run's name."""
        return self._run.id

    @property
    def lease(self) -> Lease:
        """The lease that this run holds."""
        return self._run.lease

    def known_listing(self, url: str) -> ListingRecord | None:
        """A listing as an earlier crawl read it, with these readers; None if it has to be asked for whole."""
        with self._run.archive.reading() as connection:
            return listings.find(connection, self.source.name, url, read_as=self.read_as, now=datetime.now(UTC))

    def listing_read(self, listing: ListingRecord) -> None:
        """A listing was read whole. It is stored when the run ends, unless that was stopped: then it is read again."""
        self._listings_read[listing.url] = listing

    def count_unchanged(self, stories: int) -> None:
        """A long listing has not changed; so many stories stand in it, all of them known."""
        self._unchanged_stories += stories

    @property
    def has_forgotten(self) -> bool:
        """Whether listings have had more addresses than one run remembers."""
        return self._not_remembered > 0

    @property
    def listed(self) -> int:
        """How many stories the listings have."""
        return len(self._listed) + self._unchanged_stories

    def _known_host(self, host: str) -> HostRecord | None:
        with self._run.archive.reading() as connection:
            return hosts.load(connection, host)

    def call_when_lost(self, on_lost: Callable[[], None]) -> None:
        """Call this when a transaction finds the lease lost."""
        self._run.on_lost = on_lost

    @property
    def _room(self) -> int:
        """How many addresses may be taken up now."""
        return max(0, MOST_OPEN - (len(self._taken_up) - self._batch.ended))

    def take_up_queued(self) -> Sequence[Address]:
        """Take up addresses of the queue that were due when the run began, as many as there is room for.

        Those that the run's own listings have added are among them.
        """
        self.flush()  # an address whose outcome is not written yet still counts as queued
        counts = self._batch.counts
        asked = counts.total() - sum(counts[name] for name in addresses.NOT_REQUESTED)
        if asked == self._asked_when_taken:
            return ()  # nothing of what was taken up last could be asked for: the hosts are closed to us
        self._asked_when_taken = asked
        with self._run.writing() as connection:
            for _ in range(2):  # from where the last call ended, then once more from the beginning
                while self._room:
                    found = addresses.due(
                        connection, self.source.name, self._began, self._room, after=self._place_in_queue
                    )
                    self._place_in_queue = found[-1].id if found else 0
                    if new := self._take_up(connection, found):
                        return new
                    if not found:
                        break
        return ()

    def take_up_revisits(self) -> Sequence[Address]:
        """Take up the addresses whose articles are to be looked at again, at most `revisits.MOST_VISITS`."""
        with self._run.writing() as connection:
            taken = self._take_up(connection, revisits.due(connection, self.source.name, datetime.now(UTC)))
        self.revisits = len(taken)
        return taken

    def take_up_listed(self, listings: Iterable[Listing], *, always: bool) -> Sequence[Address]:
        """Remember the addresses that a feed or sitemap lists, and take up those worth a visit in this run.

        Those for which there is no room (MOST_OPEN) are queued, and `take_up_queued` takes them up later.
        """
        listed = self._listings_by_key(listings)
        if len(self._listed) > MOST_REMEMBERED:
            self._not_remembered += len(listed)
            return ()
        now = datetime.now(UTC)
        with self._run.writing() as connection:
            listed = self._without_forgotten(connection, listed)
            remembered = addresses.remember(connection, self.source.name, listed.values(), now)
            ours = [address for address in remembered if address.source == self.source.name]
            visits = [each for each in ours if addresses.should_fetch(each, listed[each.key], now, always=always)]
            visits = [each for each in visits if each.key not in self._taken_up]
            room = self._room
            addresses.queue_again(connection, [each.key for each in visits[room:] if each.state != "queued"])
            return self._take_up(connection, visits[:room])

    def _listings_by_key(self, listings: Iterable[Listing]) -> dict[str, Listing]:
        """The listings of the source's own articles by canonical key; they count as listed."""
        found: dict[str, Listing] = {}
        for listing in listings:
            if self.source.is_article(listing.url):
                try:
                    found.setdefault(canonical_key(listing.url), listing)
                except BadAddressError as error:
                    self.trouble.append(f"{listing.found_in} lists an address that cannot be requested: {error}.")
        self._listed.update(map(hash, found))
        return found

    def _without_forgotten(self, connection: Connection, listed: dict[str, Listing]) -> dict[str, Listing]:
        """The listings but those of articles that were forgotten on purpose, which end as "skipped:forgotten"."""
        forgotten = Forgotten(connection).of_keys(listed.keys())
        new = {key: article_id for key, article_id in forgotten.items() if key not in self._taken_up}
        self._batch.skip_forgotten(connection, new)
        self._taken_up.update(new)
        return {key: listing for key, listing in listed.items() if key not in forgotten}

    def _take_up(self, connection: Connection, candidates: Iterable[Address]) -> Sequence[Address]:
        new = [address for address in candidates if address.key not in self._taken_up]
        runs.take_up(connection, self.id, [(address.key, address.url) for address in new])
        self._taken_up.update(address.key for address in new)
        return new

    def end(
        self,
        address: Address,
        outcome: str,
        *,
        detail: str | None = None,
        answer: FetchResult | None = None,
        pages: Sequence[FetchedPage] = (),
    ) -> None:
        """Set the outcome of an address that gives no new article, and keep the pages that it answered with.

        A 304 is "unchanged" only if the archive holds the article; otherwise the next request is unconditional.
        Queues the outcome. If the batch is full, flushes it and may raise what `flush` raises.
        """
        self._batch.add(PendingOutcome(address, answer or FetchResult(), tuple(pages), outcome, detail))

    def save(self, item: FetchedItem) -> None:
        """Save a normalised article with its pages and its outcome, by the next `flush` as `end` does."""
        assert item.article is not None  # the pipelines drop an item without one
        self._batch.add(PendingOutcome(item.address, item.answer, item.pages, item=item))

    def flush(self) -> None:
        """Write the outcomes that wait, as `OutcomeBatch.flush` does, and what was learned of hosts."""
        self._batch.flush()
        if changed := self.hosts.take_unsaved():
            with self._run.writing() as connection:
                hosts.save(connection, changed)

    def finish(
        self, traffic: Mapping[str, int], by_host: Sequence[HostTraffic] = (), *, stopped: str | None
    ) -> Verdict:
        """Close the run, with its traffic in total and by host. Addresses taken up and not reached stay queued.

        `stopped` says why the run ended early; None if it did not. Raises LeaseLostError.
        """
        closed_hosts = self.hosts.sentences(self._settings.zone)
        self.trouble += closed_hosts
        try:
            self.flush()
        except OSError as error:
            stopped = stopped or f"The archive could not be written: {error}."
            self.trouble.append(stopped)
        self._run.close_files()
        self.reading.close()
        with self._run.writing() as connection:
            if self.clock_says is not None:
                clock_witnesses.note(connection, self.source.name, self.clock_says, datetime.now(UTC))
            self._end_unfinished(connection, stopped)
            self._say_what_waits(connection)
            counts = self._batch.counts
            falls = self._batch.tally.conclude(
                connection,
                self.id,
                stored=counts["stored"],
                updated=counts["updated"],
                shortened=stopped is not None or bool(closed_hosts),
            )
            self.trouble += [fall.sentence for fall in falls]
            verdict = self._judge()
            now = datetime.now(UTC)
            if stopped is None:
                listings.save(connection, self.source.name, self._listings_read.values(), now)
            runs.finish(connection, self.id, listed=self.listed, traffic=traffic, verdict=verdict, now=now)
            politeness.save_traffic(connection, self.id, by_host)
        self.verdict = verdict
        return verdict

    def _end_unfinished(self, connection: Connection, stopped: str | None) -> None:
        outcome = "error:stopped" if stopped else "error:unexpected"
        detail = stopped or "it never got an outcome; see the log of the run"
        for key in runs.unfinished(connection, self.id):
            runs.end_address(connection, self.id, key, outcome, detail=detail)
            self._batch.counts[outcome] += 1

    def _say_what_waits(self, connection: Connection) -> None:
        """Count the addresses that the run did not come to, and so have no outcome in it."""
        if self._not_remembered:
            self.trouble.append(
                f"The listings have {self._not_remembered:,} more addresses than the {MOST_REMEMBERED:,} that one run "
                f"remembers. Read them day by day: `kliping backfill {self.source.name} --from DAY --to DAY`."
            )
        taken_up = self._batch.counts["error:stopped"] + self._batch.counts["error:unexpected"]
        waiting = addresses.count_due(connection, self.source.name, self._began) - taken_up
        if waiting > 0:
            self.trouble.append(f"{waiting:,} more addresses wait in the queue. The source's next crawl goes on there.")

    def _judge(self) -> Verdict:
        configured = self._settings.of_source(self.source.name).least_listed
        least = self.source.least_listed if configured is None else configured
        return runs.judge(listed=self.listed, least_listed=least, counts=self._batch.counts, trouble=self.trouble)

    @property
    def is_hopeless(self) -> bool:
        """Whether one error of our own costs every address, so that it is no use to ask for more."""
        return self.bugs.most >= TOO_MANY and not self._batch.has_harvest

    def give_up(self) -> None:
        """Close the files of a run that lost its lease; nothing else may be written."""
        self._run.close_files()
        self.reading.close()


class RoundRun(CrawlRun):
    """A run that looks for the newest stories only, between two crawls."""

    kind = "round"

    def _judge(self) -> Verdict:
        return runs.judge_round(listed=self.listed, counts=self._batch.counts, trouble=self.trouble)
