"""The reader pool: results in order, even if processes die."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.pool import Read, ReaderDiedError, ReaderPool
from tests.support.importing import deadly

pytestmark = pytest.mark.processes


@dataclass
class FakeTask:
    """A task that has no parts."""

    arguments: tuple[Any, ...]
    function: Any = deadly

    def in_parts(self, read: Read) -> Any:
        return read(self)


def tasks(path: Path, deaths: int) -> list[FakeTask]:
    path.write_text("x\n" * deaths)
    return [FakeTask((str(path), number)) for number in range(8)]


def test_results_come_in_order_even_if_a_process_is_killed(tmp_path: Path) -> None:
    with ReaderPool(2) as readers:
        assert [result for _, result in readers.run_in_order(tasks(tmp_path / "deaths", 1))] == list(range(8))


def test_a_task_that_kills_its_process_every_time_is_an_error_and_the_pool_still_works(tmp_path: Path) -> None:
    with ReaderPool(2) as readers:
        results = readers.run_in_order(tasks(tmp_path / "deaths", 100))
        assert [next(results)[1] for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ReaderDiedError, match="died"):
            next(results)
        assert readers.run(FakeTask((str(tmp_path / "deaths"), 5))) == 5


def test_results_of_submitted_tasks_come_before_the_error_of_a_torn_file(tmp_path: Path) -> None:
    def torn() -> Iterator[FakeTask]:
        yield from tasks(tmp_path / "deaths", 0)[:3]
        raise EOFError("torn")

    with ReaderPool(2) as readers:
        results = readers.run_in_order(torn())
        assert [next(results)[1] for _ in range(3)] == [0, 1, 2]
        with pytest.raises(EOFError, match="torn"):
            next(results)
