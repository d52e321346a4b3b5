"""How the addresses of media end, and the registered domain of an address."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import lexicon

if TYPE_CHECKING:
    from tldextract import TLDExtract

_ROWS = lexicon.rows("domain_endings.tsv")


def _alternation(endings: list[str]) -> str:
    # the longest first: "co" would hide "co.id"
    return "(?:" + "|".join(map(re.escape, sorted(endings, key=len, reverse=True))) + ")"


ENDING = _alternation([ending for ending, _, _ in _ROWS])
"""Regular expression of an ending without the dot before it; lower case, so match it with IGNORECASE."""
ENDING_AFTER_LOST_DOT = _alternation([ending for ending, mark, _ in _ROWS if mark == "dot lost"])
"""The same, for the endings that also count where a scraper or typist lost the dot: "KOMPAS com"."""
DOMAIN = rf"(?:[\w-]+\.)+{ENDING}"
"""Regular expression of a whole domain: "KOMPAS.com", "www.viva.co.id"."""


def registered_domain(address: str) -> str:
    """The registered domain of a host or URL by the Public Suffix List: "www.viva.co.id" is "viva.co.id".

    Hosts that the list names as shared count too: "budi.blogspot.com" is a site of its own. A host without a public
    suffix ("arsip.newsstand.localhost") has its last two labels, as the list's default rule says. IP addresses,
    "localhost" and bare suffixes are returned whole. Sends no request: the list is the one that tldextract ships.
    """
    parts = _suffix_list()(address.lower())
    return parts.top_domain_under_public_suffix or ".".join(
        [*filter(None, parts.subdomain.split(".")), parts.domain or parts.suffix][-2:]
    )


@cache
def _suffix_list() -> TLDExtract:
    from tldextract import TLDExtract  # imports requests: a third of a second that few commands need

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
