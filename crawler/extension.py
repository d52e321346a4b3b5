"""Connects a run to Scrapy: opens and closes it with the spider, and reports every error to it."""

from __future__ import annotations

import logging
from typing import Any

import structlog
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from sqlalchemy.exc import DatabaseError
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from archive import leases
from archive.addresses import Address
from archive.database import Archive, ArchiveError, damage_in_words, is_damage, is_unusable
from archive.leases import LeaseLostError
from archive.politeness import HostTraffic
from archive.run import LeaseHeldError
from crawler.fetching.ledger import host_traffic
from crawler.fetching.politeness import polite_hosts
from crawler.items import FetchedItem
from crawler.run import CrawlRun
from kliping import logs
from kliping.config import Settings
from sources.definition import Source

FLUSH_SECONDS = 0.5
"""Interval at which outcomes and articles are written to the archive."""

log = structlog.get_logger()


class RunExtension:
    """Opens the run when the spider opens, and closes it with a verdict when the spider closes."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._settings: Settings = crawler.settings["KLIPING"]
        logs.configure(form=self._settings.log_format)
        self._archive: Archive | None = None
        self._heartbeat: leases.Heartbeat | None = None
        self._flushing: LoopingCall | None = None
        self.run: CrawlRun | None = None
        self.refused: str | None = None
        self.unusable: str | None = None
        """Why the archive cannot be used; then nothing was asked of the publisher."""
        self.lost = False
        self.stopped: str | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_error, signals.spider_error)
        crawler.signals.connect(self.item_error, signals.item_error)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RunExtension:
        return cls(crawler)

    def spider_opened(self, spider: Any) -> None:
        """Take the lease and open the run, before the first request. Raises CloseSpider if the lease is held."""
        source: Source = spider.source
        logs.shorten_repeated_in(logging.getLogger())  # Scrapy has installed its handlers by now
        logs.format_handlers_of(logging.getLogger(), self._settings.log_format)
        try:
            self._archive = Archive.open(self._settings.archive_url, self._settings.home)
            self._archive.require_writable()
        except (ArchiveError, OSError) as error:
            self.unusable = str(error)
            log.error("not crawled", source=source.name, reason=self.unusable)
            raise CloseSpider("archive-unusable") from error
        try:
            run_id = self._crawler.settings["KLIPING_RUN_ID"]
            self.run = spider.run_class.begin(self._archive, source, self._settings, run_id)
        except LeaseHeldError as held:
            self.refused = str(held)
            log.warning("not crawled", source=source.name, reason=self.refused)
            raise CloseSpider("lease-held") from held
        except Exception as error:
            if not is_unusable(error):
                raise
            self.unusable = _in_words(self._archive, error)
            log.error("not crawled", source=source.name, reason=self.unusable)
            raise CloseSpider("archive-unusable") from error
        self.run.call_when_lost(self.lease_lost)
        self._heartbeat = leases.Heartbeat(self.run.lease, on_lost=self._lost_from_thread)
        self._heartbeat.__enter__()
        polite_hosts(self._crawler).memory = self.run.hosts
        self._flushing = LoopingCall(self._flush)
        self._flushing.start(FLUSH_SECONDS, now=False)

    def _flush(self) -> None:
        """Write the pending batch, so that little is lost if the crawl is killed."""
        assert self.run is not None  # spider_opened opens the run first
        engine = self._crawler.engine
        if engine and engine._slot and engine._slot.closing is not None:  # Scrapy has no signal for it
            polite_hosts(self._crawler).end_soon(engine.downloader)
        try:
            self.run.flush()
        except LeaseLostError:
            return  # the run has called lease_lost
        except Exception as error:
            if not is_unusable(error):
                raise
            self.stop_unwritable(error)

    def stop_unwritable(self, error: BaseException) -> None:
        """Stop on a full disk, or a locked, missing or damaged database: every further response would be lost too."""
        assert self._archive is not None  # spider_opened opens it first
        sentence = _in_words(self._archive, error)
        if self.stopped is None:
            log.error("the crawl stops", reason=sentence)
        self.stop(sentence)

    def _lost_from_thread(self) -> None:
        from twisted.internet import reactor

        reactor.callFromThread(self.lease_lost)

    def lease_lost(self) -> None:
        """End the crawl at once: another process holds the lease now."""
        if not self.lost and self._crawler.engine and self._crawler.spider:
            self.lost = True
            self._crawler.engine.close_spider(self._crawler.spider, "lease-lost")

    def spider_error(self, failure: Failure, response: Any) -> None:
        """A bug while a response was read: its address ends as `error:unexpected`, and the crawl continues."""
        request = getattr(response, "request", None)
        self._unexpected(failure.value, request.cb_kwargs.get("address") if request else None, str(request))

    def item_error(self, item: FetchedItem, failure: Failure) -> None:
        """A bug in a pipeline: the same."""
        self._unexpected(failure.value, item.address, item.address.url)

    def _unexpected(self, error: BaseException | None, address: Address | None, about: str) -> None:
        if self.run is None or isinstance(error, LeaseLostError):
            return
        if error is None:
            return
        if is_unusable(error):
            self.stop_unwritable(error)
            return
        what = self.run.bugs.add(error, about)
        if address is not None:
            self._end_unexpected(address, what)
        if self.run.is_hopeless:
            self.stop("The same error of our own at every address: nothing more was asked for.")

    def _end_unexpected(self, address: Address, what: str) -> None:
        assert self.run is not None  # `_unexpected` checked it
        try:
            self.run.end(address, "error:unexpected", detail=what)
        except LookupError:
            return  # the error came after its outcome
        except LeaseLostError:
            return  # the run has called lease_lost
        except Exception as error:
            if not is_unusable(error):
                raise
            self.stop_unwritable(error)

    def stop(self, reason: str) -> None:
        """End the crawl early; addresses that were not requested stay queued."""
        if self.stopped is None and self.run and self._crawler.engine and self._crawler.spider:
            self.stopped = reason
            self.run.trouble.append(reason)
            self._crawler.engine.close_spider(self._crawler.spider, "stopped")

    def spider_closed(self, reason: str) -> None:
        """Write the verdict, release the lease, close the archive."""
        if self._flushing and self._flushing.running:
            self._flushing.stop()
        if self._heartbeat:
            self._heartbeat.__exit__()
        if self.run:
            stopped = None if reason == "finished" else self.stopped or f"the crawl was stopped ({reason})"
            if stopped and not self.stopped and self.run.kind != "backfill":  # which ends its stints so
                self.run.trouble.append(f"It did not ask for everything: {stopped}.")
            try:
                traffic, hosts = _traffic(self._crawler, self.run)
                self.run.hosts.asked(polite_hosts(self._crawler).hosts_asked)
                verdict = self.run.finish(traffic, hosts, stopped=stopped)
                log.info("run ended", run=self.run.id, reason=reason, verdict=verdict.verdict)
            except LeaseLostError as lost:
                self.lost = True
                self.run.give_up()
                log.error("nothing more was written", run=self.run.id, reason=str(lost))
            except Exception as error:
                if not is_unusable(error):
                    raise
                self.run.give_up()  # the source's next crawl closes this run and continues
                self.unusable = _in_words(self._archive, error) if self._archive else str(error)
                log.error("the run could not be closed", run=self.run.id, reason=self.unusable)
            self._release(self.run.lease)
        if self._archive:
            self._archive.close()

    @staticmethod
    def _release(lease: leases.Lease) -> None:
        try:
            lease.release()
        except DatabaseError as error:
            log.error("the lease was not released, and will expire", lease=lease.name, reason=str(error.orig))


def _in_words(archive: Archive, error: BaseException) -> str:
    """Why the archive cannot be written, in a sentence."""
    if isinstance(error, DatabaseError) and is_damage(error):
        return damage_in_words(archive, error)
    reason = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
    return f"The archive could not be written: {str(reason).rstrip('.')}."


def run_of(crawler: Crawler) -> CrawlRun:
    """The run of a Scrapy crawler."""
    run = extension_of(crawler).run
    assert run is not None  # without a run the spider closes before its first request
    return run


def extension_of(crawler: Crawler) -> RunExtension:
    """The extension that holds the run."""
    extension = crawler.get_extension(RunExtension)
    assert isinstance(extension, RunExtension)  # EXTENSIONS in settings.py
    return extension


def _traffic(crawler: Crawler, run: CrawlRun) -> tuple[dict[str, int], tuple[HostTraffic, ...]]:
    """The crawl's requests, in total and by host. They are counted separately from the outcomes of addresses."""
    stats = crawler.stats
    assert stats is not None  # Scrapy creates the stats before any extension

    def stat(name: str) -> int:
        return int(stats.get_value(name, 0))

    statuses = stats.get_stats()
    redirects = sum(
        value for name, value in statuses.items() if name.startswith("downloader/response_status_count/30")
    ) - stat("downloader/response_status_count/304")
    hosts = host_traffic(stats)
    traffic = {
        "requests": stat("downloader/request_count"),
        "bytes": stat("downloader/response_bytes"),
        "feeds": run.feeds,
        "revisits": run.revisits,
        "robots": stat("robotstxt/request_count"),
        "robots_forbidden": stat("robotstxt/forbidden"),
        "retries": stat("retry/count"),
        "redirects": redirects,
        "not_modified": stat("downloader/response_status_count/304"),
        "waits": sum(each.waits for each in hosts),
    }
    return traffic, hosts
