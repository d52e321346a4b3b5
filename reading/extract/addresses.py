"""Addresses that a page names, and the day that stands in one."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from archive.identity import BadAddressError, canonical_key
from archive.records import Rejected
from reading.extract.raw import FoundText

_DAY_IN_PATH = re.compile(
    r"/((?:19|20)\d\d)(?P<between>[/-])(0?[1-9]|1[0-2])(?P=between)(0?[1-9]|[12]\d|3[01])(?=/)"
    r"|/((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:(?=/)|\d{6}(?=[-/]))"
)
_MONTH_IN_PATH = re.compile(r"/((?:19|20)\d\d)/(0[1-9]|1[0-2])(?=/[^/]{0,200}[A-Za-z])")


def day_in_address(url: str) -> tuple[FoundText, ...]:
    """The day in an address, or its month.

    "/2015/12/18/" is as common as "/2015/12/" (Blogger, WordPress); cnnindonesia.com has "/20151218140533-12-98/".
    """
    if not absolute(url, url):
        return ()
    path = urlsplit(url).path
    if (day := _DAY_IN_PATH.search(path)) is not None:
        year, month, of_month = (part for part in day.group(1, 3, 4, 5, 6, 7) if part)
        return (FoundText(f"{year}-{month:0>2}-{of_month:0>2}", "url"),)
    found = _MONTH_IN_PATH.search(path)
    return (FoundText(f"{found[1]}-{found[2]}", "url"),) if found else ()


def absolute(base: str, link: str) -> str | None:
    """The absolute http(s) address of a link; None for any other scheme and for a malformed address."""
    try:
        joined = urljoin(base, link.strip())
        if not base or joined == base:
            urlsplit(joined)  # the one of the two that is empty lets the other pass as it is
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None


def require_address(url: str) -> None:
    """Raises Rejected("bad-address") for what cannot be a page's own address; `extract` needs one that is."""
    try:
        canonical_key(url)
    except BadAddressError as error:
        raise Rejected("bad-address", str(error)) from error
