"""Saved pages, served byte for byte at the addresses they were saved from."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatch
from html import unescape
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from newsstand.answers import XML, Answer, not_found
from newsstand.listings import FeedItem, feed, robots, sitemap

# Indonesian and British suffixes of two labels: a registered domain under them has three
SHARED_SUFFIXES = frozenset(
    ["co.id", "or.id", "go.id", "ac.id", "sch.id", "web.id", "net.id", "my.id", "biz.id", "desa.id", "mil.id", "co.uk"]
)
TITLE = re.compile(rb"<title[^>]*>(.{0,2000}?)</title", re.IGNORECASE | re.DOTALL)
DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
TAG = re.compile(rb"<(?:link|meta)\b[^>]{0,2000}>", re.IGNORECASE)
ATTRIBUTE = re.compile(rb"([a-z]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))", re.IGNORECASE)
HEAD = 200_000  # bytes searched for title, charset and address
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")

logger = logging.getLogger(__name__)


def registered_domain(host: str) -> str:
    """The registered domain: the last two labels of a host, three under a shared suffix such as co.id."""
    labels = host.lower().split(".")
    return ".".join(labels[-3:] if ".".join(labels[-2:]) in SHARED_SUFFIXES else labels[-2:])


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A file and the address it was saved from, as given."""

    url: str
    file: Path

    @property
    def title(self) -> str:
        """The text of <title>, or the address if there is none."""
        head = self.file.read_bytes()[:HEAD]
        found = TITLE.search(head)
        text = _decoded(found[1]) if found else self.url
        return CONTROL.sub("", " ".join(unescape(text).split()))

    @property
    def changed(self) -> datetime:
        """When the file was last written."""
        return datetime.fromtimestamp(int(self.file.stat().st_mtime), UTC)

    def answer(self) -> Answer:
        """The file's bytes. The header names a charset only if the page declares none and is UTF-8."""
        content = self.file.read_bytes()
        kind = "text/html" if DECLARED.search(content[:HEAD]) or not _is_utf8(content) else "text/html; charset=utf-8"
        return Answer(body=content, content_type=kind, last_modified=self.changed)


class SavedPages:
    """Pages by address. `without_address` are the files without a known address; they are not served."""

    def __init__(self, pages: Mapping[str, Path], without_address: tuple[Path, ...] = ()) -> None:
        self.without_address = without_address
        self._pages: dict[tuple[str, str], SavedPage] = {}
        for url, file in pages.items():
            page = SavedPage(url, Path(file))
            other = self._pages.setdefault(_request_key(url), page)
            if other is not page:
                raise ValueError(f"{other.file.name} and {page.file.name} have the same address {url}")

    @classmethod
    def from_folder(cls, pages: Path | str, addresses: Path | str | None = None, *, only: str = "*") -> Self:
        """The *.html files of a folder whose stem matches the glob `only`. Raises ValueError.

        A page's address is "url" in the JSON file of the same stem in `addresses` (default: the same folder), else the
        page's own rel=canonical or og:url. A page without either is logged as a warning and put in `without_address`.
        """
        folder, json_folder = Path(pages), Path(addresses or pages)
        if not folder.is_dir() or not json_folder.is_dir():
            raise ValueError(f"{folder if not folder.is_dir() else json_folder} is not a folder")
        found: dict[str, Path] = {}
        without_address: list[Path] = []
        for file in sorted(folder.glob("*.html")):
            if not fnmatch(file.stem, only):
                continue
            url = _url_in_json(json_folder / f"{file.stem}.json") or own_address(file.read_bytes())
            if url is None:
                logger.warning("%s has no address: no %s.json with a url, no canonical link", file.name, file.stem)
                without_address.append(file)
            elif url in found:
                raise ValueError(f"{found[url].name} and {file.name} have the same address {url}")
            else:
                found[url] = file
        return cls(found, tuple(without_address))

    @classmethod
    def from_manifest(cls, pages: Mapping[str, Path | str]) -> Self:
        """Pages whose addresses are known: {url: file}."""
        return cls({url: Path(file) for url, file in pages.items()})

    @property
    def urls(self) -> tuple[str, ...]:
        """All addresses, as given."""
        return tuple(page.url for page in self._pages.values())

    def has_host(self, host: str) -> bool:
        """Whether any page was saved from this host's registered domain."""
        return bool(self._of_domain(host))

    def answer(self, host: str, target: str) -> Answer:
        """The saved page, or a feed, sitemap or robots.txt of the domain's saved pages; else 404."""
        page = self._pages.get(_request_key(f"http://{host}{target}"))
        if page is not None:
            return page.answer()
        path, domain = target.partition("?")[0], registered_domain(_without_port(host))
        pages = self._of_domain(host)
        if path.startswith(("/rss", "/feed")):
            items = (FeedItem(page.url, page.title) for page in pages)
            return Answer(body=feed(domain, f"http://{domain}", items).encode(), content_type=XML)
        if path == "/sitemap.xml":
            return Answer(body=sitemap((page.url, None) for page in pages).encode(), content_type=XML)
        if path == "/robots.txt":
            body = robots(_without_port(host), 0, (), ("sitemap.xml",))
            return Answer(body=body.encode(), content_type="text/plain; charset=utf-8")
        return not_found(target)

    def _of_domain(self, host: str) -> list[SavedPage]:
        domain = registered_domain(_without_port(host))
        return [page for (other, _), page in self._pages.items() if registered_domain(other) == domain]


def own_address(content: bytes) -> str | None:
    """The absolute address in a page's rel=canonical, else in its og:url; None if there is none."""
    canonical = opengraph = None
    head = content[:HEAD]
    for tag in TAG.finditer(head):
        values = {
            name.lower(): _decoded(double or single or bare) for name, double, single, bare in ATTRIBUTE.findall(tag[0])
        }
        if values.get(b"rel", "").lower() == "canonical":
            canonical = canonical or values.get(b"href")
        elif values.get(b"property", "").lower() == "og:url":
            opengraph = opengraph or values.get(b"content")
    for url in (canonical, opengraph):
        if url and urlsplit(unescape(url)).scheme in ("http", "https"):
            return unescape(url).strip()
    return None


def _url_in_json(file: Path) -> str | None:
    """The "url" in a page's JSON file; None if there is no file or no url in it."""
    if not file.is_file():
        return None
    try:
        record = json.loads(file.read_bytes())
    except ValueError as error:
        raise ValueError(f"{file.name} is not JSON: {error}") from error
    url = record.get("url") if isinstance(record, dict) else None
    return url if isinstance(url, str) and url else None


def _request_key(url: str) -> tuple[str, str]:
    """The host, and the path with its query: what a request contains of an address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not an absolute http address")
    return parts.hostname, unquote(parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _without_port(host: str) -> str:
    return host.lower().partition(":")[0]


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes) -> str:
    """Bytes of a page as text: UTF-8 if valid, else Windows-1252, which old pages use whatever they declare."""
    return content.decode("utf-8") if _is_utf8(content) else content.decode("windows-1252", errors="replace")
