"""Writing to Elasticsearch: bulks of some megabytes, and for every item of an answer exactly one meaning.

    2xx                          done (a deletion of what is not there too)
    409                          stale: the index holds a later version
    429, 5xx, no connection      sent again, later and later, while patience lasts; then UnavailableError: the cursor
    waits
    401, key not to be read      so too: a server that has just started cannot look a key up for a moment
    400, 413 of one document     refused: a dead letter with the reason
    401, 403, a block, no index  UnavailableError at once, with the remedy

The client's own bulk helpers give up at the first of several of these, or hide it (facts: nothing is repeated unless
three settings agree, a connection that breaks ends them, a 413 damns a whole chunk), so this reads answers itself.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from elasticsearch import ApiError, Elasticsearch

from indexer.contract import (
    Deletion,
    IndexWriter,
    ItemResult,
    Outcome,
    UnavailableError,
)
from indexer.documents import Document
from indexer.elastic.mapping import source
from indexer.elastic.requests import (
    OVERLOADED,
    OverloadedError,
    cause,
    in_sentences,
    sentence,
)

CHUNK_BYTES = 8_000_000
"""A bulk request holds no more than this, unless a single document does."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 15.0
"""Seconds before a request is sent again: doubled each time, less up to a half by lot."""
WAIT = 30.0
"""Seconds that the cluster itself waits for a copy of the index that can be written; less than the client waits."""
ANSWER = "errors,items.*.status,items.*.error"
"""The parts of a bulk's answer that are read; items come in the order in which they were sent."""
NOT_THE_DOCUMENTS = frozenset({"index_closed_exception", "cluster_block_exception"})
"""Errors with a status of 400 that say nothing about the document."""


@dataclass(frozen=True, slots=True, eq=False)
class BulkLine:
    """One item of a bulk: whose it is, its version, whether it deletes, and the lines that are sent for it."""

    id: str
    seq: int
    deletes: bool
    sent: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """The cluster and the index that is written to. `gate` is an alias that stands on this index alone: a bulk to an
    alias that is gone fails, where one to an index that is gone would make a new one without our mapping."""

    client: Elasticsearch
    url: str
    gate: str
    fields: frozenset[str]


class Writer(IndexWriter[BulkLine]):
    """`contract.IndexWriter` on Elasticsearch."""

    def __init__(self, target: Target, *, patience: float, sleep: Callable[[float], None] = time.sleep) -> None:
        self._target = target
        self._patience = patience
        self._sleep = sleep
        self._deleted: dict[str, int] = {}
        self.wrote = False

    def prepare(self, item: Document | Deletion) -> BulkLine:
        """See `IndexWriter.prepare`."""
        version = {"_id": item.id, "version": item.seq, "version_type": "external_gte"}
        head = orjson.dumps({"delete" if isinstance(item, Deletion) else "index": version}) + b"\n"
        if isinstance(item, Deletion):
            return BulkLine(item.id, item.seq, True, head)
        return BulkLine(item.id, item.seq, False, head + source(item, self._target.fields) + b"\n")

    def send(self, batch: Sequence[BulkLine]) -> list[ItemResult]:
        """See `IndexWriter.send`. What is acknowledged is in the translog on every copy (`durability: request`)."""
        results: dict[BulkLine, ItemResult] = {}
        lines = []
        for line in batch:
            if line.seq < self._deleted.get(line.id, 0):
                results[line] = ItemResult(line.id, Outcome.STALE)
            else:
                if line.deletes:
                    self._deleted[line.id] = line.seq  # Elasticsearch forgets a deletion's version after a minute
                lines.append(line)
        for chunk in chunks(lines, CHUNK_BYTES):
            for line, (outcome, reason) in self._send_patiently(chunk):
                results[line] = ItemResult(line.id, outcome, reason)
                self.wrote = True
        return [results[line] for line in batch]

    def commit(self) -> None:
        """See `IndexWriter.commit`: nothing is left to do."""

    def _send_patiently(self, lines: list[BulkLine]) -> Iterator[tuple[BulkLine, tuple[Outcome, str | None]]]:
        """Send a chunk until every item of it has come to an end. Raises UnavailableError when patience has."""
        deadline = time.monotonic() + self._patience
        pause = FIRST_PAUSE
        while lines:
            again: list[BulkLine] = []
            why: UnavailableError | None = None
            try:
                for line, meaning in self._send_once(lines):
                    if isinstance(meaning, UnavailableError):
                        again.append(line)
                        why = meaning
                    else:
                        yield line, meaning
            except OverloadedError as error:
                again, why = lines, error
            if why is not None and time.monotonic() + pause > deadline:
                raise why
            lines = again
            if lines:
                self._sleep(pause * random.uniform(0.5, 1.0))
                pause = min(LONGEST_PAUSE, 2 * pause)

    def _send_once(self, lines: list[BulkLine]) -> list[tuple[BulkLine, tuple[Outcome, str | None] | OverloadedError]]:
        """Send one request; too large a one in halves. Raises UnavailableError where it failed as a whole."""
        target = self._target
        try:
            with in_sentences(target.url):
                answer = target.client.bulk(
                    index=target.gate,
                    operations=[line.sent for line in lines],  # type: ignore[misc]  # ready-made, which it takes
                    require_alias=True,
                    filter_path=ANSWER,
                    timeout=f"{min(WAIT, self._patience):.0f}s",
                    include_source_on_error=False,
                )
        except ApiError as error:  # a 404 or 409, which a bulk as a whole does not give
            raise sentence(target.url, error.status_code, error.body) from error
        except UnavailableError as error:
            if getattr(error.__cause__, "status_code", None) != 413:
                raise
            if len(lines) == 1:
                size = len(lines[0].sent)
                return [(lines[0], (Outcome.REFUSED, f"its {size} bytes are more than Elasticsearch takes at once"))]
            half = len(lines) // 2
            return self._send_once(lines[:half]) + self._send_once(lines[half:])
        if not answer["errors"]:
            return [(line, (Outcome.DONE, None)) for line in lines]
        items = [next(iter(item.values())) for item in answer["items"]]
        return [(line, self._meaning(line, item)) for line, item in zip(lines, items, strict=True)]

    def _meaning(self, line: BulkLine, item: Any) -> tuple[Outcome, str | None] | OverloadedError:
        """What became of one item, or why it is to be sent again. Raises UnavailableError where all must stop."""
        status = int(item["status"])
        if status < 300 or (status == 404 and line.deletes and "error" not in item):
            return Outcome.DONE, None
        if status == 409:
            return Outcome.STALE, None
        kind, reason = cause(item.get("error"))
        if status == 404:
            raise UnavailableError(f"The index behind {self._target.gate} is gone: {reason}. Run `kliping reindex`.")
        if status in (400, 413) and kind not in NOT_THE_DOCUMENTS:
            return Outcome.REFUSED, f"{kind}: {reason}"
        problem = sentence(self._target.url, status, item.get("error"))
        if status in OVERLOADED and isinstance(problem, OverloadedError):
            return problem
        raise problem


def chunks(lines: Sequence[BulkLine], size: int) -> Iterator[list[BulkLine]]:
    """The lines in their order, in pieces of at most `size` bytes; a line that is longer goes alone."""
    piece: list[BulkLine] = []
    total = 0
    for line in lines:
        if piece and total + len(line.sent) > size:
            yield piece
            piece, total = [], 0
        piece.append(line)
        total += len(line.sent)
    if piece:
        yield piece
