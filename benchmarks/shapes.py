"""Costly shapes of pages: what each takes to read, and how its reading ends.

    .venv/bin/python benchmarks/shapes.py [WORD…]     # those whose names have one of these words; without any, all

Each shape (`tests/support/shapes.py`) is a page of up to 5 MB of one thing: options, siblings, authors, class names,
digits. It is read by a source whose selectors count siblings, and without a source, in processor time, beside an
ordinary page in the same run. "ends" is the rejection, or "article" with the flags that say what is wrong with the
page. Exit status 1 if a shape takes more than two seconds.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from archive.deadline import page_deadline
from archive.records import Rejected
from reading.article import normalise
from reading.extract.page import extract
from sources import for_url
from tests.support.shapes import SENTENCE, SHAPES, around

_URLS = ("http://www.newsstand.test/berita/1/x", "https://www.koran.example.id/berita/1")
_MOST = 2.0
"""Seconds of processor time."""


def read(page: bytes, url: str) -> tuple[float, str]:
    """Returns the processor seconds of reading a page, and how it ended."""
    source = for_url(url)
    began = time.process_time()
    try:
        with page_deadline():
            article = normalise(extract(page, url=url, source=source), source=source, url=url, fetched_at=None)
        ended = ", ".join(("article", *article.flags))
    except Rejected as rejected:
        ended = rejected.reason
    return time.process_time() - began, ended


def main(words: list[str]) -> int:
    chosen = {name: make for name, make in SHAPES.items() if not words or any(word in name for word in words)}
    chosen = {"an ordinary page": lambda: around("", inside=f"<p>{SENTENCE}</p>" * 20), **chosen}
    print(f"{'shape':42s}{'MB':>6s}{'source':>9s}{'generic':>9s}  ends")
    slow = 0
    for name, make in chosen.items():
        page = make()
        (by_source, ended), (generic, ended_generic) = (read(page, url) for url in _URLS)
        both = ended if ended == ended_generic else f"{ended}; {ended_generic}"
        print(f"{name:42s}{len(page) / 1e6:6.1f}{by_source:8.2f}s{generic:8.2f}s  {both}", flush=True)
        slow += max(by_source, generic) > _MOST
    print(f"{len(chosen) - 1} shapes, {slow} of them slower than {_MOST:g} s")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
