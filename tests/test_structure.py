"""The layout holds: no import cycles, no room that outgrows the others, and readers that are pure at run time too."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "lexicon",
    "sources",
    "reading",
    "archive",
    "crawler",
    "ingest",
    "indexer",
    "scheduler",
    "notify",
    "web",
    "kibana",
    "kliping",
    "newsstand",
    "evaluation",
)
LARGEST_SHARE = 0.25
"""Share of all lines that one room may hold. `crawler` held 0.40 before it was split."""
PURE = ("lexicon", "sources", "reading", "crawler.discover")
TAKEN_BY_READERS = {"archive.records", "archive.twins", "archive.identity"}
IMPURE = ("scrapy", "twisted", "sqlalchemy", "alembic", "http.client", "asyncio")
"""`socket` is missing: `email.utils`, which parses the dates of feeds, imports it and opens none."""


@cache
def graph() -> grimp.ImportGraph:
    """The imports between our files, function-level imports included."""
    return grimp.build_graph(*ROOMS, cache_dir=None)


def files(*folders: str) -> Iterator[Path]:
    """The Python files below folders of the repository."""
    for folder in folders:
        yield from (path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def cycles(imports: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import each other, directly or through others (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in imports[module]:
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            group = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            if len(group) > 1 or module in imports[module]:
                found.append(sorted(group))

    for module in imports:
        if module not in index:
            visit(module)
    return found


def test_the_search_for_cycles_finds_one() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]
    assert cycles({"a": {"b"}, "b": set()}) == []


def test_no_file_imports_itself_through_others() -> None:
    modules = graph().modules
    assert cycles({module: graph().find_modules_directly_imported_by(module) for module in modules}) == []


def test_no_room_holds_more_than_a_quarter_of_the_lines() -> None:
    lines = {room: sum(len(path.read_text().splitlines()) for path in files(room)) for room in ROOMS}
    total = sum(lines.values())
    assert {room: n for room, n in lines.items() if n > LARGEST_SHARE * total} == {}


def test_readers_take_only_records_and_addresses_from_the_archive() -> None:
    readers = [module for module in graph().modules if module.split(".")[0] == "reading"]
    taken = set().union(*(graph().find_modules_directly_imported_by(module) for module in readers))
    assert {module for module in taken if module.startswith("archive")} <= TAKEN_BY_READERS


@pytest.mark.processes
def test_pure_rooms_load_no_scrapy_no_database_and_no_network_library() -> None:
    """`lint-imports` sees our own imports; this also sees those of the libraries that we import."""
    modules = sorted(each for each in graph().modules if each.startswith(tuple(f"{name}." for name in PURE)))
    code = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print([name for name in {IMPURE!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_a_class_name_exists_once() -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in files(*ROOMS, "tests", "benchmarks", "docker"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_tests_mirror_the_rooms() -> None:
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {*ROOMS, "docker", "fixtures", "support"}


def test_test_files_of_one_name_exist_once() -> None:
    """`make test T=word` selects files by name."""
    names = Counter(path.name for path in files("tests") if path.name.startswith("test_"))
    assert [name for name, count in names.items() if count > 1] == []
