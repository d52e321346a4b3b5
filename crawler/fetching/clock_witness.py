"""What publishers say the time is: the `Date` of their answers is a witness against this machine's clock (decision 21).

A page is dated by the fetch: a publication that lies ahead of it is refused for good. So a crawl under a clock that is
days behind would lose every new article, and one under a clock that is ahead would date its pages into the future.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive.identity import host_of
from crawler.extension import RunExtension, extension_of, run_of
from crawler.fetching.retry_after import http_date

MOST = timedelta(days=1)
"""A publisher's clock may be off by some hours, which dates no article wrongly."""


class ClockWitness:
    """Stops a crawl whose clock is more than MOST behind what the publisher answers, and tells of one that is ahead.

    An answer from a cache may bear an old time, but none that has not come. So the clock is taken to be ahead only if
    every answer of the run says so. One answer that agrees with the clock acquits it.

    Less than MOST stops nothing and dates no article wrongly, but a publisher's last word on it is stored, and
    `scheduler.watchman` tells where several publishers say the same.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._acquitted = self._accused = False
        self._ahead: str | None = None
        crawler.signals.connect(self.spider_idle, signals.spider_idle)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ClockWitness:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Compare the time of an answer with the clock."""
        said = http_date((response.headers.get("Date") or b"").decode("latin-1"))
        if said is not None:
            now = datetime.now(UTC)
            later = (said - now).total_seconds()
            extension = self._crawler.get_extension(RunExtension)
            if isinstance(extension, RunExtension) and (run := extension.run) is not None:  # `sources check` has none
                run.clock_says = later if run.clock_says is None else max(run.clock_says, later)  # a cache answers late
            if not self._acquitted:
                self._compare(host_of(request.url), said, now)
        return response

    def _compare(self, host: str, said: datetime, now: datetime) -> None:
        differs = (
            f"{host} answers that it is {said:%Y-%m-%d %H:%M} UTC, and the clock of this machine {now:%Y-%m-%d %H:%M}"
        )
        if abs(now - said) <= MOST:
            self._acquitted = True
        elif now < said and not self._accused:
            self._accused = True
            why = "every new article would seem to come from the future"
            extension_of(self._crawler).stop(
                f"The clock is behind: {differs}. The crawl was stopped, because {why}. Set the clock and crawl again."
            )
        elif now > said:
            self._ahead = f"The clock is ahead: {differs}; no answer is newer. Set the clock."

    def spider_idle(self) -> None:
        """All answers are in: tell if none of them acquitted the clock."""
        if self._ahead and not self._acquitted and not self._accused:
            self._accused = True
            run_of(self._crawler).trouble.append(self._ahead)
