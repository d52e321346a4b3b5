"""Addresses of copies and twins: AMP, print and mobile pages, AMP caches, web archives. Pure.

A *copy's address* names another host and has the publisher's own address inside. A *twin* is a second page of the
publisher's own with the same story. `archive.identity` builds the keys of articles from both.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

_MOST_WRAPPERS = 3
"""An AMP cache's page in a web archive, found through a search engine's redirect."""

_AMP_CACHE = re.compile(r"^/(?:[acvir]{1,2}/)?(s/)?([^/]+\.[^/]+/?.*)$")
_AMP_CACHES = (".cdn.ampproject.org", ".ampproject.net", ".bing-amp.com")
_GOOGLE = re.compile(r"^(?:www\.)?google\.(?:com|co\.id)$")
_TRANSLATED = ".translate.goog"
_REDIRECTS = {"l.facebook.com": ("u",), "lm.facebook.com": ("u",), "l.instagram.com": ("u",)}

# pywb and OpenWayback, which nearly every web archive runs, write /collection/20240604011236id_/http://…;
# archive.today writes 2024.06.04-011236
_REPLAY = re.compile(
    r"^(?:/[\w.-]{1,60}){0,3}/(\d{14}|\d{4}\.\d\d\.\d\d-\d{6})(?:[a-z]{2}_)?/((?:https?|https?%3a)(?::/{0,2}|/{0,2}).+)$",
    re.I,
)
_ARCHIVES = re.compile(
    r"^(?:web\.archive\.org|(?:www\.)?archive\.(?:today|is|ph|li|vn|fo|md)|wayback\.archive-it\.org|"
    r"(?:www\.)?ghostarchive\.org|(?:www\.)?arquivo\.pt|(?:www\.)?webarchive\.org\.uk|swap\.stanford\.edu)$"
)
_LOOSE_REPLAY = re.compile(
    r"^(?:/(?:web|wayback|all|was|archive|\d{1,9}))?(?:/(?:\d{1,14}\*?|\*|newest|oldest)(?:[a-z]{2}_)?)?/"
    r"((?:https?(?::|%3a)/{0,2})?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}(?::\d+)?/.*)$",
    re.I,
)

_PRINT_PARAMETERS = frozenset(
    "amp amphtml amp_js_v amp_gsa usqp print printable printer cetak printview versicetak tmpl layout".split()
)
_JOOMLA = {"tmpl": ("component",), "layout": ("default",)}  # ?tmpl=component&print=1&layout=default
_FORM_PARAMETERS = frozenset("view mode output outputtype format device version versi".split())
_FORMS = frozenset("amp print cetak printable printer mobile desktop phone".split())
_YES = ("", "1", "true", "yes", "y", "on")
_TWIN_SEGMENTS = frozenset("amp amphtml print cetak printer versi-cetak printversion print-version".split())
_AMP_FILE = re.compile(r"(?:\.amp(?=\.html?$|$)|(?<=.)[-_.]amp(?=\.html?$))", re.I)


def own_address(url: str) -> str:
    """The publisher's own address in a copy's; any other address is returned unchanged.

    Copies are pages of AMP caches, web archives (any that runs pywb or OpenWayback, and archive.today), Google's
    translations and cache, and the redirects of search results.
    """
    for _ in range(_MOST_WRAPPERS):
        inner = _inner_address(url)
        if inner is None:
            return url
        url = inner
    return url


def capture_time(url: str) -> datetime | None:
    """When a web archive captured the page at this address, by its fourteen digits (UTC); None for other addresses."""
    try:
        found = _REPLAY.match(urlsplit(url.strip()).path)
        return datetime.strptime(re.sub(r"\D", "", found[1]), "%Y%m%d%H%M%S").replace(tzinfo=UTC) if found else None
    except ValueError:  # no address, or "20241304…"
        return None


def story_address(url: str) -> str:
    """The address without its AMP or print mark; an address without a mark is returned unchanged."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = parts.netloc
    if host[:4].lower() == "amp." and host.count(".") >= 2:
        host = host[4:]
    segments = parts.path.split("/")
    kept = [each for each in segments if each.lower() not in _TWIN_SEGMENTS]
    path = _AMP_FILE.sub("", "/".join(kept)) if any(kept) else parts.path
    query = _without_marks(parts.query)
    if (host, path, query) == (parts.netloc, parts.path, parts.query):
        return url
    fragment = parts.fragment
    return urlunsplit((parts.scheme, host, path if path.startswith("/") or not path else f"/{path}", query, fragment))


def _without_marks(query: str) -> str:
    pairs = [each.partition("=") for each in query.split("&")]
    named = {name.lower(): unquote(value).lower() for name, _, value in pairs}
    prints = any(named.get(name, "no") in _YES for name in ("print", "amp", "cetak", "printable"))
    kept = ("".join(each) for each in pairs if not _is_mark(each[0].lower(), unquote(each[2]).lower(), prints))
    return "&".join(kept)


def _is_mark(name: str, value: str, prints: bool) -> bool:
    if name in _JOOMLA:
        return prints and value in _JOOMLA[name]
    if name in _PRINT_PARAMETERS:
        return value in _YES or name in ("amp_js_v", "amp_gsa", "usqp")
    return name in _FORM_PARAMETERS and value in _FORMS


def _inner_address(url: str) -> str | None:
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    rest = parts.path + (f"?{parts.query}" if parts.query else "")
    if found := _REPLAY.match(parts.path):
        return _repaired(rest[found.start(2) :])
    if _ARCHIVES.match(host):
        loose = _LOOSE_REPLAY.match(rest)
        return _repaired(loose[1]) if loose else None
    if host.endswith(_TRANSLATED):
        return _untranslated(host, rest)
    return _in_cache(host, parts.path, rest) or _in_redirect(host, parts.path, parts.query)


def _repaired(address: str) -> str:
    """An address inside another: percent-encoded, with one slash ("https:/x"), or without a scheme."""
    if re.match(r"https?%3a", address, re.I):
        address = unquote(address)
    found = re.match(r"(https?):?/*", address, re.I)
    if found and re.match(r"https?(?::|/)", address, re.I):
        return f"{found[1].lower()}://{address[found.end() :]}"
    return f"http://{address}"


def _in_cache(host: str, path: str, rest: str) -> str | None:
    if host.endswith(_AMP_CACHES):
        inside = rest
    elif _GOOGLE.match(host) and path.startswith("/amp/"):
        inside = rest.removeprefix("/amp")
    else:
        return None
    found = _AMP_CACHE.match(inside)
    return f"http{'s' if found[1] else ''}://{found[2]}" if found else None


def _in_redirect(host: str, path: str, query: str) -> str | None:
    if _GOOGLE.match(host) and path == "/url":
        names: tuple[str, ...] = ("url", "q")
    elif host == "webcache.googleusercontent.com":
        cached = parse_qs(query).get("q", [""])[0]
        found = re.match(r"cache:(?:[\w-]{6,20}:)?((?:https?://)?[\w-]+\.[^\s+]+)", cached)
        return _repaired(found[1]) if found else None
    else:
        names = _REDIRECTS.get(host, ())
    values = parse_qs(query) if names else {}
    targets = (values[name][0] for name in names if name in values)
    return next((target for target in targets if target.startswith(("http://", "https://"))), None)


def _untranslated(host: str, rest: str) -> str:
    """ "www-koran-example.translate.goog": dots are hyphens there, and a hyphen is two."""
    name = host.removesuffix(_TRANSLATED).replace("--", "\0").replace("-", ".").replace("\0", "-")
    path, _, query = rest.partition("?")
    own = "&".join(pair for pair in query.split("&") if not pair.startswith("_x_tr_"))
    return f"https://{name}{path}" + (f"?{own}" if own else "")
