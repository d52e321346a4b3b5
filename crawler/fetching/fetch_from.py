"""The setting `fetch_from`: requests for a domain go to another address, and keep their own Host header."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response

from archive.identity import host_of
from crawler.fetching import guard, ledger
from crawler.fetching.forgiving import forgive_heads
from crawler.fetching.politeness import polite_hosts
from kliping.config import Settings


def routed_url(url: str, fetch_from: dict[str, str]) -> str | None:
    """The address from which `url` is fetched; None if it is fetched from its own.

    `fetch_from` maps a domain to a base address. It covers the domain's subdomains; the longest matching domain wins.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    matching = [domain for domain in fetch_from if host == domain or host.endswith("." + domain)]
    if not matching:
        return None
    base = fetch_from[max(matching, key=len)]
    return base + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class RoutedDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's download handler with `fetch_from`. Middlewares and spiders see only the page's own address."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        forgive_heads()
        settings: Settings = crawler.settings["KLIPING"]
        self._fetch_from = settings.fetch_from
        assert crawler.stats is not None  # Scrapy creates the stats before any handler
        self._stats = crawler.stats
        self._crawler = crawler

    async def download_request(self, request: Request) -> Response:
        """Wait for the host's turn, fetch, and count both in the ledger. The response has the original address."""
        host = host_of(request.url)
        hosts = polite_hosts(self._crawler)
        ledger.count_request(self._stats, host, await hosts.wait_for_turn(host))
        with hosts.under_way(host):
            try:
                response = await self._fetch(request)
            except guard.PrivateAddressError:
                ledger.uncount_request(self._stats, host)
                raise
            ledger.count_response(self._stats, host, response.status, len(response.body))
            hosts.answered(request, response)
        return response

    async def _fetch(self, request: Request) -> Response:
        elsewhere = routed_url(request.url, self._fetch_from)
        if elsewhere is None:
            try:
                return await super().download_request(request)
            except CannotResolveHostError as error:
                if (host := urlsplit(request.url).hostname) in guard.refused_hosts:
                    raise guard.PrivateAddressError(f"{host} has no public address") from error
                raise
        routed = request.replace(url=elsewhere)
        routed.headers["Host"] = urlsplit(request.url).netloc
        try:
            response = await super().download_request(routed)
        finally:
            if "download_latency" in routed.meta:  # AutoThrottle reads it from the original request
                request.meta["download_latency"] = routed.meta["download_latency"]
        return response.replace(url=request.url)
