"""How long pages take with twenty readers, beside Datasette with FTS5 over the same articles in the same run.

    .venv/bin/pip install -r requirements-bench.txt               # Datasette
    .venv/bin/python benchmarks/web.py                            # 100,000 articles: some minutes to make them
    .venv/bin/python benchmarks/web.py --articles 5000            # fewer
    …                                  --keep FOLDER              # keep archive and database for the next run

Articles are those of benchmarks/search.py. Each server is a process of its own (`kliping serve`, `datasette serve`),
and so is the client, on the same processors. A reader asks once a second, at a time of its own, and a page's time runs
from when it should have been asked for, so a server that falls behind shows it.

Our search page has its hits with highlights, copies folded, all facets and the timeline; Datasette's has its rows and
the counts of one facet (`_facet=source`). Articles are drawn from all. The first view is the page, the style sheet,
scripts and icon, as they are sent.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import random
import re
import socket
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
from urllib.parse import quote_plus

from archive.articles import save_article
from archive.database import Archive
from indexer.engines import open_index
from indexer.follow import follow
from kliping.config import sqlite_url

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from index import Text, texts  # noqa: E402  (its articles)
from search import article, queries  # noqa: E402

READERS = 20
SECONDS = 40
WARM_UP = 8
BATCH = 1_000
KINDS = ("one word", "two words", "three words", "four words", "five words", "a phrase")
LIMITS = {"search": 80, "article": 30}
"""Milliseconds that 95 of 100 of our pages must not exceed."""
FIRST_VIEW = 60_000
"""Bytes that a first view must not exceed."""


def made(home: Path, known: list[Text], count: int) -> None:
    """Fill an archive and its index, unless they are there."""
    home.mkdir(parents=True, exist_ok=True)
    with Archive.open(sqlite_url(home / "archive.sqlite3"), home, create=True) as archive:
        now = datetime.now(UTC)
        for start in range(0 if not archive.last_seq() else count, count, BATCH):
            with archive.saving() as saving:
                for number in range(start, min(start + BATCH, count)):
                    save_article(
                        saving,
                        article(known, number),
                        run_id="bench",
                        fetched_at=now,
                        page_id=None,
                        reader="1",
                        now=now,
                    )
        follow(archive, open_index("embedded:", home, "news"))


def made_for_datasette(file: Path, known: list[Text], count: int) -> None:
    """The same articles in a table with an FTS5 index of title and body, unless they are there."""
    if file.exists():
        return
    with sqlite3.connect(file) as database:
        database.execute(
            "CREATE TABLE articles (id TEXT PRIMARY KEY, source TEXT, title TEXT, published TEXT, body TEXT)"
        )
        rows = (
            (each.id, each.source, each.title, each.published_at.isoformat(), "\n\n".join(each.body))
            for each in (article(known, number) for number in range(count))
        )
        database.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", rows)
        database.execute("CREATE VIRTUAL TABLE articles_fts USING fts5 (title, body, content=articles)")
        database.execute("INSERT INTO articles_fts (rowid, title, body) SELECT rowid, title, body FROM articles")
        database.execute("CREATE INDEX by_source ON articles (source)")
        database.execute("ANALYZE")


@contextmanager
def served(command: Sequence[str], port: int, **environment: str) -> Iterator[int]:
    """A server on a port, until the block ends; gives its process id."""
    with subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asked(port: int, paths: Sequence[str], seconds: int) -> list[float]:
    """Milliseconds of each answer, of READERS readers who each ask once a second. Raises for an answer but 200."""
    taken: list[float] = []
    failed: list[str] = []
    number = itertools.count()
    begin = time.perf_counter() + 0.2

    def read(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for second in range(seconds):
            due = begin + second + place / READERS
            time.sleep(max(0.0, due - time.perf_counter()))
            path = paths[next(number) % len(paths)]
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            taken.append(1_000 * (time.perf_counter() - due))
            if answer.status != 200:
                failed.append(f"{answer.status} {path}")
        connection.close()

    readers = [threading.Thread(target=read, args=(place,)) for place in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    if failed:
        raise SystemExit(f"{len(failed)} requests failed, the first: {failed[0]}")
    return taken


def show(name: str, taken: list[float], limit: int | None = None) -> bool:
    """Print a row of the table. Returns whether it is within its limit."""
    cuts = statistics.quantiles(taken, n=20, method="inclusive")
    within = limit is None or cuts[18] <= limit
    said = "" if limit is None else f"   {'within' if within else 'ABOVE'} {limit} ms"
    print(f"{name:34}{len(taken):>9,}{cuts[9]:>9.1f}{cuts[18]:>9.1f}{max(taken):>9.1f}{said}", flush=True)
    return within


def first_view(port: int, path: str) -> int:
    """The bytes of a page with what it loads."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def size(address: str) -> tuple[int, str]:
        connection.request("GET", address)
        body = connection.getresponse().read()
        return len(body), body.decode("utf-8", "replace")

    total, html = size(path)
    return total + sum(size(each)[0] for each in sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))))


def resident(pid: int) -> int:
    """The megabytes of memory that a process has."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) // 1_000


def main() -> None:
    """Print the table. Ends with 1 if a page is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    known = texts()
    words = [text for kind, texts_of in queries(known, seed=1).items() if kind in KINDS for text in texts_of]
    random.Random(2).shuffle(words)
    draw = random.Random(3)
    ids = [f"{draw.randrange(options.articles):032x}" for _ in range(1_000)]
    paths = {
        "kliping": {
            "search": [f"/?q={quote_plus(each)}" for each in words],
            "article": [f"/article/{each}" for each in ids],
        },
        "datasette": {
            "search": [f"/bench/articles?_search={quote_plus(each)}&_size=20&_facet=source" for each in words],
            "article": [f"/bench/articles/{each}" for each in ids],
        },
    }
    fine = True
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        started = time.perf_counter()
        made(folder / "home", known, options.articles)
        made_for_datasette(folder / "bench.db", known, options.articles)
        print(
            f"{options.articles:,} articles, made in {time.perf_counter() - started:.0f} s; {os.cpu_count()} processors"
        )
        here = Path(sys.executable).parent
        print(f"\n{READERS} readers, each once a second{'':4}{'pages':>9}{'p50 ms':>9}{'p95 ms':>9}{'most':>9}")
        for name in ("kliping", "datasette"):
            port = free_port()
            command = {
                "kliping": [str(here / "kliping"), "serve", "--port", str(port)],
                "datasette": [str(here / "datasette"), "serve", str(folder / "bench.db"), "--port", str(port)],
            }[name]
            with served(command, port, KLIPING_HOME=str(folder / "home")) as pid:
                for kind, of_kind in paths[name].items():
                    asked(port, of_kind[::-1], WARM_UP)
                    limit = LIMITS[kind] if name == "kliping" else None
                    fine &= show(f"{name}: {kind} page", asked(port, of_kind, options.seconds), limit)
                print(f"{name}: {resident(pid)} MB resident")
                if name == "kliping":
                    for path in ("/", paths[name]["search"][0], paths[name]["article"][0], "/attention?q=gempa"):
                        size = first_view(port, path)
                        fine &= size <= FIRST_VIEW or path.startswith("/attention")
                        print(f"first view of {path[:40]:41}{size:>9,} bytes")
    if not fine:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
