"""How many articles a second follow from the archive into a new embedded index, and what memory that takes.

    .venv/bin/python benchmarks/follow.py

2,000 texts of ../shared/corpus, or made-up ones without it. The peer is a bare tantivy writer that indexes title and
body of the same texts with its default tokenizer, without reading an archive, Indonesian analysis, a second twin,
stored articles or facets. Each run is a process of its own, the two in turn; medians.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "articles.jsonl.gz"
ARTICLES = 2_000
RUNS = 3


def texts() -> list[tuple[str, list[str]]]:
    """Title and paragraphs of each text."""
    if CORPUS.exists():
        with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in islice(lines, ARTICLES)]
        return [(row["title"] or "", row["body"].split("\n")) for row in rows]
    draw = random.Random(1)
    beginnings, ends = "meng di ter ber pe ke se".split(), "kan an i nya lah".split()
    roots = ["".join(draw.choice("bcdgjklmnprst") + draw.choice("aiueo") for _ in range(2)) for _ in range(9_000)]
    words = [draw.choice((root, draw.choice(beginnings) + root, root + draw.choice(ends))) for root in roots]
    made = [draw.choices(words, weights=[1 / rank for rank in range(1, 9_001)], k=320) for _ in range(ARTICLES)]
    return [(" ".join(each[:9]), [" ".join(each[at : at + 40]) for at in range(0, 320, 40)]) for each in made]


def fill(home: Path) -> None:
    """Save the texts into an archive."""
    from archive.articles import save_article
    from archive.database import Archive
    from archive.records import Article, Precision

    now = datetime.now(UTC)
    with Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive, archive.saving() as saving:
        for number, (title, body) in enumerate(texts()):
            article = Article(
                id=f"{number:032x}",
                source="corpus",
                url=None,
                title=title,
                body=tuple(body),
                published_at=date(2020, 1, 1),
                published_precision=Precision.DAY,
            )
            save_article(saving, article, run_id="bench", fetched_at=now, page_id=None, reader="bench", now=now)


def ours(home: Path) -> float:
    """Follow into a new index; the seconds it took."""
    from archive.database import Archive
    from indexer.embedded import EmbeddedIndex
    from indexer.follow import follow

    with (
        Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive,
        tempfile.TemporaryDirectory() as folder,
    ):
        begun = time.perf_counter()
        done = follow(archive, EmbeddedIndex(Path(folder), f"bench-{random.getrandbits(32):08x}"))
        assert done.done == ARTICLES
        return time.perf_counter() - begun


def peer(_home: Path) -> float:
    """A bare writer; the seconds it took."""
    import tantivy

    given = [(title, "\n".join(body)) for title, body in texts()]
    schema = tantivy.SchemaBuilder().add_text_field("title").add_text_field("body").build()
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        writer = tantivy.Index(schema, path=folder).writer()
        for title, body in given:
            writer.add_document(tantivy.Document(title=title, body=body))
        writer.commit()
        writer.wait_merging_threads()
        return time.perf_counter() - begun


KINDS = {"kliping, from the archive": ours, "bare tantivy writer": peer}


def main() -> None:
    """Print the table."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in KINDS}
    with tempfile.TemporaryDirectory() as home:
        fill(Path(home))
        for _ in range(RUNS):
            for name in KINDS:
                command = [sys.executable, __file__, name, home]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
                taken[name].append(json.loads(done.stdout))
    print(f"{ARTICLES} {'articles of the corpus' if CORPUS.exists() else 'made-up articles'}\n")
    print(f"{'':28}{'articles/s':>12}{'peak MB':>10}")
    for name, runs in taken.items():
        seconds, memory = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"{name:28}{ARTICLES / seconds:>12.0f}{memory:>10.0f}")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:  # one run
        took = KINDS[sys.argv[1]](Path(sys.argv[2]))
        print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
