"""Reads and scores the corpus in process, with as many workers as asked for."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from archive.records import Article, Rejected
from evaluation.synthetic.corpus import WrittenPage, write_page
from evaluation.synthetic.score import PageScore, score
from reading.article import normalise
from reading.extract.page import extract


@dataclass(frozen=True, slots=True)
class Result:
    """The score of one page, without the page."""

    number: int
    name: str
    family: str
    held_out: bool
    faults: tuple[str, ...]
    score: PageScore


def read(page: WrittenPage) -> tuple[Article | None, str | None]:
    """What the readers make of a page of a publisher they do not know: an article, or the reason of its rejection."""
    label = page.label
    fetched_at = datetime.fromisoformat(label["fetched_at"]) if label["fetched_at"] else None
    try:
        raw = extract(page.content, url=label["own_url"], content_type=label["content_type"], source=None)
        return normalise(raw, source=None, url=label["own_url"], fetched_at=fetched_at), None
    except Rejected as refusal:
        return None, refusal.reason


def result_of(number: int, *, seed: int, only: str | None = None) -> Result:
    """Writes, reads and scores one page; `only` is the name of the one fault that it shall have."""
    page = write_page(seed, number, only=only)
    article, rejected = read(page)
    label = page.label
    return Result(
        number=number,
        name=page.name,
        family=label["family"],
        held_out=label["held_out"],
        faults=tuple(label["faults"]),
        score=score(label, article, rejected),
    )


def results(numbers: Sequence[int], *, seed: int, workers: int, only: str | None = None) -> Iterator[Result]:
    """The results of the pages of these numbers, in order."""
    one = partial(result_of, seed=seed, only=only)
    if workers <= 1:
        yield from map(one, numbers)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(one, numbers, chunksize=40)
