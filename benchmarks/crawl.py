"""How many pages a second a whole crawl handles, beside a bare Scrapy spider that only downloads them.

    .venv/bin/python benchmarks/crawl.py [--pages 3000] [--rounds 5]

A site on loopback, in its own process, serves the newsstand's articles under `--pages` addresses, several times faster
than either crawl requests them. Both crawls run in turn with the same concurrency, without delay, AutoThrottle and
retries; ours reads robots.txt and a sitemap, keeps each page in WARC, extracts, normalises and archives it. Seconds are
from the opening of the spider to its close; the ratio is computed for each round. One more round of ours, not counted
above, shows where its time goes.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CONCURRENCY = 16
HOST = "www.newsstand.test"
FIRST_NUMBER = 1_000_001
HERE = Path(__file__).resolve()


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        _CHILDREN[options.child[0]](*options.child[1:])
        return
    with site(options.pages) as port:
        alone = [in_child("client", port, options.pages)["rate"] for _ in range(3)]
        rounds = [
            (in_child("bare", port, options.pages), our_crawl(port, options.pages)) for _ in range(options.rounds)
        ]
        spent = our_crawl(port, options.pages, spent=True)["spent"]
    bare, ours = [one["rate"] for one, _ in rounds], [other["rate"] for _, other in rounds]
    ratios = [mine / peer for peer, mine in zip(bare, ours, strict=True)]
    size = statistics.mean(len(page) for page in pages(45).values())
    print(f"{options.pages} pages of {size / 1000:.1f} kB, {options.rounds} rounds, concurrency {CONCURRENCY}\n")
    print(f"{'':34}{'pages/s':>9}{'least':>9}{'most':>9}")
    for name, rates in (
        ("the site alone", alone),
        ("bare Scrapy, downloads only", bare),
        ("kliping, the whole crawl", ours),
    ):
        print(f"{name:34}{statistics.median(rates):9.0f}{min(rates):9.0f}{max(rates):9.0f}")
    print(f"\nkliping / bare Scrapy: median {statistics.median(ratios):.0%}, {min(ratios):.0%} to {max(ratios):.0%}")
    print(f"the site alone / bare Scrapy: {statistics.median(alone) / statistics.median(bare):.1f} times")
    busy = [statistics.median(each[at]["busy"] for each in rounds) for at in (0, 1)]
    print(f"processor ms a page: bare Scrapy {busy[0]:.2f}, kliping {busy[1]:.2f}")
    parts = ", ".join(f"{name} {share:.2f}" for name, share in sorted(spent.items(), key=lambda each: -each[1]))
    print(f"ms a page of ours: {parts}")


def pages(count: int) -> dict[str, bytes]:
    """Path and page of `count` articles, each with its own address and canonical link."""
    from newsstand.stories import Outlet, load_stories
    from newsstand.www import render

    stories = [story for story in load_stories() if story.outlet is Outlet.WWW and len(story.pages) == 1]
    made = {}
    for index in range(count):
        story = stories[index % len(stories)]
        number = FIRST_NUMBER + index
        own = render(story, 1, stories[:5]).replace(story.path, f"/berita/{number}/judul")
        made[f"/berita/{number}/judul"] = own.encode()
    return made


# --- the site ---------------------------------------------------------------------------------------------------------


class Site(asyncio.Protocol):
    """Answers GET from a dictionary; one object for each connection, which is kept alive."""

    answers: dict[bytes, bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            answer = self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            self._transport.write(answer)  # type: ignore[attr-defined]  # asyncio passes a writing transport


def serve(descriptor: str, count: str) -> None:
    """The site's process: serves on a listening socket of its parent until the parent kills it."""

    def answer(kind: str, body: bytes) -> bytes:
        return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    made = pages(int(count))
    entries = "".join(f"<url><loc>http://{HOST}{path}</loc></url>" for path in made)
    sitemap = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()
    Site.answers = {path.encode(): answer("text/html; charset=utf-8", page) for path, page in made.items()}
    Site.answers[b"/sitemap.xml"] = answer("application/xml", sitemap)
    Site.answers[b"/robots.txt"] = answer("text/plain", b"User-agent: *\nDisallow: /cari\n")

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Site, sock=socket.socket(fileno=int(descriptor)))
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def site(count: int) -> Iterator[int]:
    """Run the site in its own process; yields its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        command = [sys.executable, str(HERE), "--child", "serve", str(listening.fileno()), str(count)]
        process = subprocess.Popen(command, pass_fds=[listening.fileno()])
        try:
            yield listening.getsockname()[1]
        finally:
            process.kill()
            process.wait()


# --- the three clients ------------------------------------------------------------------------------------------------


def client(port: str, count: str) -> None:
    """The site's own speed: connections that read answers and do nothing with them."""
    paths = [f"/berita/{FIRST_NUMBER + place}/judul" for place in range(int(count))]

    async def ask(mine: list[str]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        for path in mine:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        writer.close()
        await writer.wait_closed()

    async def ask_all() -> float:
        started_at = time.perf_counter()
        await asyncio.gather(*(ask(paths[place::CONCURRENCY]) for place in range(CONCURRENCY)))
        return time.perf_counter() - started_at

    print(json.dumps({"rate": len(paths) / asyncio.run(ask_all())}))


def bare(port: str, count: str) -> None:
    """A spider that only downloads and counts."""
    import scrapy
    from scrapy.crawler import CrawlerProcess

    class Bare(scrapy.Spider):
        name = "bare"
        seen = 0

        async def start(self) -> Any:
            for place in range(int(count)):
                yield scrapy.Request(f"http://127.0.0.1:{port}/berita/{FIRST_NUMBER + place}/judul", dont_filter=True)

        def parse(self, response: Any) -> None:
            assert response.status == 200
            Bare.seen += 1

    settings = {"CONCURRENT_REQUESTS": CONCURRENCY, "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY, "DOWNLOAD_DELAY": 0}
    settings |= {
        "ROBOTSTXT_OBEY": False,
        "LOG_LEVEL": "WARNING",
        "TELNETCONSOLE_ENABLED": False,
        "RETRY_ENABLED": False,
    }
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(Bare)
    process.crawl(crawler)
    started_at = time.process_time()
    process.start()
    busy = time.process_time() - started_at
    assert crawler.stats is not None
    assert Bare.seen == int(count), Bare.seen
    rate = int(count) / crawler.stats.get_value("elapsed_time_seconds")
    print(json.dumps({"rate": rate, "busy": 1000 * busy / int(count)}))


def our_crawl(port: int, count: int, *, spent: bool = False) -> dict[str, Any]:
    """One crawl by Kliping into a new archive."""
    with tempfile.TemporaryDirectory() as home:
        mine = {
            "KLIPING_HOME": home,
            "KLIPING_FETCH_FROM": json.dumps({"newsstand.test": f"http://127.0.0.1:{port}"}),
            "KLIPING_CONCURRENCY": str(CONCURRENCY),
            "KLIPING_AUTOTHROTTLE": "false",
            "KLIPING_RETRY_TIMES": "0",
            "KLIPING_SOURCES__NEWSSTAND__DELAY": "0",
            "KLIPING_SOURCES__NEWSSTAND__FEEDS": "[]",
            "KLIPING_SOURCES__NEWSSTAND__SITEMAPS": json.dumps([f"http://{HOST}/sitemap.xml"]),
        }
        return in_child("ours", port, count, home, *(["spent"] if spent else []), environment=mine)


def ours(_port: str, count: str, home: str, spent: str = "") -> None:
    """Run `python -m crawler newsstand`, and print what its run report says."""
    took = _measured() if spent else {}
    from crawler.__main__ import main as crawl

    sys.argv = ["crawler", "newsstand"]
    started_at = time.process_time()
    crawl()
    busy = time.process_time() - started_at
    from archive import runs
    from archive.database import Archive

    with Archive.open(f"sqlite:///{home}/archive.sqlite3", Path(home)) as archive:
        report = runs.latest(archive, "newsstand")
    assert report is not None
    assert report.outcomes == {"stored": int(count)}, report
    assert report.ended_at is not None
    seconds = (report.ended_at - report.started_at).total_seconds()
    if took:
        took["archive"] -= took["WARC"]  # which is part of it
    shares = {name: 1000 * each / int(count) for name, each in took.items()}
    shares["Scrapy and the rest"] = 1000 * seconds / int(count) - sum(shares.values())
    print(json.dumps({"rate": int(count) / seconds, "busy": 1000 * busy / int(count), "spent": shares}))


def _measured() -> dict[str, float]:
    """Measure the steps of a crawl; returns a mapping that collects the seconds of each."""
    import crawler.pipelines
    import crawler.spiders.source
    from archive.warc.writing import WarcWriter
    from crawler.outcome_batch import OutcomeBatch

    took: dict[str, float] = defaultdict(float)

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*arguments: Any, **named: Any) -> Any:
            started_at = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                took[name] += time.perf_counter() - started_at

        return run

    crawler.spiders.source.extract = timed("extract", crawler.spiders.source.extract)
    crawler.pipelines.normalise = timed("normalise", crawler.pipelines.normalise)
    crawler.outcome_batch.gzip_member = timed("WARC", crawler.outcome_batch.gzip_member)
    WarcWriter.write_members = timed("WARC", WarcWriter.write_members)  # type: ignore[method-assign]
    OutcomeBatch.flush = timed("archive", OutcomeBatch.flush)  # type: ignore[method-assign]
    return took


def in_child(role: str, *arguments: object, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """Run one part of the benchmark in its own process; returns the JSON of its last line."""
    done = subprocess.run(
        [sys.executable, str(HERE), "--child", role, *map(str, arguments)],
        env=os.environ | (environment or {}),
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        sys.exit(done.stderr[-4000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


_CHILDREN: dict[str, Callable[..., None]] = {"serve": serve, "client": client, "bare": bare, "ours": ours}

if __name__ == "__main__":
    main()
