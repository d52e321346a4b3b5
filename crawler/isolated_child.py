"""The process that reads one page alone (`crawler.isolated`), within limits of processor time and memory."""

from __future__ import annotations

import pickle
import resource
import sys

import sources
from archive.deadline import PAGE_SECONDS, page_deadline
from archive.records import Rejected
from crawler.isolated import PageToRead
from reading.article import normalise
from reading.extract.page import extract
from reading.extract.raw import RawArticle

PROCESSOR_SECONDS = 4 * int(PAGE_SECONDS)
"""Processor time after which the system ends the process, whatever it does: a call into C is not interrupted before."""
_MEMORY = 4 << 30
"""Bytes of address space."""


def _read(page: PageToRead) -> RawArticle | Rejected:
    source = sources.load(page.source)
    try:
        with page_deadline():
            raw = extract(page.content, url=page.url, content_type=page.content_type, source=source)
    except Rejected as rejected:
        return rejected
    try:
        with page_deadline():
            normalise(raw, source=source, url=page.url, fetched_at=page.fetched_at)
    except Rejected as rejected:
        if rejected.reason == "too-complex":
            return rejected
    return raw


def main() -> None:
    """Read the page on standard input, within limits of processor time and memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    page: PageToRead = pickle.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(pickle.dumps(_read(page)))


if __name__ == "__main__":
    main()
