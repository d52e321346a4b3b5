"""The pool of readers: results in order, whatever dies on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.pool import ReaderDiedError, Readers
from tests.support.importing import deadly


@dataclass
class FakeWork:
    arguments: tuple[Any, ...]
    read: Any = deadly


def units(path: Path, deaths: int) -> list[FakeWork]:
    path.write_text("x\n" * deaths)
    return [FakeWork((str(path), number)) for number in range(8)]


def test_results_come_in_order_though_a_reader_was_killed(tmp_path: Path) -> None:
    with Readers(2) as readers:
        assert [result for _, result in readers.in_order(units(tmp_path / "deaths", 1))] == list(range(8))


def test_a_unit_that_kills_its_reader_every_time_is_named_and_the_pool_lives_on(tmp_path: Path) -> None:
    with Readers(2) as readers:
        reading = readers.in_order(units(tmp_path / "deaths", 100))
        assert [next(reading)[1] for _ in range(3)] == [0, 1, 2]
        with pytest.raises(ReaderDiedError, match="died twice"):
            next(reading)
        assert readers.one(FakeWork((str(tmp_path / "deaths"), 5))) == 5


def test_what_was_under_way_is_handed_back_before_a_torn_file_is_told_of(tmp_path: Path) -> None:
    def torn() -> Iterator[FakeWork]:
        yield from units(tmp_path / "deaths", 0)[:3]
        raise EOFError("torn")

    with Readers(2) as readers:
        reading = readers.in_order(torn())
        assert [next(reading)[1] for _ in range(3)] == [0, 1, 2]
        with pytest.raises(EOFError, match="torn"):
            next(reading)
