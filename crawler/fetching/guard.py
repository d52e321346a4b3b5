"""Guard against private addresses: a crawl connects to public IP addresses only.

The check is in the resolver, which every connection of Twisted uses, also for redirects and literal IP addresses. It
checks the address that would be connected to, so it also refuses a public name that resolves to a private address.
`fetch_from` lists the exceptions; `KLIPING_ALLOW_PRIVATE_ADDRESSES` turns the guard off.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from archive.identity import host_of, host_problem
from kliping.config import Settings

refused_hosts: set[str] = set()
"""Hosts that resolved only to private addresses in this process. The download handler reads this."""


class BadHostError(IgnoreRequest):
    """No host can have the name in the address, so nobody was asked for it: no robots.txt, no name server."""


class ValidHosts:
    """Refuses requests to what cannot be a host, before any other middleware: links and redirects may name anything."""

    def process_request(self, request: Request) -> None:
        """Raises BadHostError."""
        if problem := host_problem(host_of(request.url)):
            raise BadHostError(f"{request.url} is not a URL: {problem}")


class PrivateAddressError(IgnoreRequest):
    """The host has no public address, so nothing was sent to it."""


def is_public(address: str) -> bool:
    """Whether an IP address is global and unicast (IANA's special-purpose registries, as in ipaddress)."""
    parsed = ipaddress.ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_global and not (mapped or parsed).is_multicast


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes on only the public addresses of a resolution, and records a host that has none."""

    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver = receiver
        self._host = host
        self._public = self._private = 0

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:
        if is_public(address.host):
            self._public += 1
            self._receiver.addressResolved(address)
        else:
            self._private += 1

    def resolutionComplete(self) -> None:
        if self._private and not self._public:
            refused_hosts.add(self._host)
        self._receiver.resolutionComplete()


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's resolver without private addresses, except for the hosts in `fetch_from`."""

    def __init__(self, reactor: ReactorBase, cache_size: int, exempt: Collection[str], guarded: bool) -> None:
        super().__init__(reactor, cache_size)
        self._exempt = exempt
        self._guarded = guarded

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        settings: Settings = crawler.settings["KLIPING"]
        exempt = {urlsplit(base).hostname or "" for base in settings.fetch_from.values()}
        size = crawler.settings.getint("DNSCACHE_SIZE") if crawler.settings.getbool("DNSCACHE_ENABLED") else 0
        return cls(reactor, size, exempt, not settings.allow_private_addresses)

    def resolveHostName(
        self, resolutionReceiver: IResolutionReceiver, hostName: str, *arguments: Any, **named: Any
    ) -> IHostResolution:
        receiver = resolutionReceiver
        if self._guarded and hostName not in self._exempt:
            receiver = _PublicOnly(resolutionReceiver, hostName)  # type: ignore[assignment]  # zope's implementer provides the interface
        return super().resolveHostName(receiver, hostName, *arguments, **named)
