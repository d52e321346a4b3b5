"""A whole night: the service crawls many sources in child processes, saves every article, and indexes them.

    .venv/bin/python benchmarks/night.py [--sources 25] [--articles 400]

A site on loopback, in its own process, serves the sources, each on a host of its own, with a sitemap and as many
articles; no two articles are alike. The service is the one that `kliping schedule run` starts, with the same limits,
but without delays between requests. It has one window, a minute ahead; when each source's run has ended and the index
has followed, it is asked to end. Time is from that window on. Memory is that of the service and all its children
together, each shared page counted once (PSS), at its highest.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent)]
CHILD = """
import sys, sources.publishers
sources.publishers.__path__.append({folder!r})
from crawler.__main__ import main
sys.argv[0] = "crawler"
main()
"""
LONGEST = 3_600.0
"""Seconds after which a night that does not end is given up."""


def main() -> None:
    """Run one night, and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sources", type=int, default=25)
    parser.add_argument("--articles", type=int, default=400, help="of each source")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        _CHILDREN[options.child[0]](*options.child[1:])
        return
    count = options.sources * options.articles
    with site(options.sources, options.articles) as port, tempfile.TemporaryDirectory() as folder:
        home, publishers = Path(folder, "home"), Path(folder, "publishers")
        write_sources(publishers, options.sources)
        child = subprocess.Popen(
            [sys.executable, str(HERE), "--child", "service", str(publishers), str(options.sources)],
            env=os.environ | environment(home, port, options.sources),
            stdout=subprocess.PIPE,
            text=True,
        )
        peak = PeakMemory(child.pid)
        printed, _ = child.communicate(timeout=LONGEST + 60)
        if child.returncode:
            sys.exit(f"night: the service ended with {child.returncode}")
        night = json.loads(printed.splitlines()[-1])
        size = {name: bytes_in(home, pattern) for name, pattern in PARTS.items()}
    assert night["articles"] == night["indexed"] == count - len(night["not stored"]), night
    print(f"{options.sources} sources, {count:,} articles, {os.cpu_count()} processors")
    speed = count / night["crawled"]
    print(f"crawled in {night['crawled']:.0f} s ({speed:.0f} articles/s), indexed after {night['seconds']:.0f} s")
    print(f"peak memory of the service and its children: {peak.megabytes:,.0f} MB")
    for each in night["not stored"]:  # words drawn by chance may look like an offer instead of a text
        print(f"not stored: {each}")
    listed = ", ".join(f"{name} {each / count:,.0f}" for name, each in size.items())
    print(f"bytes an article: {listed}")


PARTS = {"database": "archive.sqlite3*", "kept pages": "warc/**/*", "index": "index/**/*"}


def bytes_in(home: Path, pattern: str) -> int:
    """The size of the files in a home that fit a pattern."""
    return sum(each.stat().st_size for each in home.glob(pattern) if each.is_file())


class PeakMemory:
    """Samples the memory of a process and everything below it, twice a second, until it has ended."""

    def __init__(self, pid: int) -> None:
        self.megabytes = 0.0
        self._pid = pid
        threading.Thread(target=self._sample, daemon=True).start()

    def _sample(self) -> None:
        while Path(f"/proc/{self._pid}").exists():
            self.megabytes = max(self.megabytes, sum(map(_pss, _tree(self._pid))) / 1e6)
            time.sleep(0.5)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = children.read_text().split()
        except OSError:  # the thread has ended meanwhile
            continue
        for each in below:
            yield from _tree(int(each))


def _pss(pid: int) -> int:
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:  # it has ended meanwhile
        return 0
    return 1024 * int(found[1]) if found else 0


# -- the service ------------------------------------------------------------------------------------------------------


def name_of(number: int) -> str:
    """The name of a source."""
    return f"kota{number:02}"


def write_sources(folder: Path, count: int) -> None:
    """Write a file for each source: the newsstand's, under another name and host."""
    from sources import publishers

    text = Path(next(iter(publishers.__path__)), "newsstand.py").read_text(encoding="utf-8")
    folder.mkdir()
    for number in range(count):
        own = text.replace("newsstand.test", f"{name_of(number)}.test").replace(
            r"newsstand\.test", rf"{name_of(number)}\.test"
        )
        own = own.replace('name="newsstand"', f'name="{name_of(number)}"')
        Path(folder, f"{name_of(number)}.py").write_text(own, encoding="utf-8")


def environment(home: Path, port: int, count: int) -> dict[str, str]:
    """The settings of the night."""
    names = [name_of(number) for number in range(count)]
    given = {
        "KLIPING_HOME": str(home),
        "KLIPING_FETCH_FROM": json.dumps({f"{name}.test": f"http://127.0.0.1:{port}" for name in names}),
        "KLIPING_AUTOTHROTTLE": "false",
        "KLIPING_ROUNDS": "false",
        "KLIPING_VERIFY_CRON": "never",
    }
    for name in names:
        prefix = f"KLIPING_SOURCES__{name.upper()}__"
        given |= {f"{prefix}DELAY": "0", f"{prefix}FEEDS": "[]", f"{prefix}ENABLED": "true"}
        given[f"{prefix}SITEMAPS"] = json.dumps([f"http://www.{name}.test/sitemap.xml"])
    return given


def service(publishers: str, count: str) -> None:
    """Run the service for one night, in this process; prints its figures as JSON."""
    import sources.publishers

    sources.publishers.__path__.append(publishers)
    from archive import runs
    from archive.articles import count_archive
    from archive.database import Archive
    from indexer.engines import index_of
    from kliping.cli.following import follow_quietly
    from kliping.config import load
    from scheduler.daemon import run_service
    from scheduler.timetable import TimetableEntry

    settings = load()
    at = (datetime.now(settings.zone) + timedelta(minutes=1)).replace(second=0, microsecond=0)
    names = [name_of(number) for number in range(int(count))]
    timetable = {
        name: TimetableEntry(
            source=name,
            lease=f"source:{name}",
            zone=settings.timezone,
            cron=f"{at.minute} {at.hour} * * *",
            every=None,
            configured=True,
            by_default=True,
            time_limit=LONGEST,
        )
        for name in names
    }
    settings.home.mkdir(parents=True)
    with Archive.open(settings.archive_url, settings.home) as archive:
        ended: list[datetime] = []

        def watch() -> None:
            deadline = time.monotonic() + LONGEST
            while len(ended) < len(names) and time.monotonic() < deadline:
                time.sleep(1)
                ended[:] = [run.ended_at for name in names if (run := runs.latest(archive, name)) and run.ended_at]
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=watch, daemon=True).start()
        program = (sys.executable, "-c", CHILD.format(folder=publishers))
        run_service(archive, settings, timetable, follow=lambda: follow_quietly(settings, archive), program=program)
        done = datetime.now(UTC)
        reports = [report for name in names if (report := runs.latest(archive, name)) is not None]
        others = [each for report in reports for each in report.problems]
        index = index_of(settings)
        target = index.alias_target()
        assert target is not None
        print(
            json.dumps(
                {
                    "crawled": (max(ended) - at).total_seconds(),
                    "seconds": (done - at).total_seconds(),
                    "articles": count_archive(archive).articles,
                    "not stored": [f"{each.address}: {each.outcome} {each.detail}" for each in others],
                    "indexed": index.count(target),
                }
            )
        )


# -- the site ---------------------------------------------------------------------------------------------------------


def pages(number: int, count: int) -> dict[str, bytes]:
    """Path and page of a source's articles. Every second word of each is drawn from all that the newsstand prints."""
    from newsstand.stories import Outlet, load_stories
    from newsstand.www import render

    draw = random.Random(number)
    stories = [story for story in load_stories() if story.outlet is Outlet.WWW and len(story.pages) == 1]
    known = sorted({word for story in stories for text in story.paragraphs for word in text.split() if word.isalpha()})
    made = {}
    for each in range(count):
        story = stories[each % len(stories)]
        path = f"/berita/{1_000_000 * (number + 1) + each}/judul"
        page = render(story, 1, stories[:5]).replace(story.path, path)
        for paragraph in story.paragraphs:
            words = [draw.choice(known) if draw.random() < 0.5 else word for word in paragraph.split()]
            page = page.replace(paragraph, " ".join(words))
        made[path] = page.replace("newsstand.test", f"{name_of(number)}.test").encode()
    return made


class ManyHosts(asyncio.Protocol):
    """Answers GET from a dictionary by host and path; one object for each connection, which is kept alive."""

    answers: dict[tuple[bytes, bytes], bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            host = re.search(rb"(?im)^host: *(?:www\.)?([\w.-]+)", head)
            key = (host[1] if host else b"", head.split(b" ", 2)[1])
            self._transport.write(self.answers.get(key, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))


def serve(descriptor: str, sources: str, articles: str) -> None:
    """The site's process: serves on a listening socket of its parent until the parent kills it."""

    def answer(kind: str, body: bytes) -> bytes:
        return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    ManyHosts.answers = {}
    for number in range(int(sources)):
        host = f"{name_of(number)}.test"
        made = pages(number, int(articles))
        entries = "".join(f"<url><loc>http://www.{host}{path}</loc></url>" for path in made)
        sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()
        key = host.encode()
        ManyHosts.answers |= {
            (key, path.encode()): answer("text/html; charset=utf-8", page) for path, page in made.items()
        }
        ManyHosts.answers[key, b"/sitemap.xml"] = answer("application/xml", sitemap)
        ManyHosts.answers[key, b"/robots.txt"] = answer("text/plain", b"User-agent: *\nDisallow: /cari\n")

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(ManyHosts, sock=socket.socket(fileno=int(descriptor)))
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def site(sources: int, articles: int) -> Iterator[int]:
    """Run the site in its own process; yields its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        command = [sys.executable, str(HERE), "--child", "serve", str(listening.fileno()), str(sources), str(articles)]
        process = subprocess.Popen(command, pass_fds=[listening.fileno()])
        try:
            yield listening.getsockname()[1]
        finally:
            process.kill()
            process.wait()


_CHILDREN: dict[str, Callable[..., None]] = {"serve": serve, "service": service}

if __name__ == "__main__":
    main()
