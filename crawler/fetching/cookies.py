"""Cookies, for hosts that answer only with one: a jar for each host and crawl, which is never stored.

Some sites answer every request without a cookie by a redirect to the same address that sets one. Without it they can
only be asked in a circle. Other hosts get no cookie, whatever they set.
"""

from __future__ import annotations

from urllib.parse import urldefrag

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.cookies import CookieJar

from archive.identity import host_of
from crawler.fetching.politeness import polite_hosts

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOLLOWED = "followed_with_cookie"


class CookieWalls:
    """Follows a redirect in a circle once, if it sets a cookie, and gives that host its cookies from then on."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._jars: dict[str, CookieJar] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CookieWalls:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Add the cookies of a host that answers only with them."""
        request.headers.pop("Cookie", None)  # of the host that redirected here
        if jar := self._jars.get(host_of(request.url)):
            jar.add_cookie_header(request)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask again with the cookie, or pass the response on."""
        host = host_of(request.url)
        leads_back = response.status in _REDIRECTS and self._leads_back(request, response)
        if jar := self._jars.get(host):
            jar.extract_cookies(response, request)  # they are renewed
        if not leads_back or not response.headers.get("Set-Cookie") or request.meta.get(_FOLLOWED):
            return response
        if jar is None:
            jar = self._jars[host] = CookieJar()
            jar.extract_cookies(response, request)
            polite_hosts(self._crawler).memory.needs_cookie(host)
        again = request.replace(dont_filter=True)
        again.meta[_FOLLOWED] = True
        return again

    @staticmethod
    def _leads_back(request: Request, response: Response) -> bool:
        """Whether it redirects to the address itself, or to one from which redirects led here."""
        location = (response.headers.get("Location") or b"").decode("latin-1")
        try:
            target = urldefrag(response.urljoin(location)).url
        except ValueError:  # "http://[…"
            return False
        return target in {urldefrag(url).url for url in (request.url, *request.meta.get("redirect_urls", ()))}
