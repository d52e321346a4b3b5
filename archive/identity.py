"""Canonical keys of URLs, and the article ids that are hashed from them (docs/architecture.md: Identity). Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from archive.twins import own_address, story_address

Pairs = list[tuple[str, str]]
"""The parameters of a query."""

# Parameters that say where a reader came from, not which page it is: campaign tags (Google, Facebook, Yandex,
# Microsoft, TikTok, mail services, Matomo, AT Internet), and those seen on Indonesian publishers' links.
_TRACKING = re.compile(
    r"^(?:utm_\w+|(?:fb|g|dc|y|tw|tt|irc|sc|msclk)clid|msclkid|_openstat|clickid|gclsrc|gad_\w+|[gw]braid|igsh(?:id)?|"
    r"mc_[ce]id|_ga|_gl|_gid|_hs\w+|hsa_\w+|hsctatracking|mkt_tok|ref_src|ref_url|referrer|s_kwcid|epik|srsltid|"
    r"li_fat_id|twclid|vero_id|oly_\w+_id|wickedid|spm|xtor|at_\w+|wt_\w+|ns_\w+|pk_\w+|mtm_\w+|piwik_\w+|"
    r"cmpid|ncid|ocid|icid|smid|__twitter_impression|tag_from|jxrecoid|jxconn|_x_tr_\w+)$",
    re.IGNORECASE,
)
# Campaigns on most sites, but on a few the only thing that tells two stories apart (`index.php?ref=1201`)
_AMBIGUOUS = re.compile(r"^(?:ref|source|medium|campaign|share|from|single|m|amp)$", re.IGNORECASE)
_PAGE = re.compile(r"^(?:page|showpage|halaman)$", re.IGNORECASE)
_ALL_PAGES = ("", "all", "semua", "full", "show")
_SHOWN = 120
"""Characters of an address that an error shows."""
_LARGEST_PART = 99
"""`?page=3` selects a part of an article, which is the same article. No article has `?page=1201`."""
_NAMES_STORY = re.compile(r"\d|[^/]{24}|[^/-]+-[^/-]+-[^/-]")
"""A path that names a story has a number, a headline of a few words, or a long one."""
_HOST_PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp|wap|touch)\.(?=[^.]+\.[^.]+)")
_WWW = re.compile(r"^www\d?\.(?=[^.]+\.[^.]+)")
_SAFE = "/:@!$&'()*+,;=-._~%"

CLIPPING_PREFIX = "urn:sha256:"
"""The beginning of the ids of articles without a URL."""

MAX_KEY_LENGTH = 2_000
"""Characters of a key. No article's URL is nearly so long, and PostgreSQL indexes no text beyond 2,700 bytes."""


# WHATWG's URL standard, "forbidden domain code points"; and whatever is no visible character
_NOT_IN_A_HOST = re.compile(r"""[\x00-\x20\x7f-\xa0%/\\#?@<>^|`"{}\u200b-\u200f\u2028-\u202f\u2060\ufeff]""")
_LONGEST_HOST, _LONGEST_LABEL = 253, 63
"""Characters (RFC 1035, 2.3.4)."""


class BadAddressError(ValueError):
    """The string is not an http(s) URL; the message says why."""


@lru_cache(maxsize=1024)  # an import asks for each address several times
def canonical_key(url: str) -> str:
    """The URL without the parts that do not identify the article.

    The publisher's own address of a copy (`twins.own_address`), without scheme, `www.`/`m.`/`amp.`, AMP and print
    marks, user and default port, tracking parameters, the number of an article's part, fragment and a trailing slash.
    Sorts the remaining parameters, and normalises the percent-encoding, even of bytes that are not UTF-8. Keeps the
    case of the path. Raises BadAddressError.
    """
    own = own_address(url.strip())
    return _key(story_address(own), _HOST_PREFIX, _identifying)


@lru_cache(maxsize=1024)
def exact_key(url: str) -> str:
    """`canonical_key` of one page: AMP, print and mobile pages and the parts of an article have keys of their own.

    Two addresses with one canonical key and different exact keys are one article only if they show the same story (see
    `same_story.is_twin`). Raises BadAddressError.
    """
    return _key(own_address(url.strip()), _WWW, _untracked)


def is_other_form(url: str) -> bool:
    """Whether the address is that of an AMP, print or mobile page of a story."""
    own = own_address(url)
    host = host_of(own)
    return story_address(own) != own or _HOST_PREFIX.sub("", host) != _WWW.sub("", host)


def part_number(url: str) -> int | None:
    """The number of the part of an article that the address selects (`?page=2`); None if it selects no part."""
    try:
        parts = urlsplit(own_address(url))
    except ValueError:
        return None
    pairs = parse_qsl(parts.query)
    identifying = _identifying(parts.path, pairs)
    numbers = (value for name, value in pairs if _PAGE.match(name) and (name, value) not in identifying)
    return next((int(value) for value in numbers if _is_number(value)), None)


def _untracked(path: str, pairs: Pairs) -> Pairs:  # noqa: ARG001  the signature of `_identifying`
    return [pair for pair in pairs if not _TRACKING.match(pair[0])]


def _identifying(path: str, pairs: Pairs) -> Pairs:
    """The parameters of a query that say which article it is."""
    own = _untracked(path, pairs)
    sure = [pair for pair in own if not _AMBIGUOUS.match(pair[0]) and not _PAGE.match(pair[0])]
    if not _NAMES_STORY.search(path) and not any(value for _, value in sure):
        return [pair for pair in own if pair in sure or any(map(str.isdigit, pair[1]))]
    return [pair for pair in own if pair in sure or (_PAGE.match(pair[0]) and not _selects_part(pair[1]))]


def _selects_part(value: str) -> bool:
    return value.lower() in _ALL_PAGES or (_is_number(value) and int(value) <= _LARGEST_PART)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 10


def _key(url: str, prefix: re.Pattern[str], chosen: Callable[[str, Pairs], Pairs]) -> str:
    shown = url if len(url) <= _SHOWN else f"{url[:_SHOWN]}…"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddressError(f"{shown!r} is not a URL: {str(error)[:_SHOWN]}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAddressError(f"{shown!r} is not an http or https URL")
    if problem := host_problem(parts.hostname):
        raise BadAddressError(f"{shown!r} is not a URL: {problem}")
    host = prefix.sub("", parts.hostname.rstrip(".").lower())
    if port and port not in (80, 443):
        host = f"{host}:{port}"
    errors = "surrogateescape"  # "%E9" is a latin-1 é; as a replacement character it would equal any other letter
    try:
        quoted_path = quote(unquote(parts.path, errors=errors), safe=_SAFE, errors=errors)
        pairs = parse_qsl(parts.query, keep_blank_values=True, errors=errors)
        query = urlencode(sorted(chosen(parts.path, pairs)), errors=errors)
        host.encode()
    except UnicodeEncodeError as error:
        raise BadAddressError(f"{url[:_SHOWN]!r} is not a URL: it contains half of a surrogate pair") from error
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
    return CLIPPING_PREFIX + hashlib.sha256(normal.encode()).hexdigest()


def host_problem(host: str) -> str | None:
    """Why no host can have this name, as part of a sentence; None if one can. An IP address is a name, too."""
    if ":" in host:  # urlsplit checks the addresses that stand in brackets
        return None
    name = host.removesuffix(".")
    if found := _NOT_IN_A_HOST.search(name):
        return f"its host has {found[0]!r}, which no host name may have"
    labels = name.split(".")
    if not all(labels):
        return "a part of its host is empty"
    ascii_length = max(map(len, labels)) if name.isascii() else 0  # IDNA shortens or lengthens others
    if ascii_length > _LONGEST_LABEL or len(name) > _LONGEST_HOST:
        return "its host is longer than any host name"
    return None


def host_of(url: str) -> str:
    """The host name of a URL in lower case; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def url_path(url: str) -> str:
    """The path of a URL; empty for what is none."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def within(url: str, domains: tuple[str, ...]) -> bool:
    """Whether a URL is on one of these domains or a subdomain of one."""
    host = host_of(url)
    return any(host == domain or host.endswith("." + domain) for domain in domains)
