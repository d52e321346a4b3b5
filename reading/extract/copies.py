"""Pages as saving tools and web archives keep them: what they say of the page, and the page without their additions.

Known are SingleFile, browsers' "save as", monolith, HTTrack, Save Page WE, WebScrapBook, the Wayback Machine and other
replay software (pywb, OpenWayback), and archive.today. Each writes the address and mostly the time into the page.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

from archive.twins import capture_time, own_address
from reading.extract.addresses import absolute

_BEGINNING = 64 * 1024
"""Bytes in which a tool's comment, `base` and canonical link are searched for. Tools write at the very beginning."""
_END = 4096
"""Bytes at the end in which the Wayback Machine's comment is searched for."""

_DATE = r"(?:\s{1,20}saved date:[ \t]{0,20}([^\n<>]{6,120}))?"
_COMMENTS = tuple((mark, re.compile(pattern)) for mark, pattern in (
    ("SingleFile",
     rf"(?:Page saved with|Archive processed by) SingleFile\s{{1,20}}url:[ \t]{{0,20}}(\S{{1,2000}}){_DATE}"),
    ("saved from url=", r"<!--\s{0,20}saved from url=\(\d{4}\)(\S{1,2000}?)\s{0,20}-->(\Z)?"),
    ("using monolith", r"<!--\s{0,20}Saved from (\S{1,2000}) at (\S{10,40}) using monolith"),
    ("HTTrack", r"<!--\s{0,20}Mirrored from (\S{1,2000}) by HTTrack[^,<>]{0,80}, ([^<>]{10,40}?)\s{0,20}-->"),
    ("data-scrapbook-source", r"<html\b[^<>]{0,500}\sdata-scrapbook-source=[\"']?([^\s\"'<>]{1,2000})[^<>]{0,500}?"
                              r"\sdata-scrapbook-create=[\"']?(\d{14,17})"),
))  # fmt: skip
"""Each tool's mark, and the place of address and time behind it."""
_META = re.compile(
    r"<meta\b[^<>]{0,40}\bname=[\"']?savepage-(url|date)[\"']?\s{1,9}content=[\"']([^\"'<>]{1,2000})[\"']", re.I
)
_JAVASCRIPT_DATE = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{4}) (\d{1,2}:\d\d:\d\d) (?:GMT|UTC)([+-]\d{4})?"
)
_ARCHIVED_ON = re.compile(
    r"FILE ARCHIVED ON (\d{1,2}:\d\d:\d\d) ([A-Za-z]{3})[a-z]{0,6}\.? (\d{1,2}), (\d{4}) AND RETRIEVED"
)
_TOOLBAR_ADDRESS = re.compile(
    r"__wm\.(?:wombat|bt)\([^()]{0,200}?[\"'](https?:[^\"']{1,2000})[\"'],\s{0,9}[\"'](\d{14})[\"']|"
    r"\bwbCurrentUrl\s{0,9}=\s{0,9}[\"']([^\"']{1,2000})[\"']|"
    r"\bwbinfo\.url\s{0,9}=\s{0,9}[\"']([^\"']{1,2000})[\"']|"
    r"\bid=[\"']?wmtbURL[\"']?[^<>]{0,300}?\bvalue=[\"']([^\"'<>]{1,2000})[\"']"
)
_HEAD_TAG = re.compile(r"<(?:link|meta|base)\b[^<>]{0,2500}>", re.I)
_SAYS_ADDRESS = re.compile(r"canonical|bookmark|og:url|<base", re.I)
_VALUE = re.compile(r"\b(?:href|content)\s{0,9}=\s{0,9}[\"']?([^\s\"'<>]{1,2000})", re.I)
_MONTH_NAMES = "jan feb mar,mrt apr may,mei,mai jun jul aug,agu,agt sep oct,okt nov dec,des,dez"
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES.split(), 1) for name in names.split(",")}

_REPLAYED = re.compile(
    rb"BEGIN WAYBACK TOOLBAR INSERT|FILE ARCHIVED ON \d|__wm\.(?:init|wombat|rw|bt)\b|Wayback Rewrite JS Include"
)
_REPLAY_LINK = re.compile(
    rb"<link\b[^<>]{0,200}\b(?:canonical|bookmark)\b[^<>]{0,200}/(?:\d{14}|\d{4}\.\d\d\.\d\d-\d{6})(?:[a-z]{2}_)?/https?:"
)
_SLASH = rb"\\?/"
_REWRITTEN = re.compile(
    rb"(?<=[\"'(=\s,])(?:https?:)?(?:" + _SLASH * 2 + rb"[\w.:-]{1,100})?(?:" + _SLASH + rb"[\w.-]{1,60}){0,3}" + _SLASH
    + rb"(?:\d{14}|\d{4}\.\d\d\.\d\d-\d{6})(?:[a-z]{2}_)?" + _SLASH + rb"(?=https?:" + _SLASH + rb")"
)  # fmt: skip
_TOOLBAR = (b"<!-- BEGIN WAYBACK TOOLBAR INSERT -->", b"<!-- END WAYBACK TOOLBAR INSERT -->")
_WAYBACK_BARS = "#wm-ipp-base, #wm-ipp, #wm-ipp-print, #donato"
_ARCHIVE_TODAY, _ARCHIVE_TODAY_BARS = "#DIVSHARE", "#HEADER, #hashtags, #DIVSHARE, #DIVALREADY, #DIVALREADY2"
"""What shows that archive.today made the page, and its bars: another publisher may have a `#HEADER`."""

_INLINED = re.compile(
    rb"(data:[\w.+/-]{0,100}(?:;[\w.=+-]{1,80}){0,4},)[\w+/=%.~:;?@$!*,#-]{200,}+|(\bsrcdoc=\")[^\"]{200,}+", re.I
)
_MARKS_OF_INLINED = (b"data:", b"srcdoc=")


@dataclass(frozen=True, slots=True)
class SavedCopy:
    """What a saved page says of itself: the publisher's own address, and when the page was saved or captured."""

    address: str | None = None
    saved_at: datetime | None = None


def saved_copy(content: bytes) -> SavedCopy:
    """The address and the time that a saving tool or a web archive wrote into the page; None where there is none.

    The time of a capture takes precedence over that of saving the capture's page.
    """
    beginning = content[:_BEGINNING].decode("utf-8", "replace")
    end = content[-_END:].decode("utf-8", "replace")
    address, saved_at, captured_at = _in_comment(beginning)
    replay_address, replay_time = _in_replay(beginning, end) if is_replay(content) else (None, None)
    return SavedCopy(address or replay_address, captured_at or replay_time or saved_at)


def is_replay(content: bytes) -> bool:
    """Whether a web archive has put the page together."""
    return (
        b"FILE ARCHIVED ON" in content[-_END:]
        or b"wbinfo." in content[:_END]
        or (b"archive.org" in content and _REPLAYED.search(content) is not None)  # of a whole page, one search is cheap
        or content.find(b"WAYBACK TOOLBAR INSERT", 0, _BEGINNING) >= 0
        or (content.find(b"/http", 0, _BEGINNING) >= 0 and _REPLAY_LINK.search(content, 0, _BEGINNING) is not None)
    )


def publisher_page(content: bytes, largest: int) -> bytes:
    """The page without an archive's toolbar and rewritten links, and without inlined pictures if it is larger than
    `largest` bytes: they are no part of what is read."""
    if len(content) > largest and any(mark in content for mark in _MARKS_OF_INLINED):  # the pattern takes a second
        content = _INLINED.sub(rb"\1\2", content)
    if not is_replay(content):
        return content
    begin, end = (content.find(mark) for mark in _TOOLBAR)
    if 0 <= begin < end:
        content = content[:begin] + content[end + len(_TOOLBAR[1]) :]
    return _REWRITTEN.sub(b"", content)


def remove_archive_frames(tree: LexborHTMLParser) -> None:
    """Remove the bars that web archives put above a page; call it for a page that `is_replay`."""
    bars = _ARCHIVE_TODAY_BARS if tree.css_first(_ARCHIVE_TODAY) else _WAYBACK_BARS
    for node in tree.css(bars):
        node.decompose()


def _in_comment(beginning: str) -> tuple[str | None, datetime | None, datetime | None]:
    """The address that a tool wrote, when it saved the page, and when an archive captured the page that it saved."""
    for mark, pattern in _COMMENTS:
        if mark in beginning and (found := pattern.search(beginning)):
            written, date = found[1], found[2] or ""
            break
    else:
        metas = dict(_META.findall(beginning))
        written, date = metas.get("url", ""), metas.get("date", "")
    return _web_address(written), _moment(date), capture_time(written)


def _web_address(written: str) -> str | None:
    address = html.unescape(written).strip()
    if address.startswith("about:reader?url="):  # Firefox's reader view
        address = unquote(address.removeprefix("about:reader?url="))
    address = address.removeprefix("view-source:")
    if re.match(r"[\w-]+(?:\.[\w-]+)+/", address):  # HTTrack leaves the scheme out
        address = f"http://{address}"
    return own_address(address) if address.startswith(("http://", "https://")) else None


def _moment(text: str) -> datetime | None:
    """A time that a tool wrote; None for one without a zone, because it may be that of any computer."""
    if found := _JAVASCRIPT_DATE.match(text):
        month, day, year, clock, zone = found.groups()
        return _parsed(
            f"{year} {_MONTHS.get(month.lower(), 0)} {day} {clock} {zone or '+0000'}", "%Y %m %d %H:%M:%S %z"
        )
    if re.fullmatch(r"\d{14,17}", text):  # WebScrapBook: UTC, with milliseconds
        return _parsed(f"{text[:14]} +0000", "%Y%m%d%H%M%S %z")
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)  # HTTrack
        except ValueError:
            return None
    return moment if moment.tzinfo else None


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007  every form ends in a zone
    except ValueError:
        return None


def _in_replay(beginning: str, end: str) -> tuple[str | None, datetime | None]:
    """The address and the time of a capture: in the archive's script, in a rewritten link, or in its comment."""
    address, moment = None, None
    if found := _TOOLBAR_ADDRESS.search(beginning):
        address = found[1] or found[3] or found[4] or found[5]
        moment = _parsed(f"{found[2]} +0000", "%Y%m%d%H%M%S %z") if found[2] else None
    for tag in _HEAD_TAG.findall(beginning):
        value = _VALUE.search(tag) if _SAYS_ADDRESS.search(tag) else None
        link = (absolute("https://web.archive.org/", html.unescape(value[1])) or "") if value else ""
        if (own := own_address(link)) != link:
            address, moment = address or own, moment or capture_time(link)
    if moment is None and (found := _ARCHIVED_ON.search(end) or _ARCHIVED_ON.search(beginning)):
        clock, month, day, year = found.groups()
        number = _MONTHS.get(month.lower(), 0)
        moment = _parsed(f"{year} {number} {day} {clock} +0000", "%Y %m %d %H:%M:%S %z")
    return _web_address(address) if address else None, moment
