"""Fetches go only to public addresses (DESIGN, decision 16).

The check stands in the resolver, through which every connection of Twisted goes, redirects and address literals
included: what is refused is the address that would be connected to, so a name that resolves to a private one is
refused as well. `fetch_from` names the exceptions; `ALLOW_PRIVATE_ADDRESSES` switches the guard off.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.base import ReactorBase
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from kliping.config import Settings

refused: set[str] = set()
"""Hosts that resolved to nothing but private addresses in this process; the download handler asks."""


class PrivateAddressError(IgnoreRequest):
    """The host's address is not a public one, so nothing was sent to it."""


def is_public(address: str) -> bool:
    """Whether an IP address is reachable for all (IANA's special-purpose registries, as Python knows them)."""
    parsed = ipaddress.ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_global and not (mapped or parsed).is_multicast


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes on the public addresses of a resolution, and notes a host that has no other."""

    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver = receiver
        self._host = host
        self._passed = self._held_back = 0

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:
        if is_public(address.host):
            self._passed += 1
            self._receiver.addressResolved(address)
        else:
            self._held_back += 1

    def resolutionComplete(self) -> None:
        if self._held_back and not self._passed:
            refused.add(self._host)
        self._receiver.resolutionComplete()


class GuardedResolver(CachingHostnameResolver):
    """Scrapy's resolver without private addresses, except for the hosts that the settings name."""

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
            receiver = _PublicOnly(resolutionReceiver, hostName)  # type: ignore[assignment]  # by zope's implementer
        return super().resolveHostName(receiver, hostName, *arguments, **named)
