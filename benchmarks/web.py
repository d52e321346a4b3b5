"""How long the pages of the reading room take: 20 readers ask once a second each, half for a search, half an article.

    .venv/bin/python benchmarks/web.py                     # 100,000 articles: some minutes to make them
    .venv/bin/python benchmarks/web.py --articles 20000 --seconds 20
    …                                 --home FOLDER        # keep archive and index for the next run

The articles and queries are those of benchmarks/search.py, in an archive on SQLite and the embedded index, served by
`kliping serve`. Beside it, in the same run and with the same readers, Datasette serves the same titles and texts from
SQLite with FTS5: its page of a table, searched, and its page of a row (requirements-bench.txt has it).
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from index import texts  # noqa: E402  (the corpus)
from mixed import article  # noqa: E402
from search import queries  # noqa: E402

from archive.articles import published_on, save_article  # noqa: E402
from archive.database import Archive  # noqa: E402
from indexer.contract import PhysicalIndex  # noqa: E402
from indexer.documents import document  # noqa: E402
from indexer.embedded.index import EmbeddedIndex  # noqa: E402
from indexer.registry import current_provenance  # noqa: E402
from kliping.config import sqlite_url  # noqa: E402

READERS = 20
BATCH = 1_000
WARM = 40
"""Pages of each kind that are asked for before time is taken."""
LIMITS = {"search": 80.0, "article": 30.0}
"""Milliseconds in which 95 of 100 pages must come."""


def make(home: Path, count: int) -> None:
    """Save the articles, and index them."""
    known = texts()
    now = datetime.now(UTC)
    with Archive.open(sqlite_url(home / "archive.sqlite3"), home) as archive:
        index = EmbeddedIndex(home / "index", "news")
        physical = PhysicalIndex.new("news", current_provenance(archive), now)
        index.create(physical)
        with index.writer(physical.name) as writer:
            for start in range(0, count, BATCH):
                batch = [article(known, number) for number in range(start, min(count, start + BATCH))]
                with archive.saving() as saving:
                    for each in batch:
                        save_article(
                            saving, each, run_id="bench", fetched_at=now, page_id=None, reader="bench", now=now
                        )
                documents = [
                    document(
                        each,
                        seq=start + number + 1,
                        status="live",
                        content_hash=each.content_hash,
                        published_on=published_on(each),
                    )
                    for number, each in enumerate(batch)
                ]
                writer.send([writer.prepare(each) for each in documents])
            writer.commit()
        index.swap(physical.name, expected=None)


@contextmanager
def served(command: Sequence[str], environment: dict[str, str], ready: str) -> Iterator[int]:
    """A server in a process of its own; the port that it prints."""
    with subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(ready, line):
                    threading.Thread(target=process.stdout.read, daemon=True).start()
                    yield int(found[1])
                    break
            else:
                sys.exit("The server did not start.")
        finally:
            process.terminate()


class Readers:
    """What the readers of a server ask, and how long it took: milliseconds by kind of page."""

    def __init__(self, port: int, asked: dict[str, list[str]], seconds: float) -> None:
        self.times: dict[str, list[float]] = {kind: [] for kind in asked}
        self.size = dict.fromkeys(asked, 0)
        self.failed = 0
        self._port, self._asked, self._seconds = port, asked, seconds

    def run(self) -> None:
        """Warm the server up, then let all readers ask until the time is over."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        for paths in self._asked.values():
            for path in paths[:WARM]:
                self._ask(connection, path)
        self.failed = 0
        end = time.monotonic() + self._seconds
        readers = [threading.Thread(target=self._read, args=(number, end)) for number in range(READERS)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()

    def _read(self, number: int, end: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        kinds = itertools.cycle(list(self._asked)[number % 2 :] + list(self._asked)[: number % 2])
        due = time.monotonic() + number / READERS
        for turn in itertools.count():
            time.sleep(max(0.0, due - time.monotonic()))
            if time.monotonic() > end:
                return
            kind = next(kinds)
            paths = self._asked[kind]
            begun = time.perf_counter()
            size = self._ask(connection, paths[(WARM + number * 997 + turn) % len(paths)])
            self.times[kind].append(1_000 * (time.perf_counter() - begun))
            self.size[kind] = max(self.size[kind], size)
            due += 1.0

    def _ask(self, connection: http.client.HTTPConnection, path: str) -> int:
        connection.request("GET", path)
        answer = connection.getresponse()
        self.failed += answer.status != 200
        return len(answer.read())


def row(name: str, kind: str, reading: Readers) -> str:
    """A line of the table."""
    times = sorted(reading.times[kind])
    at = times[int(0.95 * (len(times) - 1))]
    return (
        f"{name:<12}{kind:<10}{len(times):>7}{statistics.median(times):>9.1f}{at:>9.1f}{times[-1]:>9.1f}"
        f"{reading.size[kind] / 1000:>10.1f}{reading.failed:>8}"
    )


def fts(home: Path, file: Path) -> None:
    """The same titles and texts in SQLite with FTS5, as Datasette takes them."""
    with Archive.open(sqlite_url(home / "archive.sqlite3"), home, create=False) as archive, sqlite3.connect(file) as to:
        to.execute("CREATE TABLE articles (id TEXT PRIMARY KEY, source TEXT, published_at TEXT, title TEXT, body TEXT)")
        with archive.reading() as connection:
            rows = connection.exec_driver_sql(
                "SELECT article_id, json_extract(record, '$.source'), json_extract(record, '$.published_at'), "
                "json_extract(record, '$.title'), json_extract(record, '$.body') FROM versions"
            )
            to.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", (tuple(each) for each in rows))
        to.execute("CREATE VIRTUAL TABLE articles_fts USING fts5(title, body, content='articles')")
        to.execute("INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')")


def main() -> None:
    """Print the table. Exits with 1 if a page takes longer than LIMITS."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kliping-bench-") as folder:
        home = options.home or Path(folder) / "home"
        if not (home / "archive.sqlite3").exists():
            begun = time.monotonic()
            make(home, options.articles)
            print(f"{options.articles:,} articles saved and indexed in {time.monotonic() - begun:.0f} s.")
        asked = [text for kind in queries(texts(), 7).values() for text in kind]
        ids = [f"{number * 37 % options.articles:032x}" for number in range(2_000)]
        print(f"{'':<12}{'page':<10}{'asked':>7}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}{'largest kB':>10}{'failed':>8}")
        command = [sys.executable, "-m", "kliping", "serve", "--port", "0"]
        settings = Path(folder) / "kliping.toml"
        settings.touch()
        with served(
            command, {"KLIPING_HOME": str(home), "KLIPING_CONFIG": str(settings)}, r"127\.0\.0\.1:(\d+)"
        ) as port:
            paths = {
                "search": [f"/?{urlencode({'q': text})}" for text in asked],
                "article": [f"/article/{id}" for id in ids],
            }
            ours = Readers(port, paths, options.seconds)
            ours.run()
        for kind in paths:
            print(row("Kliping", kind, ours))
        _datasette(home, Path(folder), asked, ids, options.seconds)
    late = {
        kind: limit
        for kind, limit in LIMITS.items()
        if sorted(ours.times[kind])[int(0.95 * len(ours.times[kind]))] > limit
    }
    if late or ours.failed:
        sys.exit(f"Too slow or failed: {late}, {ours.failed} failed.")


def _datasette(home: Path, folder: Path, asked: list[str], ids: list[str], seconds: float) -> None:
    program = Path(sys.executable).parent / "datasette"
    if not program.exists():
        print(f"Datasette   is not in {program}: pip install -r requirements-bench.txt")
        return
    file = folder / "articles.db"
    fts(home, file)
    plain = [" ".join(re.findall(r"\w+", text)) for text in asked]
    paths = {
        "search": [f"/articles/articles?{urlencode({'_search': text, '_size': 20})}" for text in plain],
        "article": [f"/articles/articles/{quote(id)}" for id in ids],
    }
    command = [str(program), "serve", "-i", str(file), "--port", "8471"]
    with served(command, {}, r"127\.0\.0\.1:(\d+)") as port:
        theirs = Readers(port, paths, seconds)
        theirs.run()
    for kind in paths:
        print(row("Datasette", kind, theirs))


if __name__ == "__main__":
    main()
