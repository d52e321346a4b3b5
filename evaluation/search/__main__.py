"""How well typed queries find their articles: our engines beside Elasticsearch's own analyzers (docs/evaluation.md)."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from elasticsearch import Elasticsearch

from evaluation.search import material, table
from evaluation.search.contestants import PREFIX, Contestant, Ours, peers
from evaluation.search.tasks import TASKS, Marks
from indexer.engines import open_index
from tests.support.elasticsearch.distribution import NotAvailableError
from tests.support.elasticsearch.server import Server

NAMED = "KLIPING_TEST_ELASTICSEARCH_URL"
ENGINES = ("embedded", "elasticsearch")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Returns 1 where a floor is missed, or where CI lacks what is needed."""
    options = _options(arguments)
    if lacking := material.missing():
        return _skip(f"it needs {os.path.relpath(lacking[0])}")
    wanted = ENGINES if options.engine == "both" else (options.engine,)
    with tempfile.TemporaryDirectory() as folder, _elasticsearch("elasticsearch" in wanted) as url:
        if url is None and options.engine == "elasticsearch":
            return _skip("there is no Elasticsearch")
        contestants: list[Contestant] = []
        if "embedded" in wanted:
            contestants.append(Ours("embedded", partial(open_index, "embedded:", Path(folder))))
        if url is not None:
            contestants.append(Ours("elasticsearch", partial(open_index, url, Path(folder))))
            if not options.without_peers:
                contestants += peers(Elasticsearch(url, request_timeout=120))
        return _run(contestants, options)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    names = [task.name for task in TASKS]
    parser = argparse.ArgumentParser(prog="python -m evaluation.search", description=__doc__)
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both", help="which of our engines (both)")
    parser.add_argument(
        "--only", metavar="TASKS", type=_names, default=names, help="a list with commas: " + ",".join(names)
    )
    parser.add_argument("--sample", type=int, metavar="N", help="ask only N questions, headlines and so on")
    parser.add_argument("--without-peers", action="store_true", help="leave Elasticsearch's own analyzers out")
    parser.add_argument("--show", type=int, metavar="N", default=0, help="tell of N wrong answers in the tuned half")
    parser.add_argument("--floors", action="store_true", help="exit with status 1 if a floor is missed")
    return parser.parse_args(arguments)


def _names(text: str) -> list[str]:
    """The tasks in a list with commas. Raises argparse.ArgumentTypeError."""
    given, known = text.split(","), [task.name for task in TASKS]
    if unknown := [name for name in given if name not in known]:
        raise argparse.ArgumentTypeError(f"there is no task {unknown[0]!r}; there are {', '.join(known)}")
    return given


def _run(contestants: Sequence[Contestant], options: argparse.Namespace) -> int:
    """Run the tasks, and print the table."""
    scores: dict[str, Marks] = {each.name: {} for each in contestants}
    seconds: dict[str, float] = dict.fromkeys(scores, 0.0)
    for task in TASKS:
        for contestant in contestants if task.name in options.only else ():
            started = time.perf_counter()
            marks = task.run(contestant, options.sample)
            seconds[contestant.name] += time.perf_counter() - started
            scores[contestant.name] |= marks
            if options.show and isinstance(contestant, Ours):
                _say(f"{contestant.name}, {task.name}\n{table.worst(marks, options.show)}\n")
    _say(table.table(scores))
    ours = [each for each in contestants if isinstance(each, Ours)]
    for each in ours:
        if each.milliseconds:
            _say(
                f"{each.name}: {statistics.median(each.milliseconds):.1f} ms a search (median of "
                f"{len(each.milliseconds)}); {each.retyped} queries were refused and typed again without quotation "
                "marks, brackets and colons"
            )
    _say("seconds: " + ", ".join(f"{name} {taken:.0f}" for name, taken in seconds.items()))
    missed = table.broken(scores, [each.name for each in ours]) if options.floors else []
    for sentence in missed:
        _say(f"NOT MET: {sentence}")
    return 1 if missed else 0


@contextmanager
def _elasticsearch(needed: bool) -> Iterator[str | None]:
    """The address of the server that the environment names or of a new one, or None if there is none to be had."""
    named = os.environ.get(NAMED)
    server = None
    try:
        if needed and not named:
            server = Server(heap="1g")
            server.start()
    except NotAvailableError as error:
        if os.environ.get("CI") == "true":
            raise
        _say(f"Elasticsearch: SKIPPED, {error}")
    url = server.url if server else named if needed else None
    try:
        yield url
    finally:
        if server:
            server.remove()
        elif url is not None:
            with Elasticsearch(url, request_timeout=60) as client:
                left = client.indices.get(index=f"{PREFIX}*", filter_path="*.settings.index.uuid").body
                if left:
                    client.indices.delete(index=",".join(left))


def _skip(why: str) -> int:
    _say(f"search: SKIPPED, {why}")
    return 1 if os.environ.get("CI") == "true" else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
