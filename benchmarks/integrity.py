"""How long the checks of an archive take that `kliping doctor` makes, and its opening: python benchmarks/integrity.py

Fills a database with made-up articles in plain SQL: rows as large as real ones, without pages in WARC files.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, update

from archive import sqlite
from archive.database import Archive
from archive.identity import article_id
from archive.integrity import examine
from archive.records import Article, Precision
from archive.tables import articles, changes, counters, versions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BODY = tuple(f"Paragraf {number}: " + "kata dalam berita yang panjangnya seperti biasa. " * 6 for number in range(10))
CHUNK = 5_000


def fill(archive: Archive, count: int) -> None:
    """Write `count` articles with a version and a change each."""
    url = "https://www.antaranews.com/berita/1/judul"
    record = Article(
        id=article_id(url), source="antara", url=url, title="Judul berita", body=BODY, published_at=NOW,
        published_precision=Precision.MINUTE,
    ).as_json()  # fmt: skip
    for start in range(1, count + 1, CHUNK):
        numbers = range(start, min(start + CHUNK, count + 1))
        ids = [article_id(f"https://www.antaranews.com/berita/{number}/judul") for number in numbers]
        row = {"source": "antara", "url": url, "version": 1, "content_hash": "0" * 64, "status": "live"}
        row |= {"published_on": NOW, "first_saved": NOW, "last_saved": NOW, "last_seen": NOW}
        version = {
            "version": 1,
            "content_hash": "0" * 64,
            "record": record,
            "saved_at": NOW,
            "run_id": "r",
            "reader": "2",
        }
        with archive.writing() as connection:
            pairs = list(zip(numbers, ids, strict=True))
            connection.execute(insert(articles), [row | {"id": each, "seq": seq} for seq, each in pairs])
            connection.execute(insert(versions), [version | {"article_id": each} for each in ids])
            connection.execute(
                insert(changes), [{"seq": seq, "article_id": each, "kind": "version"} for seq, each in pairs]
            )
            connection.execute(update(counters).values(value=numbers[-1]))


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs="*", default=[20_000, 200_000])
    print(
        f"{'articles':>9} {'MB':>7} {'open':>7} {'quick_check':>12} {'all checks':>11} {'with 5 s':>9} {'mark':>7}  (s)"
    )
    for count in parser.parse_args().articles:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            url = f"sqlite:///{home / 'archive.sqlite3'}"
            with Archive.open(url, home) as archive:
                fill(archive, count)
            size = (home / "archive.sqlite3").stat().st_size / 1e6
            begun = time.perf_counter()
            with Archive.open(url, home) as archive:
                seconds = [time.perf_counter() - begun]
                for check in (
                    lambda archive=archive: _structure(archive),
                    lambda archive=archive: examine(archive),
                    lambda archive=archive: examine(archive, 5.0),
                    archive.save_mark,
                ):
                    begun = time.perf_counter()
                    found = check()
                    seconds.append(time.perf_counter() - begun)
                    assert not getattr(found, "faults", ()), json.dumps([each.sentence for each in found.faults])
            opening, structure, whole, bounded, mark = seconds
            times = f"{opening:>7.3f} {structure:>12.2f} {whole:>11.2f} {bounded:>9.2f} {mark:>7.3f}"
            print(f"{count:>9,} {size:>7,.0f} {times}")


def _structure(archive: Archive) -> None:
    with archive.reading() as connection:
        assert sqlite.check(connection, None).problems == ()


if __name__ == "__main__":
    main()
