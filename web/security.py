"""What surrounds every request: the Host header, limits, headers of every answer, and errors as pages.

Plain ASGI, outside everything else, so that no answer leaves without it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Callable, Iterable

import structlog
from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-robots-tag", "noindex, nofollow, noarchive"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()"),
)
LONGEST_ADDRESS = 48_000
"""Bytes of a query string. uvicorn reads 65,536 of request line and headers."""
LONGEST_PATH = 5_000
MOST_BODY = 64_000
"""Bytes of a form. There are only small ones."""
REQUEST_SECONDS = 20.0
STALLED_SECONDS = 120.0
"""Seconds after which a reader that takes nothing is cut off: an answer holds files, and of an export its folder."""
UNTIMED = ("/export", "/api/v1/export")
"""Paths whose answer may take as long as it takes."""

log = structlog.get_logger()
Problem = Callable[[Request, int, str], Response]
"""Makes the page of an error: the request, the status, a key of the wording ("problems.…")."""


class HostNames:
    """Which names a request may use for this server. Others are refused: a page of another site may have led a
    browser here under a name of its own (DNS rebinding).

    Loopback's names always; any address in digits if the server is bound elsewhere; the names of `others`.
    """

    def __init__(self, bound_to: str, others: Iterable[str] = ()) -> None:
        self._elsewhere = not is_loopback(bound_to)
        self._names = {"localhost", bound_to.casefold(), *(each.casefold() for each in others)}

    def allow(self, host: str) -> bool:
        """Whether a Host header names this server."""
        found = re.fullmatch(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<name>[^:@/\\\s\[\]]+))(?::\d{1,5})?", host)
        if found is None:
            return False
        name = (found["six"] or found["name"]).casefold()
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._elsewhere or address.is_loopback


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """The outermost part of the app. `problem` makes the page of a refusal."""

    def __init__(self, app: ASGIApp, *, hosts: HostNames, problem: Problem, seconds: float = REQUEST_SECONDS) -> None:
        self._app = app
        self._hosts = hosts
        self._problem = problem
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, without_body=scope["method"] == "HEAD")
        if scope["method"] == "HEAD":  # the answer of GET, without its body (RFC 9110, 9.3.2)
            scope = {**scope, "method": "GET"}
        refused = self._refused(scope)
        if refused is not None:
            await self._refuse(scope, receive, answer, *refused)
            return
        work = asyncio.ensure_future(self._app(scope, _limited(receive), answer.send))
        limit = None if scope["path"].startswith(UNTIMED) else self._seconds
        try:
            done, _ = await asyncio.wait({work}, timeout=limit)
        except asyncio.CancelledError:
            work.cancel()
            raise
        if not done:
            answer.late = answer.begun
            if not answer.begun:
                answer.taken = True
                log.warning("slow answer", path=scope["path"], seconds=self._seconds)
                await self._refuse(scope, receive, answer, 503, "slow")
            work.add_done_callback(_ended_late)
            if answer.late:
                await work
            return
        error = work.exception()
        if error is None:
            return
        log.error("an error of our own", path=scope["path"], exc_info=error)
        if answer.begun:
            raise error  # the connection is cut, so that nobody takes half an answer for a whole one
        await self._refuse(scope, receive, answer, 500, "ours")

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        headers = [(name.lower(), value) for name, value in scope["headers"]]
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        if len(hosts) != 1 or not self._hosts.allow(hosts[0]):
            return 400, "bad_host"
        if len(scope["path"]) > LONGEST_PATH or len(scope["query_string"]) > LONGEST_ADDRESS:
            return 414, "too_long"
        length = next((value for name, value in headers if name == b"content-length"), b"0")
        if not length.isdigit() or int(length) > MOST_BODY:
            return 413, "too_long"
        return None

    async def _refuse(self, scope: Scope, receive: Receive, answer: _Answer, status: int, key: str) -> None:
        response = self._problem(Request(scope), status, key)
        await response(scope, receive, answer.send_anyway)


def _ended_late(work: asyncio.Future[None]) -> None:
    if not work.cancelled() and (error := work.exception()):
        log.error("an error of our own, after the time was over", exc_info=error)


class _Answer:
    """Sends an answer with our headers. Once `taken`, what the app still sends is dropped."""

    def __init__(self, send: Send, *, without_body: bool = False) -> None:
        self._send = send
        self._without_body = without_body
        self.begun = False
        self.taken = False
        self.late = False

    async def send(self, message: Message) -> None:
        if not self.taken:
            await self.send_anyway(message)

    async def send_anyway(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            own = {name for name, _ in message["headers"]}
            added = [(name.encode(), value.encode()) for name, value in HEADERS if name.encode() not in own]
            cache = [] if b"cache-control" in own else [(b"cache-control", b"private, no-cache")]
            message = {**message, "headers": [*message["headers"], *added, *cache]}
        elif self._without_body:
            message = {**message, "body": b""}
        async with asyncio.timeout(STALLED_SECONDS):
            await self._send(message)


class _TooMuchError(Exception):
    """A body without a length that grew past MOST_BODY."""


def _limited(receive: Receive) -> Receive:
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BODY:
            raise _TooMuchError
        return message

    return limited
