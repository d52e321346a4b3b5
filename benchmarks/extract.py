"""Reading pages, beside trafilatura, news-please and newspaper4k: accuracy on real pages, and the time for a page.

    .venv/bin/python benchmarks/extract.py              # the first run installs the peers into .venv-peers
    .venv/bin/python benchmarks/extract.py --by-page    # also each page's size, times and words

Every reader reads every page of both sets (../shared/pages and the newer ../shared/round2/pages) in each round, in turn
on one core, so that changes of the machine's speed affect all alike. At each turn every reader is at another page: else
the second of our two would find the first one's page in our caches. A page's cost is its median over the rounds, in
processor time, and a reader's cost is the median over the pages. Ours goes from bytes to an Article: by the source's
description if there is one, and by the fallback. The peers get decoded text, in a process of their own whose sockets
are closed.

"faster" is trafilatura's cost divided by the reader's: over all pages, then over the pages whose text trafilatura
returned, within a quarter of the label's words. Where its first way finds too little it tries others, some of them
slow, so that pages on which it returns too little or much else must not make us look fast.

The scorer of ../shared/tools judges all alike; a peer's time without a zone counts as WIB, in its favour. "wrong" is
the share of the values given that are wrong. Exit status 1 if our claims do not hold on each set, over all pages: 6
times faster than trafilatura, 15 times faster than news-please, and no peer more accurate than our fallback.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
PEERS = ROOT / ".venv-peers"
_ROUNDS = 5
_RIVAL = "trafilatura"
_WITHIN = 0.25
"""Share of the label's words that may be missing, or be too many, where a peer returned the article's text."""
_TIMES_FASTER = {"trafilatura": 6, "news-please": 15}
_SETS = ("", "round2")
"""Folders of ../shared with pages and labels."""
_WIB = timezone(timedelta(hours=7))

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A real page and the article expected of it."""

    name: str
    file: Path
    label: dict[str, Any]

    @property
    def url(self) -> str:
        return str(self.label["url"])


@dataclass(slots=True)
class Reader:
    """One reader: its answers by page, and the processor seconds of each page in each round."""

    name: str
    read: Callable[[LabelledPage], tuple[Answer, float]]
    answers: dict[str, Answer] = field(default_factory=dict)
    costs: dict[str, list[float]] = field(default_factory=dict)

    def of_page(self, page: LabelledPage) -> float:
        """Milliseconds of one page."""
        return statistics.median(self.costs[page.name]) * 1e3

    def cost(self, pages: list[LabelledPage]) -> float:
        """Milliseconds of a page: the median of these pages."""
        return statistics.median(map(self.of_page, pages))

    def words(self, page: LabelledPage) -> int:
        """The words of the text that it returned for a page."""
        return sum(len(paragraph.split()) for paragraph in self.answers[page.name].get("body") or [])


def main() -> int:
    if not SHARED.is_dir():
        print("extract: SKIPPED, it needs ../shared/pages, which is missing")
        return os.environ.get("CI") == "true"
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    worker = _peers()
    holds = [_compare(name, worker, by_page="--by-page" in sys.argv) for name in _SETS]
    worker.terminate()
    worker.wait()
    return 0 if all(holds) else 1


def _compare(name: str, worker: subprocess.Popen[str], *, by_page: bool) -> bool:
    """Read one set with every reader and print the table. Returns whether our claims hold on it."""
    pages = _pages(SHARED / name)
    ours = [Reader("kliping, by source", _ours(by_source=True)), Reader("kliping, fallback", _ours(by_source=False))]
    peers = [Reader(name, _peer(worker, name)) for name in _PEERS]
    readers = [*ours, *peers]
    apart = max(1, len(pages) // len(readers))
    for _ in range(_ROUNDS):
        for turn in range(len(pages)):
            for place, reader in enumerate(readers):
                page = pages[(turn + place * apart) % len(pages)]
                answer, seconds = reader.read(page)
                reader.answers[page.name] = answer
                reader.costs.setdefault(page.name, []).append(seconds)
    scores = _scores(pages, readers)
    print(f"../shared/{f'{name}/' if name else ''}pages")
    if by_page:
        _print_pages(pages, readers)
    _print(pages, readers, scores)
    return _holds(pages, ours, peers, scores)


def _pages(folder: Path) -> list[LabelledPage]:
    labels = sorted((folder / "labels").glob("*.json"))
    return [
        LabelledPage(label.stem, folder / "pages" / f"{label.stem}.html", json.loads(label.read_text(encoding="utf-8")))
        for label in labels
    ]


def _ours(*, by_source: bool) -> Callable[[LabelledPage], tuple[Answer, float]]:
    from archive.records import Rejected
    from reading.article import normalise
    from reading.extract.page import extract
    from sources import for_url

    def read(page: LabelledPage) -> tuple[Answer, float]:
        content = page.file.read_bytes()
        source = for_url(page.url) if by_source else None
        started_at = time.process_time()
        try:
            raw = extract(content, url=page.url, source=source)
            article = normalise(raw, source=source, url=page.url, fetched_at=None)
        except Rejected as refusal:
            return {"rejected": refusal.reason}, time.process_time() - started_at
        seconds = time.process_time() - started_at
        return article.as_json(), seconds

    return read


def _peers() -> subprocess.Popen[str]:
    """Start the peers' process, in an environment of their own that the first run makes."""
    requirements = ROOT / "requirements-peers.txt"
    python, installed = PEERS / "bin" / "python", PEERS / "installed.txt"
    if not installed.is_file() or installed.read_bytes() != requirements.read_bytes():
        print("extract: installing the peers into .venv-peers …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(PEERS)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*install, "-r", str(requirements)], check=True)
        installed.write_bytes(requirements.read_bytes())
    return subprocess.Popen(
        [str(python), __file__, "--peers"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
    )  # fmt: skip


def _peer(worker: subprocess.Popen[str], name: str) -> Callable[[LabelledPage], tuple[Answer, float]]:
    def read(page: LabelledPage) -> tuple[Answer, float]:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(json.dumps({"peer": name, "file": str(page.file), "url": page.url}) + "\n")
        worker.stdin.flush()
        line = worker.stdout.readline()
        if not line:
            raise SystemExit(f"extract: the peers' process ended while {name} read {page.name}")
        reply = json.loads(line)
        return reply["article"], reply["seconds"]

    return read


def _scores(pages: list[LabelledPage], readers: list[Reader]) -> dict[str, dict[str, float]]:
    """The mean score of each field by reader, of all fields as "all", and the share of wrong values as "wrong"."""
    scorer = _scorer()
    found: dict[str, dict[str, float]] = {}
    for reader in readers:
        rows = [scorer.score(page.label, reader.answers[page.name]) for page in pages]
        means = {name: statistics.fmean(row[name] for row in rows) for name in scorer.FIELDS}
        given = [row[name] for page, row in zip(pages, rows, strict=True) for name in _given(scorer, reader, page)]
        wrong = sum(score < 1 for score in given) / max(1, len(given))
        found[reader.name] = means | {"all": statistics.fmean(means.values()), "wrong": wrong}
    return found


def _given(scorer: ModuleType, reader: Reader, page: LabelledPage) -> set[str]:
    """The fields for which the reader gives a value."""
    given: set[str] = scorer.given(reader.answers[page.name])
    return given


def _scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_pages", SHARED / "tools" / "score_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_SHOWN = ("all", "wrong", "title", "published_at", "authors", "editors", "caption", "body")


def _rival(readers: list[Reader]) -> Reader:
    return next(each for each in readers if each.name == _RIVAL)


def _returned(rival: Reader, page: LabelledPage) -> bool:
    """Whether the rival returned the page's text; a gallery has none."""
    words = int(page.label.get("body_words") or 0)
    return words > 0 and abs(rival.words(page) - words) <= _WITHIN * words


def _print_pages(pages: list[LabelledPage], readers: list[Reader]) -> None:
    rival = _rival(readers)
    names = "".join(f"{each.name.removeprefix('kliping, '):>13s}" for each in readers)
    print(f"{'page':26s}{'kB':>6s}{names}{'words':>8s}{_RIVAL + chr(39) + 's words':>21s}")
    for page in pages:
        times = "".join(f"{each.of_page(page):13.2f}" for each in readers)
        words, found = int(page.label.get("body_words") or 0), rival.words(page)
        other = "" if _returned(rival, page) else "  other text"
        print(f"{page.name:26s}{page.file.stat().st_size / 1e3:6.0f}{times}{words:8d}{found:21d}{other}")
    print("milliseconds of each reader\n")


def _print(pages: list[LabelledPage], readers: list[Reader], scores: Mapping[str, Mapping[str, float]]) -> None:
    from sources import for_url

    described = sum(for_url(page.url) is not None for page in pages)
    rival = _rival(readers)
    returned = [page for page in pages if _returned(rival, page)]
    print(
        f"{len(pages)} real pages, {described} of them of a described source; {_RIVAL} returned the text of "
        f"{len(returned)}; {_ROUNDS} rounds in turn, one core"
    )
    heads = ("ms a page", "faster: all", f"its {len(returned)}")
    print(f"{'reader':20s}" + "".join(f"{head:>13s}" for head in heads) + "".join(f"{name:>13s}" for name in _SHOWN))
    for each in readers:
        faster = [rival.cost(some) / each.cost(some) if some else 0.0 for some in (pages, returned)]
        print(
            f"{each.name:20s}{each.cost(pages):13.2f}"
            + "".join(f"{ratio:13.2f}" for ratio in faster)
            + "".join(f"{scores[each.name][name]:13.2f}" for name in _SHOWN)
        )
    print(
        f"faster: {_RIVAL}'s milliseconds divided by the reader's, over all pages, then over those whose text it "
        "returned; all: the mean of the scorer's nine fields; wrong: of the values given\n"
    )


def _holds(
    pages: list[LabelledPage], ours: list[Reader], peers: list[Reader], scores: Mapping[str, Mapping[str, float]]
) -> bool:
    slowest = max(each.cost(pages) for each in ours)
    claims = {
        f"{times} times faster than {peer.name} (ours at its slower: {peer.cost(pages) / slowest:.1f})": (
            peer.cost(pages) >= times * slowest
        )
        for peer in peers
        if (times := _TIMES_FASTER.get(peer.name))
    }
    fallback = scores[ours[1].name]["all"]
    claims["no peer is more accurate than the fallback"] = all(scores[each.name]["all"] <= fallback for each in peers)
    for claim, holds in claims.items():
        if not holds:
            print(f"does not hold: {claim}")
    print()
    return all(claims.values())


# The rest runs in the peers' environment, in which Kliping is not installed.


def _serve_peers() -> int:
    _close_sockets()
    readers = {name: make() for name, make in _PEERS.items()}
    for line in sys.stdin:
        question = json.loads(line)
        text = Path(question["file"]).read_bytes().decode("utf-8", "replace")
        started_at = time.process_time()
        article = readers[question["peer"]](text, question["url"])
        seconds = time.process_time() - started_at
        print(json.dumps({"article": article, "seconds": seconds}), file=_ANSWERS, flush=True)
    return 0


_ANSWERS = sys.stdout


def _close_sockets() -> None:
    """Prevent look-ups over the network: tldextract falls back to its bundled list."""
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise OSError("the benchmark's sockets are closed")

    socket.getaddrinfo = refuse  # type: ignore[assignment]  # closed on purpose
    socket.create_connection = refuse  # type: ignore[assignment]  # likewise
    socket.socket.connect = refuse  # type: ignore[method-assign]  # likewise


def _article(
    title: str | None, published: datetime | str | None, authors: list[str], text: str | None, image: str | None
) -> Answer:
    if isinstance(published, datetime):
        published = (published if published.tzinfo else published.replace(tzinfo=_WIB)).isoformat()
    body = [line for line in (text or "").split("\n") if line.strip()]
    images = [{"url": image, "caption": None}] if image else []
    return {
        "title": title,
        "published_at": published,
        "authors": authors,
        "editors": [],
        "body": body,
        "images": images,
    }


def _trafilatura() -> Callable[[str, str], Answer]:
    from trafilatura import bare_extraction  # type: ignore[import-not-found]  # in the peers' environment only

    def read(text: str, url: str) -> Answer:
        found = bare_extraction(text, url=url, with_metadata=True, include_comments=False)
        if found is None:
            return {}
        names = [name.strip() for name in (found.author or "").split(";") if name.strip()]
        return _article(found.title, found.date, names, found.text, found.image)

    return read


def _news_please() -> Callable[[str, str], Answer]:
    from newsplease import NewsPlease  # type: ignore[import-not-found]  # in the peers' environment only

    def read(text: str, url: str) -> Answer:
        found = NewsPlease.from_html(text, url=url, fetch_images=False)
        return _article(found.title, found.date_publish, found.authors or [], found.maintext, found.image_url)

    return read


def _newspaper4k() -> Callable[[str, str], Answer]:
    from newspaper import Article  # type: ignore[import-not-found]  # in the peers' environment only

    def read(text: str, url: str) -> Answer:
        found = Article(url, language="id", fetch_images=False)
        found.download(input_html=text)
        found.parse()
        return _article(found.title, found.publish_date, list(found.authors), found.text, found.top_image)

    return read


_PEERS: dict[str, Callable[[], Callable[[str, str], Answer]]] = {
    "trafilatura": _trafilatura,
    "newspaper4k": _newspaper4k,
    "news-please": _news_please,
}

if __name__ == "__main__":
    sys.exit(_serve_peers() if "--peers" in sys.argv else main())
