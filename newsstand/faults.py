"""Fault injection: what a publisher's server may do to a crawler on a bad night."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from newsstand.answers import Answer, not_found
from newsstand.stamps import WEEKDAYS, print_stamp
from newsstand.stories import Outlet, Story, paragraphs


class FaultKind(StrEnum):
    """The kinds of faults."""

    SLOW = "slow"
    NOT_FOUND = "404"
    GONE = "410"
    TOO_MANY = "429"
    BROKEN = "500"
    CUT = "cut"
    WRONG_CHARSET = "wrong-charset"
    REDIRECT_LOOP = "redirect-loop"
    REDIRECT_PRIVATE = "redirect-private"
    MOVED = "moved"
    BLOCKED = "blocked"
    CAPTCHA = "captcha"
    GIANT = "giant"
    EMPTY = "empty"
    BINARY = "binary"
    NO_ARTICLE = "no-article"
    IMPOSSIBLE_DATE = "impossible-date"
    WEEKDAY_CONTRADICTS = "weekday-contradicts"
    NO_DATE = "no-date"
    NO_BYLINE = "no-byline"


LONGEST_WAIT = 30.0  # seconds: a test must not hang
PRIVATE_ADDRESS = "http://192.168.0.1/berita/1/dalam"  # RFC 1918


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `kind` is a `FaultKind` or its value.

    `times` is how many answers are faulty before they are normal again (None: all). `seconds` is the delay of "slow"
    and the Retry-After of "429"; `to` is the target of "moved" and "redirect-private"; `size` is the length in bytes of
    "giant", which is streamed, and chunked if `declared` is False.
    """

    kind: str
    times: int | None = None
    seconds: float = 2.0
    to: str = PRIVATE_ADDRESS
    size: int = 50_000_000
    declared: bool = True

    def __post_init__(self) -> None:
        if self.kind not in {kind.value for kind in FaultKind}:
            raise ValueError(f"no such fault: {self.kind!r}; there are {', '.join(FaultKind)}")
        if not 0 <= self.seconds <= LONGEST_WAIT:
            raise ValueError(f"a fault lasts from 0 to {LONGEST_WAIT:g} seconds, not {self.seconds:g}")

    @classmethod
    def parse(cls, text: str) -> tuple[str, Fault]:
        """The key and fault in "PATH=KIND" or "PATH=KIND:TIMES" (the command's --fault). Raises ValueError."""
        key, equals, rest = text.rpartition("=")
        kind, _, times = rest.partition(":")
        if not equals or not key or (times and not times.isdigit()):
            raise ValueError(f"{text!r} is not a fault: write PATH=KIND or PATH=KIND:TIMES")
        return key, cls(kind, times=int(times) if times else None)


def find_fault(faults: Mapping[str, Fault], host: str, target: str) -> str | None:
    """The key of the fault that applies to a request, or None.

    A key is a path ("/berita/1/x", on any host) or host and path. It matches with or without the request's query; a key
    that ends in "*" matches every address with that beginning. The most specific key wins.
    """
    path = target.partition("?")[0]
    for key in (host + target, host + path, target, path):
        if key in faults:
            return key
    stars = [key for key in list(faults) if key.endswith("*")]
    matching = [key for key in stars if (target if key.startswith("/") else host + target).startswith(key[:-1])]
    return max(matching, key=len, default=None)


def misbehave(fault: Fault, normal: Answer, target: str) -> Answer:
    """The answer sent in place of the normal one. For faults in a story's text see `spoil_story`."""
    plain = replace(normal, validators=False)
    match fault.kind:
        case FaultKind.SLOW:
            return replace(normal, wait=fault.seconds)
        case FaultKind.NOT_FOUND:
            return not_found(target)
        case FaultKind.GONE:
            return Answer(410, _page("Artikel dihapus", "Artikel ini sudah tidak tersedia."))
        case FaultKind.TOO_MANY:
            body = _page("Terlalu banyak permintaan", "Silakan coba beberapa saat lagi.")
            return Answer(429, body, headers=(("Retry-After", f"{fault.seconds:.0f}"),))
        case FaultKind.BROKEN:
            return Answer(500, _page("Kesalahan server", "Terjadi kesalahan pada server."))
        case FaultKind.CUT:
            return replace(plain, sends=len(normal.body) // 2)
        case FaultKind.WRONG_CHARSET:
            return wrong_charset(plain)
        case FaultKind.REDIRECT_LOOP:
            path, _, query = target.partition("?")
            return Answer(302, headers=(("Location", path if query else f"{path}?putaran=1"),))
        case FaultKind.REDIRECT_PRIVATE | FaultKind.MOVED:
            return Answer(302 if fault.kind == FaultKind.REDIRECT_PRIVATE else 301, headers=(("Location", fault.to),))
        case FaultKind.BLOCKED:
            return Answer(body=BLOCK_PAGE, validators=False)
        case FaultKind.CAPTCHA:
            return Answer(body=CAPTCHA_PAGE, validators=False)
        case FaultKind.GIANT:
            return Answer(body=GIANT_BLOCK, validators=False, repeat=fault.size, declared=fault.declared)
        case FaultKind.EMPTY:
            return Answer(validators=False)
        case FaultKind.BINARY:
            return Answer(body=BINARY, validators=False)
        case FaultKind.NO_ARTICLE:
            return Answer(body=_page("Tentang kami", "Newsstand adalah kios koran kecil."), validators=False)
    raise ValueError(f"{fault.kind} changes a story, not an answer")


def spoil_story(kind: str, story: Story) -> Story | None:
    """The story with a wrong or missing printed date and without metadata; None for faults of other kinds.

    "no-byline" is a new template that names no author, neither in print nor in metadata.
    """
    if kind == FaultKind.NO_BYLINE:
        return replace(story, authors=(), editors=())
    form = story.form or story.outlet.value
    if kind == FaultKind.NO_DATE:
        return replace(story, printed="", metadata=False)
    if kind == FaultKind.IMPOSSIBLE_DATE:
        return replace(story, printed="Sabtu, 31 Februari 2015 | 09:00 WIB", metadata=False)
    if kind == FaultKind.WEEKDAY_CONTRADICTS:
        _, comma, rest = print_stamp(story.published, form).partition(",")
        wrong = WEEKDAYS[(story.published.weekday() + 1) % 7]
        return replace(story, printed=f"{wrong}{comma}{rest}", metadata=False)
    return None


def wrong_charset(answer: Answer) -> Answer:
    """The same bytes with a wrong charset in header and page: UTF-8 becomes iso-8859-1, all others UTF-8."""
    wrong = "iso-8859-1" if "utf-8" in answer.content_type.lower() else "utf-8"
    body = re.sub(rb'(charset\s*=\s*"?)[\w-]+', rb"\g<1>" + wrong.encode(), answer.body, count=1)
    return replace(answer, body=body, content_type=f"text/html; charset={wrong}")


@cache
def misbehaving_stories() -> tuple[tuple[Story, Fault], ...]:
    """One story for each fault, from `misbehaviour.toml`; the outlets' own feeds do not list them."""
    tables: dict[str, Any] = tomllib.loads((files("newsstand") / "misbehaviour.toml").read_text(encoding="utf-8"))
    rest: tuple[str, ...] = paragraphs(tables["text"])[0]
    found = []
    for place, table in enumerate(tables["story"]):
        story = Story(
            outlet=Outlet.WWW,
            number=900_001 + place,
            title=table["title"],
            section="Teknologi",
            published=_first_day(tables["published"]) + timedelta(days=place),
            dateline="Jakarta (Newsstand) -",
            pages=((table["lead"], *rest),),
            authors=(tables["author"],),
            editors=(tables["editor"],),
        )
        found.append((story, Fault(**table["fault"])))
    return tuple(found)


def _first_day(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("misbehaviour.toml: published must be a date with a clock and an offset")
    return value


def _page(title: str, text: str) -> bytes:
    return (
        f'<!DOCTYPE html>\n<html lang="id"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><h1>{title}</h1><p>{text}</p><p><a href='/'>Beranda</a></p></body></html>\n"
    ).encode()


BLOCK_PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Just a moment... | Access denied</title></head>
<body><h1>Access denied</h1>
<p>Just a moment, please: this newsstand looks at your browser before it lets you in. Turn on JavaScript and cookies
to go on. If you are turned away again, your address has been blocked by the site's owner.</p>
<p>Reference: 7f00-0001</p></body></html>
"""
CAPTCHA_PAGE = b"""<!DOCTYPE html>
<html lang="id"><head><meta charset="utf-8"><title>Verifikasi keamanan</title></head>
<body><h1>Apakah Anda manusia?</h1>
<form action="/ajax/captcha" class="captcha">
<p>Selesaikan captcha di bawah ini untuk membuktikan bahwa Anda bukan robot.</p>
<img src="/foto/0.png" alt="captcha"><input name="captcha"><button>Kirim</button></form></body></html>
"""
_SENTENCE = b"<p>Berita yang tidak ada habisnya, kalimat demi kalimat, halaman demi halaman.</p>\n"
GIANT_BLOCK = b"<!DOCTYPE html>\n<html><body>\n" + _SENTENCE * (65_536 // len(_SENTENCE))
BINARY = b"\x89PNG\r\n\x1a\n\x00\x00" + b"".join(hashlib.sha256(bytes([place])).digest() for place in range(256))
