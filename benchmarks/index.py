"""How fast both engines index articles from the archive, beside a bare client of each, and in how much memory.

    .venv/bin/python benchmarks/index.py                          # 10,000 articles
    .venv/bin/python benchmarks/index.py --reindexed 1000000      # and a million, for the memory; takes long
    …                                    --limit 600              # within 600 MB, cached files included (root)
    …                                    --keep FOLDER            # keep the archives for the next run
    .venv/bin/python benchmarks/index.py --engines embedded       # without Elasticsearch, which needs Maven and a JDK

Articles are the texts of ../shared/corpus, or of the newsstand if it is missing, in paragraphs of two sentences. Beyond
their number they repeat under new ids, each with ten words that no other has: as many new words as each of the corpus's
last articles adds.

The peers: bulk requests of the same documents, prepared beforehand, into the same mapping, at the best of several
sizes, one stream and two at once; and a bare tantivy writer with its default tokenizer, which reads no archive, does
not know Indonesian, and indexes only title and body. Every run is its own process, the kinds take turns, and shares
are medians over the rounds. CPU is our process's own, in microseconds for an article.

For a reindex memory is shown twice: our process's own, and that with the index files it has mapped, which the system
can reclaim. `--limit` proves it: the reindex runs in a control group with this limit for both and for all files it
reads and writes, without swap.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "articles.jsonl.gz"
NEW_WORDS = 10
ROUNDS = 3
MEGABYTES = (1, 2, 4, 8)
"""Sizes of a bulk request to try."""
QUESTION = "ISIS Moskow"
SEARCHES = 200

Text = tuple[str, str, list[str]]
"""Source, title and paragraphs."""


# -- the archive ------------------------------------------------------------------------------------------------------


def texts() -> list[Text]:
    """The corpus, or the newsstand's stories."""
    if not CORPUS.exists():
        from newsstand.stories import load_stories

        return [(story.outlet.value, story.title, list(story.paragraphs)) for story in load_stories()]
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["source"], row["title"] or "", in_paragraphs(row["body"])) for row in rows]


def in_paragraphs(body: str) -> list[str]:
    """Paragraphs of two sentences, as newspapers print them: the corpus does not have the paragraphs any more."""
    sentences = re.split(r'(?<=[.?!"”])\s+(?=[A-Z"“])', body)
    return [" ".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2)]


def article(number: int, known: list[Text]) -> Any:
    """The article of this number, with an id like that of an address."""
    from archive.records import Article, Precision

    source, title, paragraphs = known[number % len(known)]
    if number >= len(known):
        draw = random.Random(number)
        paragraphs = [*paragraphs, " ".join(f"{draw.getrandbits(40):x}".translate(LETTERS) for _ in range(NEW_WORDS))]
    digest = hashlib.sha256(str(number).encode()).hexdigest()[:32]
    return Article(
        id=digest,
        source=source,
        url=f"https://{source}.example/{digest}",
        title=title,
        body=tuple(paragraphs),
        published_at=datetime(2010, 1, 1, tzinfo=WIB) + timedelta(minutes=number * 7919 % 7_900_000),
        published_precision=Precision.MINUTE,
        authors=("Nur Imansyah",),
        section="nasional",
        tags=("berita", source),
        agency="ANTARA" if number % 3 else None,
        language="id",
    )


LETTERS = str.maketrans("0123456789", "klmnoprstu")
WIB = timezone(timedelta(hours=7))


def filled(folder: Path, count: int) -> Path:
    """The home of an archive with so many articles: the one in the folder, or a new one."""
    home = folder / f"articles-{count}"
    if not home.exists():
        making = folder / f"making-{count}"
        fill(making, count)
        making.rename(home)
    return home


def fill(home: Path, count: int, first: int = 0) -> None:
    """Save so many articles, from a number on, in rows like those of `save_article`. Makes the archive if need be."""
    from sqlalchemy import insert

    from archive.database import Archive
    from archive.records import ChangeKind
    from archive.tables import articles, versions

    known, now = texts(), datetime.now(UTC)
    with Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive:
        for start in range(first, first + count, 2_000):
            rows, kept = [], []
            with archive.saving() as saving:
                for each in (article(number, known) for number in range(start, min(first + count, start + 2_000))):
                    both = {"content_hash": each.content_hash, "version": 1}
                    present = {
                        "published_on": each.published_at,
                        "first_saved": now,
                        "last_saved": now,
                        "last_seen": now,
                    }
                    rows.append(
                        both
                        | present
                        | {"id": each.id, "source": each.source, "url": each.url, "seq": 0, "status": "live"}
                    )
                    kept.append(
                        both
                        | {"article_id": each.id, "record": each.as_json(), "fetched_at": now, "saved_at": now}
                        | {"page_id": None, "run_id": "bench", "reader": "bench"}
                    )
                    saving.record_change(each.id, ChangeKind.VERSION)
                saving.connection.execute(insert(articles), rows)
                saving.connection.execute(insert(versions), kept)


# -- one run ----------------------------------------------------------------------------------------------------------


class Stopwatch:
    """Seconds and CPU seconds since `begin`, and peaks of memory in MB: this process's own (sampled five times a
    second), and that with mapped files."""

    def begin(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()
        self.own = 0.0
        threading.Thread(target=self._sample, daemon=True).start()

    def _sample(self) -> None:
        status = Path("/proc/self/status")
        while status.exists():
            own = re.search(r"RssAnon:\s+(\d+)", status.read_text())
            self.own = max(self.own, int(own[1]) * 1024 / 1e6 if own else 0.0)
            time.sleep(0.2)

    def read(self) -> dict[str, float]:
        """The figures until now."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        seconds, cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
        return {"seconds": seconds, "cpu": cpu, "peak": peak, "own": self.own}


@contextmanager
def opened(home: Path, url: str) -> Iterator[tuple[Any, Any]]:
    """Yields the archive, and an engine with a new alias and no index."""
    from archive.database import Archive
    from indexer.engines import open_index

    with (
        Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive,
        tempfile.TemporaryDirectory(dir=home) as folder,
    ):
        index = open_index(url, Path(folder), f"bench-{random.SystemRandom().getrandbits(32):08x}")
        try:
            yield archive, index
        finally:
            if index.engine == "elasticsearch":
                for each in index.list():
                    index.client.indices.delete(index=each.name)


def following(home: Path, url: str, _size: str) -> dict[str, float]:
    """Follow the whole log into a new index, as a reindex does."""
    from indexer.follow import advance, hold_lease
    from indexer.registry import new_index

    watch = Stopwatch()
    with opened(home, url) as (archive, index):
        physical = new_index(archive, index)
        with hold_lease(archive, f"index:{physical.uuid}", seconds=60) as lease:
            watch.begin()
            done = advance(archive, index, physical, lease)
            taken = watch.read()
        assert done.done == archive.last_seq() == index.count(physical.name), done
        return taken


def bulk(home: Path, url: str, size: str) -> dict[str, float]:
    """Send the same documents as prepared bulk requests of about `size` MB; with "+" two at a time."""
    from indexer.batches import read_batches
    from indexer.elastic.index import WRITE_ALIAS_SUFFIX
    from indexer.elastic.writer import chunks
    from indexer.registry import new_index

    watch = Stopwatch()
    with opened(home, url) as (archive, index):
        physical = new_index(archive, index)
        with index.writer(physical.name) as writer:
            read = read_batches(archive, 0, writer.prepare, count=2_000, until=archive.last_seq())
            lines = [line for piece in read for line in piece.prepared]
        requests = [[line.sent for line in chunk] for chunk in chunks(lines, int(float(size.strip("+")) * 1_000_000))]

        def send(operations: list[bytes]) -> None:
            answer = index.client.bulk(
                index=physical.name + WRITE_ALIAS_SUFFIX, operations=operations, filter_path="errors"
            )
            assert not answer["errors"]

        with ThreadPoolExecutor(2 if "+" in size else 1) as streams:
            watch.begin()
            list(streams.map(send, requests))
            index.refresh(physical.name)
            taken = watch.read()
        assert index.count(physical.name) == len(lines)
        return taken


def prepared(home: Path, url: str, _size: str) -> dict[str, float]:
    """Send the same documents to the engine, prepared beforehand: the rest is the engine's own time."""
    from indexer.batches import read_batches
    from indexer.registry import new_index

    watch = Stopwatch()
    with opened(home, url) as (archive, index):
        physical = new_index(archive, index)
        with index.writer(physical.name) as writer:
            ready = [
                piece.prepared
                for piece in read_batches(archive, 0, writer.prepare, count=2_000, until=archive.last_seq())
            ]
            watch.begin()
            for each in ready:
                writer.send(each)
            writer.commit()
            taken = watch.read()
        assert index.count(physical.name) == sum(map(len, ready))
        return taken


def bare_tantivy(home: Path, _url: str, _size: str) -> dict[str, float]:
    """Index title and body of the same texts."""
    import tantivy

    from archive.database import Archive

    with Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive:
        count, known = archive.last_seq(), texts()
    given = [(each.title, "\n".join(each.body)) for each in (article(number, known) for number in range(count))]
    schema = tantivy.SchemaBuilder().add_text_field("title").add_text_field("body").build()
    watch = Stopwatch()
    with tempfile.TemporaryDirectory(dir=home) as folder:
        watch.begin()
        writer = tantivy.Index(schema, path=folder).writer()
        for title, body in given:
            writer.add_document(tantivy.Document(title=title, body=body))
        writer.commit()
        writer.wait_merging_threads()
        return watch.read()


def reindexing(home: Path, url: str, _size: str) -> dict[str, float]:
    """A whole reindex; then the same search many times."""
    from indexer.queries import Query
    from indexer.query import read
    from indexer.reindex import reindex

    watch = Stopwatch()
    with opened(home, url) as (archive, index):
        watch.begin()
        done = reindex(archive, index)
        taken = watch.read()
        assert done.documents == archive.last_seq(), done
        root, times = read(QUESTION, WIB), []
        for _ in range(SEARCHES):
            started_at = time.perf_counter()
            index.search(Query(root))
            times.append(1000 * (time.perf_counter() - started_at))
        cuts = statistics.quantiles(times, n=20)
        return taken | {"p50": cuts[9], "p95": cuts[18]}


# -- all of them ------------------------------------------------------------------------------------------------------

KINDS = {"follow": following, "bulk": bulk, "prepared": prepared, "tantivy": bare_tantivy, "reindex": reindexing}


def run(kind: str, home: Path, url: str, size: str = "", limit: int | None = None) -> dict[str, float]:
    """One run in its own process, limited to so many megabytes of memory."""
    command = [sys.executable, __file__, "--run", kind, str(home), url, size]
    with limited(limit) as join:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, preexec_fn=join)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@contextmanager
def limited(megabytes: int | None) -> Iterator[Callable[[], object] | None]:
    """Make a control group with a memory limit; yields a function that a process calls to join it."""
    if megabytes is None:
        yield None
        return
    unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    group = Path("/sys/fs/cgroup", "" if unified else "memory", f"kliping-bench-{os.getpid()}")
    if unified:
        (group.parent / "cgroup.subtree_control").write_text("+memory")
    group.mkdir()
    try:
        (group / ("memory.max" if unified else "memory.limit_in_bytes")).write_text(str(megabytes * 1_000_000))
        if unified:
            (group / "memory.swap.max").write_text("0")
        else:
            (group / "memory.swappiness").write_text("0")
        yield lambda: (group / "cgroup.procs").write_text(str(os.getpid()))
    finally:
        group.rmdir()


def in_turn(kinds: dict[str, tuple[str, str]], home: Path, url: str) -> dict[str, list[dict[str, float]]]:
    """`ROUNDS` rounds of all kinds; each round begins with another kind."""
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in kinds}
    names = list(kinds)
    for turn in range(ROUNDS):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            kind, size = kinds[name]
            taken[name].append(run(kind, home, url, size))
    return taken


def show(title: str, count: int, taken: dict[str, list[dict[str, float]]], peer: str) -> None:
    """Print a table of medians, and of the share of the peer's speed in each round."""
    print(f"\n{title:34}{'articles/s':>11}{'share':>8}{'CPU µs':>8}{'peak MB':>9}")
    for name, runs in taken.items():
        shares = [theirs["seconds"] / ours["seconds"] for ours, theirs in zip(runs, taken[peer], strict=True)]
        middle = {each: statistics.median(run[each] for run in runs) for each in runs[0]}
        speed, cpu = count / middle["seconds"], 1e6 * middle["cpu"] / count
        print(f"{name:34}{speed:>11,.0f}{statistics.median(shares):>8.0%}{cpu:>8.0f}{middle['peak']:>9.0f}", flush=True)


def elasticsearch_rounds(home: Path, url: str, count: int) -> None:
    """Follow beside bare bulks at their best size; finding that size warms the server up."""
    run("bulk", home, url, "4")
    best = {}
    for streams in ("", "+"):
        tried = {size: run("bulk", home, url, f"{size}{streams}")["seconds"] for size in MEGABYTES}
        best[streams] = min(tried, key=tried.__getitem__)
    one = f"bare bulk, {best['']} MB"
    kinds = {
        "kliping, from the archive": ("follow", ""),
        one: ("bulk", f"{best['']}"),
        f"two bare bulks at once, {best['+']} MB": ("bulk", f"{best['+']}+"),
    }
    show("into Elasticsearch", count, in_turn(kinds, home, url), one)


def embedded_rounds(home: Path, count: int) -> None:
    """Follow beside the engine alone with the same prepared documents, and beside a bare writer."""
    alone = "the engine alone, prepared"
    kinds = {
        "kliping, from the archive": ("follow", ""),
        alone: ("prepared", ""),
        "bare tantivy, one plain twin": ("tantivy", ""),
    }
    show("into the embedded engine", count, in_turn(kinds, home, "embedded:"), alone)


def reindexes(home: Path, urls: dict[str, str], count: int, limit: int | None) -> None:
    """One reindex of each engine, and how long a search takes afterwards."""
    if limit is not None:
        print(f"\nin {limit} MB, cached files included:", end="")
    columns = f"{'articles/s':>11}{'own MB':>9}{'with files':>12}"
    print(f"\n{f'reindex of {count:,}':34}{columns}   {QUESTION!r}: p50 ms, p95 ms")
    for engine, url in urls.items():
        taken = run("reindex", home, url, limit=limit)
        figures = f"{count / taken['seconds']:>11,.0f}{taken['own']:>9.0f}{taken['peak']:>12.0f}"
        print(f"{engine:34}{figures}   {taken['p50']:.1f}, {taken['p95']:.1f}", flush=True)


@contextmanager
def engines(names: list[str], keep: Path | None = None) -> Iterator[dict[str, str]]:
    """Yields the address of each engine; runs a real Elasticsearch meanwhile if it is named, with its data in `keep`.

    Its virtual machine has its own defaults, and not the tests', which trade speed for a fast start.
    """
    urls = {"embedded": "embedded:"}
    if "elasticsearch" not in names:
        yield urls
        return
    sys.path.insert(0, str(ROOT))
    from tests.support.elasticsearch.distribution import NotAvailableError
    from tests.support.elasticsearch.server import Server

    try:
        server = Server(heap="1g", options="", folder=keep)
    except NotAvailableError as error:
        print(f"Elasticsearch: SKIPPED, {error}")
        yield urls
        return
    try:
        server.start()
        yield {each: urls.get(each, server.url) for each in names}
    finally:
        server.remove()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--reindexed", type=int, default=10_000)
    parser.add_argument("--engines", nargs="+", default=["embedded", "elasticsearch"])
    parser.add_argument("--limit", type=int, metavar="MB")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, engines(options.engines) as urls:
        home = filled(options.keep or Path(folder), options.articles)
        kind = "of the corpus" if CORPUS.exists() else "of the newsstand"
        length = statistics.mean(sum(map(len, paragraphs)) for _, _, paragraphs in texts()[: options.articles])
        print(f"{options.articles:,} articles {kind}, {length:,.0f} characters each", flush=True)
        if "elasticsearch" in urls:
            elasticsearch_rounds(home, urls["elasticsearch"], options.articles)
        if "embedded" in urls:
            embedded_rounds(home, options.articles)
        reindexes(filled(options.keep or Path(folder), options.reindexed), urls, options.reindexed, options.limit)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        kind, home, url, size = sys.argv[2:]
        print(json.dumps(KINDS[kind](Path(home), url, size)))
    else:
        main()
