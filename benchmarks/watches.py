"""What watches cost after a follow, beside the follow itself in the same run.

    .venv/bin/python benchmarks/watches.py                        # 1,000 watches, 10,000 new articles
    …                                      --before 0 10000 50000 # articles that the archive has before
    …                                      --engines embedded     # without Elasticsearch, which needs Maven and a JDK

For each engine an archive of BEFORE articles is indexed. Then watches are added, ARTICLES more are saved, and a follow
and the watches are timed one after the other: wall clock, and CPU of this process and of Elasticsearch's. The share of
the CPU is the one that counts: on a machine that others use, too, the wall clock tells of them. The first line of each
is a follow of 100 articles, the first after the start of a process: it also has to read the queries.

A watch is, by turns, three words of a title of the corpus as a phrase, or its three rarest words: names and stories, as
people watch them. (Of 10,000 articles most have a twin, see `benchmarks/index.py`, so each story is told twice.) "Told"
counts articles by watch. Every told article is written to the feed of its watch, to the notices and to the outbox, in
the transaction that moves the cursors.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from index import engines, fill, texts  # noqa: E402  (the articles of the benchmark of indexing)

from archive import watches  # noqa: E402
from archive.database import Archive  # noqa: E402
from archive.watches import Rhythm  # noqa: E402
from indexer.engines import open_index  # noqa: E402
from indexer.follow import follow  # noqa: E402
from notify.preferences import Preferences  # noqa: E402
from notify.watching import look  # noqa: E402

SEED = 5
SHORTEST = 5
"""Letters of a word that somebody watches; shorter ones are mostly function words."""
FEW = 100
LIMIT = 0.05
"""The share of the follow's CPU that watches may take."""


def queries(count: int) -> list[str]:
    """By turns three neighbouring words of a title as a phrase, and the three rarest words of a title."""
    draw = random.Random(SEED)
    known = texts()
    frequency = Counter(word for _, title, body in known for word in {*title.split(), *" ".join(body).split()})
    titles = [[word for word in title.split() if word.isalpha() and len(word) >= SHORTEST] for _, title, _ in known]
    titles = [words for words in titles if len(words) >= 3]
    found = []
    for number in range(count):
        words = draw.choice(titles)
        if number % 2:
            at = draw.randrange(len(words) - 2)
            found.append(f'"{" ".join(words[at : at + 3])}"')
        else:
            found.append(" ".join(sorted(set(words), key=lambda word: (frequency[word], word))[:3]))
    return found


def cpu_seconds() -> float:
    """Seconds of CPU so far, of this process and of the server that it started (which leads a process group)."""
    stats = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = file.read_text().rpartition(")")[2].split()
            stats.append((int(fields[1]), int(fields[2]), int(fields[11]) + int(fields[12])))
    groups = {group for parent, group, _ in stats if parent == os.getpid() and group != os.getpgrp()}
    ticks = sum(ticks for _, group, ticks in stats if group in groups)
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """The result of some work, its seconds, and its seconds of CPU."""
    wall, cpu = time.perf_counter(), cpu_seconds()
    done = work()
    return done, time.perf_counter() - wall, cpu_seconds() - cpu


def measure(folder: Path, url: str, engine: str, before: int, articles: int, count: int) -> bool:
    """Print a line for many new articles and one for few. Returns whether watches keep within their share."""
    home = folder / f"{engine}-{before}"
    fill(home, before)
    wishes = Preferences({"desk": "json://127.0.0.1:1/"}, ZoneInfo("Asia/Jakarta"))
    kept = True
    with Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive:
        index = open_index(url, home, f"watches-{before}-{random.SystemRandom().getrandbits(32):08x}")
        follow(archive, index)
        options: dict[str, Any] = {"target": "desk", "address": None, "rhythm": Rhythm.EACH, "imports": False}
        for query in queries(count):
            watches.add(archive, query, now=datetime.now(UTC), **options)
        for number, first in ((FEW, before), (articles, before + FEW)):
            fill(home, number, first)
            _, follow_wall, follow_cpu = timed(lambda: follow(archive, index))
            told, wall, cpu = timed(lambda: look(archive, index, wishes, datetime.now(UTC)))
            share = cpu / follow_cpu
            kept = kept and (number == FEW or share < LIMIT)
            print(
                f"{engine:14}{before:>8,}{number:>8,}{count:>9,}{follow_wall:>10.2f} s{follow_cpu:>9.2f} s"
                f"{wall:>10.2f} s{cpu:>9.2f} s{wall / follow_wall:>9.1%}{share:>9.1%}{told.hits:>9,}",
                flush=True,
            )
        if engine == "elasticsearch":
            for each in index.list():
                index.client.indices.delete(index=each.name)  # type: ignore[attr-defined]
    return kept


def main() -> None:
    """Print the table; end with 1 if watches took more than their share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--watches", type=int, default=1_000)
    parser.add_argument("--before", type=int, nargs="+", default=[0, 20_000])
    parser.add_argument("--engines", nargs="+", default=["embedded", "elasticsearch"])
    asked = parser.parse_args()
    print(
        f"{'engine':14}{'before':>8}{'new':>8}{'watches':>9}{'follow':>12}{'CPU':>11}{'watches':>12}{'CPU':>11}"
        f"{'share':>9}{'of CPU':>9}{'told':>9}"
    )
    kept = True
    with tempfile.TemporaryDirectory() as folder, engines(asked.engines) as urls:
        for engine, url in urls.items():
            if engine in asked.engines:
                for before in asked.before:
                    kept = measure(Path(folder), url, engine, before, asked.articles, asked.watches) and kept
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
