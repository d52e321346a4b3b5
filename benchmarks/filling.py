"""Made-up articles, and archives that are filled with a million of them in minutes: what benchmarks/archives.py uses.

An article has five paragraphs of a pool, so that two of a month share a paragraph now and then, as those of a desk
share background. Its band keys are those of its text: the least hashes of a text are those of its paragraphs (without
the few runs of words that span two). Every thirtieth story has two copies in other outlets, cut and with another lede;
every fiftieth article has a second version with another headline.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
from rensa import RMinHash
from sqlalchemy import make_url

from archive.articles import published_on
from archive.database import Archive
from archive.families.shingles import _MIX, BANDS, KEY_BITS, ROWS, SEED, VERSION, _runs
from archive.identity import article_id
from archive.records import Article, Precision

CHUNK = 5_000
"""Articles of one transaction."""
POOL = 20_000
PARAGRAPHS, WORDS = 5, 50
FIRST = datetime(2016, 1, 1, tzinfo=UTC)
SPAN = 1_000_000
"""Numbers from here on are articles of the years before: what an import of an old folder brings."""
OUTLETS = (("antara", "www.antaranews.com"), ("kontan", "nasional.kontan.co.id"), ("jawapos", "www.jawapos.com"))
COPIED, EDITED = 30, 50


@cache
def pool() -> Sequence[str]:
    """The paragraphs that articles are made of."""
    draw = random.Random(1)
    words = ["".join(draw.choices("aeioukmnprstbdgl", k=draw.randint(3, 9))) for _ in range(POOL)]
    return [" ".join(draw.choices(words, k=WORDS)).capitalize() + "." for _ in range(POOL)]


def paragraphs_of(number: int) -> list[int]:
    """Which paragraphs of the pool an article has. A copy has those of its story, but another lede and no end."""
    if number % COPIED in (1, 2):
        return [random.Random(-number).randrange(POOL), *paragraphs_of(number - number % COPIED)[1:-1]]
    return random.Random(number).choices(range(POOL), k=PARAGRAPHS)


def an_article(number: int, *, at: datetime | None = None) -> Article:
    """The article of a number, published five minutes after the last one, or `at` a time."""
    chosen = [pool()[each] for each in paragraphs_of(number)]
    copy = number % COPIED if number % COPIED in (1, 2) else 0
    source, host = OUTLETS[copy]
    url = f"https://{host}/berita/{number}/judul-{number}"
    return Article(
        id=article_id(url), source=source, url=url, title=" ".join(chosen[0].split()[:8]).rstrip("."),
        body=tuple(chosen), published_at=at or FIRST + timedelta(minutes=5 * number),
        published_precision=Precision.MINUTE,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of each table, in the order of their columns in `COLUMNS`."""

    of: dict[str, list[tuple[Any, ...]]]
    last: int


COLUMNS = {
    "articles": ("id", "source", "url", "seq", "version", "content_hash", "status", "published_on", "first_saved",
                 "last_saved", "last_seen", "family"),
    "versions": ("article_id", "version", "content_hash", "record", "fetched_at", "saved_at", "run_id", "reader",
                 "cause"),
    "changes": ("seq", "article_id", "kind"),
    "sketches": ("id", "article_id", "content_hash"),
    "bands": ("key", "sketch_id"),
    "families": ("id", "made_at"),
}  # fmt: skip


def rows_of(numbers: Sequence[int], seq: int, now: datetime) -> Rows:
    """The rows of articles that are saved after the change `seq`, in the order of their numbers."""
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in COLUMNS}
    sketched = []
    for number in numbers:
        article, sketch = an_article(number), seq + 1
        edited = number % EDITED == 0
        family = None
        if number % COPIED < 3:
            family = article.id if number % COPIED == 0 else an_article(number - number % COPIED).id
            if number % COPIED == 0:
                found["families"].append((family, now))
        saved = [replace(article, title=f"{article.title} 12"), article] if edited else [article]
        for at, each in enumerate(saved):
            seq += 1
            found["changes"].append((seq, article.id, "version"))
            moment = each.published_at + timedelta(hours=at)  # type: ignore[operator]
            found["versions"].append((article.id, at + 1, each.content_hash, json.dumps(each.as_json()), moment,
                                      moment, "bench", "bench", "capture"))  # fmt: skip
        digest, moment = found["versions"][-1][2], found["versions"][-1][4]
        found["articles"].append((article.id, article.source, article.url, seq, len(saved), digest, "live",
                                  published_on(article), article.published_at, moment, moment, family))  # fmt: skip
        found["sketches"].append((sketch, article.id, digest))
        sketched.append((number, sketch))
    found["bands"] = list(_bands(sketched))
    return Rows(found, seq)


@cache
def _minimums() -> Any:
    hashed = RMinHash.hash_token_sets([_runs(each.casefold().rstrip(".").split()) for each in pool()])
    matrix = RMinHash.digest_matrix_from_token_hash_sets([list(set(each)) for each in hashed], BANDS * ROWS, SEED)
    return np.array(matrix.to_rows(), dtype=np.uint64)


def _bands(sketched: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The band keys of articles, given with the numbers of their sketches, as `archive.families` makes them."""
    shape = np.array([(chosen := paragraphs_of(number)) + chosen[:1] * (PARAGRAPHS - len(chosen))
                      for number, _ in sketched])  # fmt: skip
    least = _minimums()[shape].min(axis=1).reshape(len(sketched), BANDS, ROWS)
    keys = np.broadcast_to(np.arange(1, BANDS + 1, dtype=np.uint64), (len(sketched), BANDS)).copy()
    with np.errstate(over="ignore"):
        for row in range(ROWS):
            keys = (keys ^ least[:, :, row]) * np.uint64(_MIX)
            keys ^= keys >> np.uint64(29)
    moments = [FIRST + timedelta(minutes=5 * number) for number, _ in sketched]
    months = np.array([(each.year * 12 + each.month) % 32768 for each in moments], dtype=np.uint64)
    keys = (keys & np.uint64((1 << KEY_BITS) - 1)) | (months << np.uint64(KEY_BITS))[:, None]
    owners = np.repeat([sketch for _, sketch in sketched], BANDS)
    pairs = np.unique(np.stack([keys.ravel().astype(np.int64), owners], axis=1), axis=0)
    return ((int(key), int(owner)) for key, owner in pairs)


def fill(archive: Archive, start: int, end: int) -> None:
    """Add the articles of these numbers, with log and counters. Raises what the database raises."""
    seq = archive.last_seq()
    now = datetime.now(UTC)
    write = _into_sqlite if archive.file is not None else _into_postgres
    for at in range(start, end, CHUNK):
        rows = rows_of(range(at, min(at + CHUNK, end)), seq, now)
        seq = rows.last
        write(archive, rows.of, _agreeing(seq))
    archive.engine.dispose()


def _agreeing(seq: int) -> Sequence[str]:
    """Statements that let counters and facts agree with the log up to this change."""
    names = ("seq", "sketches", "sketch")
    return [
        f"DELETE FROM counters WHERE name IN {names}",
        *(f"INSERT INTO counters (name, value) VALUES ('{name}', {seq})" for name in names),
        "DELETE FROM facts WHERE name = 'sketches'",
        f"INSERT INTO facts (name, value) VALUES ('sketches', '{VERSION}')",
    ]


def _into_sqlite(archive: Archive, rows: dict[str, list[tuple[Any, ...]]], more: Sequence[str]) -> None:
    with closing(sqlite3.connect(str(archive.file))) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-400000")
        for name, some in rows.items():
            marks = ", ".join("?" * len(COLUMNS[name]))
            connection.executemany(
                f"INSERT INTO {name} ({', '.join(COLUMNS[name])}) VALUES ({marks})", map(_for_sqlite, some)
            )
        for each in more:
            connection.execute(each)
        connection.commit()


def _for_sqlite(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(f"{each:%Y-%m-%d %H:%M:%S.%f}" if isinstance(each, datetime) else each for each in row)


def _into_postgres(archive: Archive, rows: dict[str, list[tuple[Any, ...]]], more: Sequence[str]) -> None:
    import psycopg

    url = make_url(archive.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        for name, some in rows.items():
            with cursor.copy(f"COPY {name} ({', '.join(COLUMNS[name])}) FROM STDIN") as copy:
                for row in some:
                    copy.write_row(row)
        for each in more:
            cursor.execute(each)
