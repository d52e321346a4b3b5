"""Which addresses are one article: canonical keys and the ids made of them (DESIGN: *Identity*)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

# Parameters that say where a reader came from, never what the page is. Seen on Indonesian publishers' links
# (utm_*, page=all, single) and in the usual campaign tags of Facebook, Google and AMP caches.
_TRACKING = re.compile(
    r"^(utm_\w+|fbclid|gclid|dclid|igshid|mc_[ce]id|ref|ref_src|referrer|source|medium|campaign|amp|_ga|spm"
    r"|tag_from|from|share|jxrecoid|jxconn|page|single|showpage|xtor|at_\w+|wt_\w+)$",
    re.IGNORECASE,
)
# Parameters of the list above that do name another page when they hold something else: `?page=3` is a part of a
# multi-page article and so the same article; `?ref=123` is a campaign. Nothing here selects another article.
_FRONT = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.[^.]+)")
_SAFE = "/:@!$&'()*+,;=-._~%"

MAX_KEY_LENGTH = 2_000
"""Characters of a key. No article's address comes near it, and PostgreSQL indexes no text beyond 2,700 bytes."""


class BadAddressError(ValueError):
    """A string that is no http(s) address; the message says why."""


def canonical_key(url: str) -> str:
    """The address without what does not identify the article.

    Scheme, `www.`/`m.`/`amp.`, user and default port, tracking parameters, fragment, a trailing slash and the order of
    the remaining parameters go; percent-encoding is made uniform, also where it encodes no UTF-8. The path keeps its
    case. Raises BadAddressError.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise BadAddressError(f"{url!r} is no address: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAddressError(f"{url!r} is no http or https address")
    host = _FRONT.sub("", parts.hostname.rstrip(".").lower())
    if port and port not in (80, 443):
        host = f"{host}:{port}"
    odd = "surrogateescape"  # "%E9" is a latin-1 é: as a replacement character it would be any letter
    try:
        whole = quote(unquote(parts.path, errors=odd), safe=_SAFE, errors=odd)
        pairs = parse_qsl(parts.query, keep_blank_values=True, errors=odd)
        query = urlencode(sorted(pair for pair in pairs if not _TRACKING.match(pair[0])), errors=odd)
        host.encode()
    except UnicodeEncodeError as error:
        raise BadAddressError(f"{url!r} is no address: it holds half a character") from error
    path = re.sub(r"/{2,}", "/", whole).rstrip("/")
    key = f"{host}{path or '/'}" + (f"?{query}" if query else "")
    if len(key) > MAX_KEY_LENGTH:
        raise BadAddressError(f"{url[:100]!r}… is longer than {MAX_KEY_LENGTH:,} characters")
    return key


def article_id(url: str) -> str:
    """The id of the article at an address: the first 128 bits of the key's SHA-256, in hex. Raises BadAddressError."""
    return article_id_of_key(canonical_key(url))


def article_id_of_key(key: str) -> str:
    """The id of the article at a canonical key."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def clipping_id(text: str) -> str:
    """The id of a text that has no address: its normalised form's SHA-256 as a URN."""
    normal = " ".join(unicodedata.normalize("NFC", text).casefold().split())
    return "urn:sha256:" + hashlib.sha256(normal.encode()).hexdigest()


def host_of(url: str) -> str:
    """The host name of an address, lower case; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def within(url: str, domains: tuple[str, ...]) -> bool:
    """Whether an address stands on one of these domains or on a subdomain of theirs."""
    host = host_of(url)
    return any(host == domain or host.endswith("." + domain) for domain in domains)
