"""Who reads: one account, the archive's owner. Its sessions, its token, and the tokens of forms.

Without a password and without a token everybody who reaches the server reads everything: it then listens on this
machine only (`kliping serve` refuses anything else).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
import time
from base64 import b64decode
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from fastapi import Depends, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from web.problems import API, PageError, problem

if TYPE_CHECKING:
    from kliping.config import Settings

SESSION_COOKIE = "kliping_session"
FORM_COOKIE = "kliping_form"
SESSION_SECONDS = 14 * 86400
ATTEMPTS = 5
"""Wrong passwords from one address in ATTEMPT_SECONDS; then it waits. From all addresses, ten times as many."""
ATTEMPT_SECONDS = 300
MOST_ADDRESSES = 10_000
_EVERYBODY = ""
"""The key of all addresses together, among those whose attempts are counted."""
LONGEST_WAY_BACK = 2_000
"""Characters of the address that a reader comes back to after the log-in."""
LOG_IN, LOG_OUT = "/masuk", "/keluar"
_FOR_ALL = ("/static/", "/robots.txt", LOG_IN)
_OPEN_WITH_SNIPPETS: tuple[list[str], ...] = ([], ["suggest"], ["article"])
"""First parts of the paths that are open to all where only snippets are shown."""
KEY_FILE = "web.key"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `full_text`: whether articles' texts may be shown, and not only snippets and links.

    `can_log_in`: whether there is an account. `form_token` goes into every form that changes something.
    """

    full_text: bool
    can_log_in: bool
    logged_in: bool
    form_token: str


def reader_of(request: Request) -> Visitor:
    """The reader of a request."""
    found: Visitor = request.state.reader
    return found


Reading = Annotated[Visitor, Depends(reader_of)]
"""The parameter by which a page asks who reads."""


def full_text_reader(request: Request) -> Visitor:
    """The reader, who may see full texts. Raises PageError (403) for others."""
    reader = reader_of(request)
    if not reader.full_text:
        raise PageError(403, "owner_only")
    return reader


OwnerReading = Annotated[Visitor, Depends(full_text_reader)]
"""The parameter of a page that shows or exports full texts."""


class Account:
    """The one account: a password (its argon2 hash), a token for programs, or neither."""

    def __init__(self, settings: Settings, key: bytes | None = None) -> None:
        self._hash = settings.web_password_hash.get_secret_value() if settings.web_password_hash else None
        self._token = settings.web_token.get_secret_value() if settings.web_token else None
        self.snippets_only = settings.web_snippets_only
        self._hasher = PasswordHasher()
        key = key or secrets.token_bytes(32)
        self._key = hmac.digest(key, (self._hash or "").encode(), "sha256")  # another password ends all sessions
        self._sessions = URLSafeTimedSerializer(self._key, salt="session")
        self._failed: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    @property
    def exists(self) -> bool:
        """Whether there is a password or a token."""
        return self._hash is not None or self._token is not None

    @property
    def can_log_in(self) -> bool:
        """Whether there is a password."""
        return self._hash is not None

    def is_owner(self, headers: Headers) -> bool:
        """Whether a request comes with a living session, or with the token."""
        cookie = cookie_parser(headers.get("cookie", "")).get(SESSION_COOKIE)
        return (cookie is not None and self._is_session(cookie)) or self._has_token(headers.get("authorization", ""))

    def reader(self, headers: Headers) -> Visitor:
        """The reader that the headers of a request tell of."""
        owner = self.is_owner(headers)
        everybody = not self.exists and not self.snippets_only
        form = cookie_parser(headers.get("cookie", "")).get(FORM_COOKIE, "")
        return Visitor(owner or everybody, self.can_log_in, owner, self.form_token(form) if form else "")

    def session(self) -> str:
        """A new session, as a cookie's value."""
        return str(self._sessions.dumps("owner"))

    def form_token(self, cookie: str) -> str:
        """The token of the forms of a reader with this form cookie."""
        return hmac.new(self._key, f"form {cookie}".encode(), hashlib.sha256).hexdigest()

    def is_form(self, cookie: str | None, token: str) -> bool:
        """Whether a form was made by us for this reader."""
        return bool(cookie) and hmac.compare_digest(self.form_token(cookie or "").encode(), token.encode())

    def check_password(self, password: str, address: str) -> bool:
        """Whether a password is right. Raises PageError (429) after too many wrong ones."""
        if self._hash is None:
            return False
        now = time.monotonic()
        with self._lock:
            recent = [self._recent(name, now) for name in (address, _EVERYBODY)]
            if len(recent[0]) >= ATTEMPTS or len(recent[1]) >= 10 * ATTEMPTS:
                raise PageError(429, "attempts", headers={"Retry-After": str(ATTEMPT_SECONDS)})
            for each in recent:
                each.append(now)  # before it is checked: attempts at the same moment count, too
        try:
            self._hasher.verify(self._hash, password)
        except Argon2Error:
            return False
        with self._lock:
            self._failed.pop(address, None)
            if everybody := self._failed.get(_EVERYBODY):
                everybody.pop()
        return True

    def _recent(self, name: str, now: float) -> deque[float]:
        if len(self._failed) > MOST_ADDRESSES:
            self._failed = {_EVERYBODY: self._failed.get(_EVERYBODY, deque())}
        failed = self._failed.setdefault(name, deque())
        while failed and failed[0] < now - ATTEMPT_SECONDS:
            failed.popleft()
        return failed

    def _is_session(self, cookie: str) -> bool:
        if self._hash is None:
            return False
        try:
            return bool(self._sessions.loads(cookie, max_age=SESSION_SECONDS) == "owner")
        except BadSignature:
            return False

    def _has_token(self, authorization: str) -> bool:
        """Bearer TOKEN, or Basic with the token as the password, which feed readers can send."""
        if self._token is None:
            return False
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            try:
                value = b64decode(value, validate=True).decode().partition(":")[2]
            except ValueError:
                return False
        elif scheme.lower() != "bearer":
            return False
        return hmac.compare_digest(value.strip().encode(), self._token.encode())


def make_hash(password: str) -> str:
    """The argon2 hash of a password, for KLIPING_WEB_PASSWORD_HASH."""
    return PasswordHasher().hash(password)


def is_hash(text: str) -> bool:
    """Whether a text is an argon2 hash."""
    try:
        PasswordHasher().check_needs_rehash(text)
    except (InvalidHashError, ValueError):
        return False
    return True


def key_in(home: Path) -> bytes:
    """The key that signs sessions, kept in the archive's folder for its owner alone; a new one if it cannot be kept."""
    file = home / KEY_FILE
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
            new.write(secrets.token_bytes(32))
    except OSError:
        pass  # it is there already, or the folder cannot be written: then reading it tells
    try:
        key = file.read_bytes()
    except OSError:
        key = b""
    return key if len(key) == 32 else secrets.token_bytes(32)


class Doorkeeper:
    """Tells every request who reads, and lets in who may: with an account, only the owner.

    Where only snippets are shown to others, the search and articles are open to all.
    """

    def __init__(self, app: ASGIApp, *, account: Account) -> None:
        self._app = app
        self._account = account

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reader = self._account.reader(Headers(scope=scope))
        scope.setdefault("state", {})["reader"] = reader
        path: str = scope["path"]
        if not self._account.exists or reader.logged_in or path.startswith(_FOR_ALL) or self._is_open(path):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if path.startswith(API) or not reader.can_log_in or request.method not in ("GET", "HEAD"):
            refusal = problem(request, 401, "log_in", {"WWW-Authenticate": 'Basic realm="Kliping"'})
            await refusal(scope, receive, send)
            return
        back = path + (f"?{request.url.query}" if request.url.query else "")
        await RedirectResponse(f"{LOG_IN}?{urlencode({'ke': back[:LONGEST_WAY_BACK]})}", 303)(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return self._account.snippets_only and path.rstrip("/").split("/")[1:2] in _OPEN_WITH_SNIPPETS
