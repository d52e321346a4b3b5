"""Writes to Elasticsearch in bulks of some megabytes. Every item of a response has exactly one outcome.

    2xx                          done (also the deletion of a missing document)
    409                          stale: the index has a later version
    429, 5xx, no connection      retried with backoff until `patience` ends; then UnavailableError, the cursor stays
    401, key lookup failed       also retried: a server that has just started cannot look up keys for a moment
    400, 413 of one document     refused: a dead letter with the reason
    401, 403, a block, no index  UnavailableError at once, with the remedy
    400 of a missing pipeline    IndexRefusesError: every document would be refused

The client's own bulk helpers give up at several of these or hide them: they retry nothing unless three settings agree,
stop when a connection breaks, and fail a whole chunk for one 413. So this reads the responses itself.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from elasticsearch import ApiError, Elasticsearch

from archive import ending
from indexer.contract import Deletion, IndexRefusesError, IndexWriter, ItemResult, Outcome, UnavailableError
from indexer.documents import Document
from indexer.elastic.mapping import source
from indexer.elastic.requests import (
    OVERLOADED,
    OverloadedError,
    cause,
    error_for,
    plain_errors,
)

CHUNK_BYTES = 8_000_000
"""The largest bulk request, unless a single document is larger."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 15.0
"""Seconds before a retry: doubled each time, then reduced by a random part of up to a half."""
SERVER_WAIT = 30.0
"""Seconds that the cluster waits for a writable copy of the index; less than the client's timeout."""
RESPONSE_PARTS = "errors,items.*.status,items.*.error"
"""The parts of a bulk response that are read. Items come in the order in which they were sent."""
NOT_ABOUT_THE_DOCUMENT = frozenset({"index_closed_exception", "cluster_block_exception"})
"""Errors with status 400 that are not about the document."""

MISSING_PIPELINE = re.compile(r"pipeline with id \[([^\]]*)\] does not exist")
"""The reason of an item where the settings of its index name an ingest pipeline that the cluster lacks."""


@dataclass(frozen=True, slots=True, eq=False)
class BulkLine:
    """One item of a bulk: the article's id, its version, whether it is a deletion, and the lines to send."""

    id: str
    seq: int
    deletes: bool
    sent: bytes


@dataclass(frozen=True, slots=True)
class Target:
    """The cluster and index to write to. `write_alias` points at this index alone. A bulk to a missing alias fails,
    while a bulk to a missing index would create one without our mapping."""

    client: Elasticsearch
    url: str
    write_alias: str
    fields: frozenset[str]


class TooLargeRequestError(Exception):
    """A server, or a proxy before it, accepts no request of this size."""


class Writer(IndexWriter[BulkLine]):
    """`contract.IndexWriter` on Elasticsearch."""

    def __init__(self, target: Target, *, patience: float, sleep: Callable[[float], object] = ending.wait) -> None:
        self._target = target
        self._patience = patience
        self._sleep = sleep
        self._deleted: dict[str, int] = {}
        self._largest = CHUNK_BYTES
        """The largest request that is sent: less once a server or a proxy has refused one as too large."""
        self.wrote = False

    def prepare(self, item: Document | Deletion) -> BulkLine:
        """See `IndexWriter.prepare`."""
        version = {"_id": item.id, "version": item.seq, "version_type": "external_gte"}
        head = orjson.dumps({"delete" if isinstance(item, Deletion) else "index": version}) + b"\n"
        if isinstance(item, Deletion):
            return BulkLine(item.id, item.seq, True, head)
        return BulkLine(item.id, item.seq, False, head + source(item, self._target.fields) + b"\n")

    def send(self, batch: Sequence[BulkLine]) -> list[ItemResult]:
        """See `IndexWriter.send`. Acknowledged items are in the translog of every copy (`durability: request`)."""
        results: dict[BulkLine, ItemResult] = {}
        lines = []
        for line in batch:
            if line.seq < self._deleted.get(line.id, 0):
                results[line] = ItemResult(line.id, Outcome.STALE)
            else:
                if line.deletes:
                    self._deleted[line.id] = line.seq  # Elasticsearch forgets a deletion's version after a minute
                lines.append(line)
        for chunk in chunks(lines, self._largest):
            for line, (outcome, reason) in self._send_with_retries(chunk):
                results[line] = ItemResult(line.id, outcome, reason)
                self.wrote = True
        return [results[line] for line in batch]

    def commit(self) -> None:
        """See `IndexWriter.commit`. Does nothing, because everything sent is durable."""

    def _send_with_retries(self, lines: list[BulkLine]) -> Iterator[tuple[BulkLine, tuple[Outcome, str | None]]]:
        """Send a chunk until every item has an outcome. Raises UnavailableError when `patience` has passed."""
        deadline = time.monotonic() + self._patience
        pause = FIRST_PAUSE
        while lines:
            retries: list[BulkLine] = []
            problem: UnavailableError | None = None
            for part in self._within_limit(lines):
                try:
                    for line, outcome in self._send_once(part):
                        if isinstance(outcome, UnavailableError):
                            retries.append(line)
                            problem = outcome
                        else:
                            yield line, outcome
                except OverloadedError as error:
                    retries, problem = [*retries, *part], error
                except TooLargeRequestError:
                    half = len(part) // 2
                    self._largest = min(self._largest, max(map(_size, (part[:half], part[half:]))))
                    retries += part  # the parts that were accepted before are done
            if problem is not None and (time.monotonic() + pause > deadline or ending.asked()):
                raise problem
            lines = retries
            if lines and problem is not None:
                self._sleep(pause * random.uniform(0.5, 1.0))
                pause = min(LONGEST_PAUSE, 2 * pause)

    def _within_limit(self, lines: list[BulkLine]) -> Iterator[list[BulkLine]]:
        """The lines in requests of at most the size that is known to be accepted, which may shrink meanwhile."""
        while lines:
            part = next(chunks(lines, self._largest))
            yield part
            lines = lines[len(part) :]

    def _send_once(self, lines: list[BulkLine]) -> list[tuple[BulkLine, tuple[Outcome, str | None] | OverloadedError]]:
        """Send one request. Raises TooLargeRequestError for one of several lines, UnavailableError if it failed."""
        target = self._target
        try:
            with plain_errors(target.url):
                answer = target.client.bulk(
                    index=target.write_alias,
                    operations=[line.sent for line in lines],  # type: ignore[misc]  # encoded, which the client accepts
                    require_alias=True,
                    filter_path=RESPONSE_PARTS,
                    timeout=f"{min(SERVER_WAIT, self._patience):.0f}s",
                    include_source_on_error=False,
                )
        except ApiError as error:  # a 404 or 409, not expected for a bulk as a whole
            raise error_for(target.url, error.status_code, error.body) from error
        except UnavailableError as error:
            if getattr(error.__cause__, "status_code", None) != 413:
                raise
            if len(lines) == 1:
                size = len(lines[0].sent)
                return [(lines[0], (Outcome.REFUSED, f"its {size} bytes are more than Elasticsearch accepts at once"))]
            raise TooLargeRequestError from error
        if not answer["errors"]:
            return [(line, (Outcome.DONE, None)) for line in lines]
        items = [next(iter(item.values())) for item in answer["items"]]
        return [(line, self._outcome(line, item)) for line, item in zip(lines, items, strict=True)]

    def _outcome(self, line: BulkLine, item: Any) -> tuple[Outcome, str | None] | OverloadedError:
        """The outcome of one item, or the reason to retry it. Raises UnavailableError if no item can succeed."""
        status = int(item["status"])
        if status < 300 or (status == 404 and line.deletes and "error" not in item):
            return Outcome.DONE, None
        if status == 409:
            return Outcome.STALE, None
        kind, reason = cause(item.get("error"))
        if status == 404:
            raise UnavailableError(
                f"The index behind {self._target.write_alias} is gone: {reason}. Run `kliping reindex`."
            )
        if status == 400 and (pipeline := MISSING_PIPELINE.match(reason)):
            raise IndexRefusesError(
                f"Elasticsearch at {self._target.url} sends every document of this index through the ingest pipeline "
                f"{pipeline[1]}, which does not exist. An index template has set it: remove it there (`GET "
                "/_index_template` lists all; the settings are index.default_pipeline and index.final_pipeline), or "
                "create the pipeline."
            )
        if status in (400, 413) and kind not in NOT_ABOUT_THE_DOCUMENT:
            return Outcome.REFUSED, f"{kind}: {reason}"
        problem = error_for(self._target.url, status, item.get("error"))
        if status in OVERLOADED and isinstance(problem, OverloadedError):
            return problem
        raise problem


def _size(lines: Sequence[BulkLine]) -> int:
    return sum(len(line.sent) for line in lines)


def chunks(lines: Sequence[BulkLine], size: int) -> Iterator[list[BulkLine]]:
    """Split lines, in order, into chunks of at most `size` bytes. A longer line is a chunk of its own."""
    chunk: list[BulkLine] = []
    total = 0
    for line in lines:
        if chunk and total + len(line.sent) > size:
            yield chunk
            chunk, total = [], 0
        chunk.append(line)
        total += len(line.sent)
    if chunk:
        yield chunk
