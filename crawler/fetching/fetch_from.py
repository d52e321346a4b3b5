"""Where requests really go: `fetch_from` sends a domain's requests to another address, with their own Host header."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response

from archive.identity import host_of
from crawler.fetching import guard, ledger
from crawler.fetching.politeness import PoliteHosts
from kliping.config import Settings


def route(url: str, fetch_from: dict[str, str]) -> str | None:
    """The address at which `url` is fetched, or null where it is its own.

    `fetch_from` maps a domain to a base address; the longest domain that the host is, or stands below, decides.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    fitting = [domain for domain in fetch_from if host == domain or host.endswith("." + domain)]
    if not fitting:
        return None
    base = fetch_from[max(fitting, key=len)]
    return base + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class RoutedDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's handler, except for the domains of `fetch_from`. Everything above it sees the page's own address."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings: Settings = crawler.settings["KLIPING"]
        self._fetch_from = settings.fetch_from
        assert crawler.stats is not None  # Scrapy makes it before any handler
        self._stats = crawler.stats
        self._crawler = crawler

    async def download_request(self, request: Request) -> Response:
        """Fetch when the host may be asked, with the original address in the response; the ledger hears of both."""
        host = host_of(request.url)
        polite = self._crawler.get_downloader_middleware(PoliteHosts)
        assert isinstance(polite, PoliteHosts)  # DOWNLOADER_MIDDLEWARES in settings.py
        ledger.asked(self._stats, host, await polite.turn(host))
        try:
            response = await self._fetch(request)
        except guard.PrivateAddressError:
            ledger.unsent(self._stats, host)
            raise
        ledger.answered(self._stats, host, response.status, len(response.body))
        return response

    async def _fetch(self, request: Request) -> Response:
        elsewhere = route(request.url, self._fetch_from)
        if elsewhere is None:
            try:
                return await super().download_request(request)
            except CannotResolveHostError as error:
                if (host := urlsplit(request.url).hostname) in guard.refused:
                    raise guard.PrivateAddressError(f"{host} has no public address") from error
                raise
        routed = request.replace(url=elsewhere)
        routed.headers["Host"] = urlsplit(request.url).netloc
        try:
            response = await super().download_request(routed)
        finally:
            if "download_latency" in routed.meta:  # AutoThrottle reads it from the request it knows
                request.meta["download_latency"] = routed.meta["download_latency"]
        return response.replace(url=request.url)
