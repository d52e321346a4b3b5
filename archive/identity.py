"""Canonical keys of URLs, and the article ids that are hashed from them (docs/architecture.md: Identity). Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

# Parameters that say where a reader came from, not which page it is. Seen on Indonesian publishers' links
# (utm_*, page=all, single) and in the usual campaign tags of Facebook, Google and AMP caches.
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|igshid|mc_[ce]id|ref|ref_src|referrer|source|medium|campaign|amp|_ga|spm"
    r"|tag_from|from|share|jxrecoid|jxconn|page|single|showpage|xtor|at_\w+|wt_\w+)$",
    re.IGNORECASE,
)
# `?page=3` selects a part of a multi-page article, which is the same article; `?ref=123` is a campaign.
_HOST_PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.[^.]+)")
_SAFE = "/:@!$&'()*+,;=-._~%"

MAX_KEY_LENGTH = 2_000
"""Characters of a key. No article's URL is nearly so long, and PostgreSQL indexes no text beyond 2,700 bytes."""


class BadAddressError(ValueError):
    """The string is not an http(s) URL; the message says why."""


def canonical_key(url: str) -> str:
    """The URL without the parts that do not identify the article.

    Removes the scheme, `www.`/`m.`/`amp.`, user and default port, tracking parameters, fragment and a trailing slash,
    sorts the remaining parameters, and normalises the percent-encoding, even of bytes that are not UTF-8. Keeps the
    case of the path. Raises BadAddressError.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise BadAddressError(f"{url!r} is not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAddressError(f"{url!r} is not an http or https URL")
    host = _HOST_PREFIX.sub("", parts.hostname.rstrip(".").lower())
    if port and port not in (80, 443):
        host = f"{host}:{port}"
    errors = "surrogateescape"  # "%E9" is a latin-1 é; as a replacement character it would equal any other letter
    try:
        quoted_path = quote(unquote(parts.path, errors=errors), safe=_SAFE, errors=errors)
        pairs = parse_qsl(parts.query, keep_blank_values=True, errors=errors)
        query = urlencode(sorted(pair for pair in pairs if not _TRACKING.match(pair[0])), errors=errors)
        host.encode()
    except UnicodeEncodeError as error:
        raise BadAddressError(f"{url!r} is not a URL: it contains half of a surrogate pair") from error
    path = re.sub(r"/{2,}", "/", quoted_path).rstrip("/")
    key = f"{host}{path or '/'}" + (f"?{query}" if query else "")
    if len(key) > MAX_KEY_LENGTH:
        raise BadAddressError(f"{url[:100]!r}… is longer than {MAX_KEY_LENGTH:,} characters")
    return key


def article_id(url: str) -> str:
    """The id of the article at a URL: the first 128 bits of the key's SHA-256, in hex. Raises BadAddressError."""
    return article_id_of_key(canonical_key(url))


def article_id_of_key(key: str) -> str:
    """The id of the article at a canonical key."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def clipping_id(text: str) -> str:
    """The id of a text without a URL: the SHA-256 of its normalised form, as a URN."""
    normal = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return "urn:sha256:" + hashlib.sha256(normal.encode()).hexdigest()


def host_of(url: str) -> str:
    """The host name of a URL in lower case; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def within(url: str, domains: tuple[str, ...]) -> bool:
    """Whether a URL is on one of these domains or a subdomain of one."""
    host = host_of(url)
    return any(host == domain or host.endswith("." + domain) for domain in domains)
