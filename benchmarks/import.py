"""How many WARC records a second are imported, and whether memory stays flat from 1,000 to 100,000 records.

    .venv/bin/python benchmarks/import.py [--records 1000 100000] [--workers N]

The WARC is made here, one gzip member for each record: the newsstand's pages, and the real ones of ../shared/pages if
present, each record with its own address; nine of ten belong to a known publisher. Ours is the whole import: every
record is inflated, its digest verified, read into an article, saved with its version, and copied into our own file. The
peers only parse the same file's records, on one core: bare FastWARC, and warcio. Each run is its own process; memory is
the peak of parent and readers together (their resident sets; shared pages count twice).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
FOREIGN = 10
"""One record in this many belongs to an unknown publisher."""


def templates() -> list[tuple[str, bytes]]:
    """Address and page of each template, the newsstand's first."""
    from newsstand.desk import Desk
    from newsstand.stories import load_stories

    desk = Desk(load_stories())
    found = [(story.url, desk.article(story).body) for story in load_stories() if story.outlet == "www"]
    for label in sorted((SHARED / "labels").glob("antara-*.json")):
        page = SHARED / "pages" / f"{label.stem}.html"
        if page.exists():
            found.append((json.loads(label.read_text(encoding="utf-8"))["url"], page.read_bytes()))
    return found


def make(path: Path, records: int) -> None:
    """Write a WARC file with so many pages."""
    from fastwarc.stream_io import GzipWriter
    from fastwarc.warc import WarcRecord, WarcRecordType

    texts = templates()
    with path.open("wb") as file:
        for number in range(records):
            url, body = texts[number % len(texts)]
            new = re.sub(r"(?<=/berita/)\d+", str(1_000_000 + number), url)
            if number % FOREIGN == FOREIGN - 1:
                new = f"https://elsewhere{number % 977}.example/berita/{number}"
            content = body.replace(url.encode(), new.encode())
            record = WarcRecord()
            record.init_headers(WarcRecordType.response)
            record.headers["WARC-Target-URI"] = new
            record.headers["WARC-Date"] = "2026-11-20T03:04:05Z"
            record.is_http = True
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(content)
            record.set_bytes_content(head + content)
            writer = GzipWriter(file, compression_level=4)
            record.write(writer, checksum_data=True)
            writer.finish()


def ours(path: Path, workers: int) -> int:
    """Import the file into a new archive; returns the number of records read."""
    from datetime import UTC, datetime

    from archive.database import Archive
    from ingest.bulk import BulkImport, FileToImport
    from ingest.pool import ReaderPool
    from ingest.run import begin_import

    with tempfile.TemporaryDirectory() as home:
        url = f"sqlite:///{Path(home) / 'archive.sqlite3'}"
        with (
            Archive.open(url, Path(home)) as archive,
            begin_import(archive, software="benchmark", lease_seconds=600, now=datetime.now(UTC)) as run,
            ReaderPool(workers) as readers,
        ):
            bulk = BulkImport(run, readers, lease_seconds=600, report_progress=lambda *_: None)
            report = bulk.import_file(FileToImport(path))
        assert report.state == "done", report
        good = report.counts.get("stored", 0) + report.counts.get("skipped:unknown-publisher", 0)
        assert good == report.read_now, report.counts
        return report.read_now


def bare_fastwarc(path: Path, _workers: int) -> int:
    """Parse WARC and HTTP headers and read each content."""
    from fastwarc.warc import ArchiveIterator

    with path.open("rb") as file:
        return sum(1 for record in ArchiveIterator(file, parse_http=True) if record.reader.read() is not None)


def warcio(path: Path, _workers: int) -> int:
    """The same with warcio."""
    from warcio.archiveiterator import ArchiveIterator

    with path.open("rb") as file:
        return sum(1 for record in ArchiveIterator(file) if record.content_stream().read() is not None)


KINDS: dict[str, Callable[[Path, int], int]] = {
    "kliping: the whole import": ours,
    "bare FastWARC: parse alone": bare_fastwarc,
    "warcio: parse alone": warcio,
}


def descendants(pid: int) -> Iterator[int]:
    """All descendants of a process."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from descendants(child)


def resident(pid: int) -> int:
    """A process's resident memory in bytes; 0 if it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def measure(kind: str, path: Path, workers: int) -> None:
    """One run in this process; prints records, seconds, and peaks in MB: this process, the largest child, and all."""
    peaks = [0, 0, 0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            below = [resident(child) for child in descendants(os.getpid())]
            own = resident(os.getpid())
            for at, value in enumerate((own, max(below, default=0), own + sum(below))):
                peaks[at] = max(peaks[at], value)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    started_at = time.perf_counter()
    records = KINDS[kind](path, workers)
    seconds = time.perf_counter() - started_at
    ended.set()
    watching.join()
    print(json.dumps([records, seconds, *(peak / 1e6 for peak in peaks)]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--kind", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.kind:
        measure(options.kind, options.path, options.workers)
        return
    kinds = list(KINDS)
    if importlib.util.find_spec("warcio") is None:
        print("warcio is not installed, so its row is missing: pip install -r requirements-bench.txt")
        kinds.remove("warcio: parse alone")
    print(f"{len(templates())} different pages, {options.workers} readers on {os.cpu_count()} cores; peaks in MB\n")
    columns = ("records", "records/s", "MB/s", "parent", "reader", "together")
    print(f"{'':28}" + "".join(f"{name:>11}" for name in columns))
    with tempfile.TemporaryDirectory() as folder:
        for records in options.records:
            path = Path(folder) / f"{records}.warc.gz"
            make(path, records)
            for kind in kinds:
                command = [sys.executable, __file__, "--kind", kind, "--path", str(path)]
                command += ["--workers", str(options.workers)]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
                read, seconds, *peaks = json.loads(done.stdout)
                rate = path.stat().st_size / 1e6 / seconds
                shown = f"{read:>11,}{read / seconds:>11,.0f}{rate:>11.1f}" + "".join(f"{p:>11.0f}" for p in peaks)
                print(f"{kind:28}{shown}", flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
