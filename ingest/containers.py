"""Saved pages that a file contains among pictures and scripts: MHTML (.mht) and Safari's web archives. Pure."""

from __future__ import annotations

import email
import email.policy
import plistlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from xml.parsers.expat import ExpatError

from archive.records import Rejected
from archive.twins import capture_time, own_address

MHTML = (".mht", ".mhtml")
SAFARI = (".webarchive",)
_BROKEN = (plistlib.InvalidFileException, ExpatError, ValueError, LookupError, TypeError, AttributeError, OverflowError)
"""What plistlib raises for damaged property lists, and a look-up in one of another shape."""


@dataclass(frozen=True, slots=True)
class ContainedPage:
    """The page of a container, its address and Content-Type, and when it was saved; None for what the file lacks."""

    content: bytes
    address: str | None = None
    content_type: str | None = None
    saved_at: datetime | None = None


def page_in_mhtml(content: bytes) -> ContainedPage:
    """The page of an MHTML file: its root part. Raises Rejected("not-html")."""
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    pages = [part for part in message.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml")]
    start = str(message.get_param("start") or "")
    root = next((part for part in pages if start and part.get("Content-ID") == start), pages[0] if pages else None)
    if root is None:
        raise Rejected("not-html", "the MHTML file has no part that is an HTML page")
    page = root.get_payload(decode=True)
    assert isinstance(page, bytes)  # an HTML part has no parts of its own
    addresses = (
        message.get("Snapshot-Content-Location"),
        root.get("Content-Location"),
        message.get("Content-Location"),
    )
    written = next((text for each in addresses if (text := _one_line(each)).startswith(("http://", "https://"))), None)
    charset = root.get_content_charset()
    return ContainedPage(
        page,
        own_address(written) if written else None,
        f"text/html; charset={charset}" if charset else None,
        (capture_time(written) if written else None) or _date(message),
    )


def page_in_webarchive(content: bytes) -> ContainedPage:
    """The page of a web archive of Safari, a property list. It has no time. Raises Rejected("not-html")."""
    try:
        main = plistlib.loads(content)["WebMainResource"]
        page, url = main["WebResourceData"], main.get("WebResourceURL")
        kind = main.get("WebResourceMIMEType", "text/html")
    except _BROKEN as error:
        raise Rejected("not-html", "the file is no web archive of Safari, or has no page") from error
    if not isinstance(page, bytes) or kind not in ("text/html", "application/xhtml+xml"):
        raise Rejected("not-html", f"the web archive's page is {kind}")
    encoding = main.get("WebResourceTextEncodingName")
    written = url if isinstance(url, str) and url.startswith(("http://", "https://")) else None
    return ContainedPage(
        page,
        own_address(written) if written else None,
        f"text/html; charset={encoding}" if isinstance(encoding, str) else None,
        capture_time(written) if written else None,
    )


def _one_line(value: object) -> str:
    return "".join(str(value or "").split())


def _date(message: Message) -> datetime | None:
    """When the page was saved. Browsers write "-0000" for UTC, which Python reads as no zone (RFC 5322, 3.3)."""
    text = str(message.get("Date") or "")
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None and text.rstrip().endswith("-0000"):
        return moment.replace(tzinfo=UTC)
    return moment if moment.tzinfo else None
