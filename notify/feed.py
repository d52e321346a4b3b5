"""The Atom feed of a watch (RFC 4287). Ids never change: those of an article's corrections are the article's."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from lxml import etree

from archive.watches import SearchWatch, WatchHit

_NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot say, and lxml refuses."""
ATOM = "http://www.w3.org/2005/Atom"


def atom(archive_id: str, watch: SearchWatch, hits: Sequence[WatchHit]) -> bytes:
    """The feed of what a watch has found, the newest first. It does not tell where messages go."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _add(root, "id", _id(archive_id, watch.subject))
    _add(root, "title", f"Kliping: {watch.query}")
    _add(root, "updated", _stamp(max((hit.at for hit in hits), default=watch.created_at)))
    _add(_add(root, "author"), "name", "Kliping")
    _add(root, "generator", "Kliping")
    for hit in hits:
        entry = _add(root, "entry")
        _add(entry, "id", _id(archive_id, watch.subject, hit.article_id))
        _add(entry, "title", hit.title)
        _add(entry, "updated", _stamp(hit.at))
        if "T" in hit.published_at:
            _add(entry, "published", hit.published_at)
        _add(_add(entry, "author"), "name", hit.source)
        if hit.url:
            _add(entry, "link").set("href", hit.url)
        if hit.corrects:
            _add(entry, "category").set("term", "corrected")
        _add(entry, "summary", f"{hit.source}, {hit.published_at}" + (" (corrected)" if hit.corrects else ""))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return written


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read. A reader sees the old content or the new. Raises OSError."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:  # its mode is 0600
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.replace(file.name, path)
    except OSError:
        os.unlink(file.name)
        raise


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}")
    if text is not None:
        child.text = _NO_XML.sub("", text)
    return child


def _id(archive_id: str, *parts: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, ":".join(("kliping", archive_id, *parts))).urn


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
