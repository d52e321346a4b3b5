"""Requests to the newsstand, and what its pages print."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

from newsstand import Newsstand

WEEKDAYS = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"]
MONTHS = {
    "Januari": 1, "Februari": 2, "Pebruari": 2, "Peb": 2, "Maret": 3, "April": 4, "Mei": 5, "Juni": 6,
    "Jan": 1, "Juli": 7, "Agustus": 8, "September": 9, "Oktober": 10, "November": 11, "Nop": 11, "Desember": 12,
}  # fmt: skip
PRINTED = re.compile(r"(\w+'?\w+), (\d\d?)(?:/(\d\d)/| (\w+) )(\d{4})")


def visit(site: Newsstand, url: str, method: str = "GET", **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    """One request to the site for an absolute address, on a new connection; redirects are not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = {"Host": parts.netloc} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers=lines)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def locations(body: bytes) -> list[str]:
    """The article addresses in a sitemap or feed."""
    root = ElementTree.fromstring(body.decode().lstrip())
    return [
        element.text
        for element in root.iter()
        if element.tag.rpartition("}")[2] in ("loc", "link") and element.text and "/berita/" in element.text
    ]
