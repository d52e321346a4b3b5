"""The table of outcomes: every outcome in the code is in it, every one of its rows is in use, and the docs show it."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastwarc.warc import WarcRecordType

from archive.outcomes import OUTCOMES, UnknownOutcomeError, require_known, sentence_of, table
from archive.records import Rejected

ROOT = Path(__file__).parents[2]
ROOMS = ("archive", "crawler", "ingest", "kliping", "reading", "scheduler", "sources")
OUTCOME = re.compile(r"(skipped|rejected|error):[a-z0-9]+(-[a-z0-9]+)*")
PREFIX_OF = {"Rejected": "rejected:", "DamagedRecordError": "error:"}
"""Classes whose first argument is a reason, with the prefix that makes an outcome of it."""
READ_RECORDS = ("response",)
"""The types of WARC records that are not skipped for their type; all others are "skipped:<type>"."""


def outcomes_in(tree: ast.AST) -> Iterator[str]:
    """The outcomes that a module writes: whole literals, those with an HTTP status, and reasons of exceptions."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docstrings and OUTCOME.fullmatch(text):
                yield text
            case ast.JoinedStr(values=[ast.Constant(value=str(text)), _]) if text.endswith(":http-"):
                yield f"{text}NNN"
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(reason)), *_]) if name in PREFIX_OF:
                yield PREFIX_OF[name] + reason


def outcomes_in_use() -> set[str]:
    found = {f"skipped:{kind}" for kind in vars(WarcRecordType) if str(getattr(WarcRecordType, kind)) == kind}
    found -= {f"skipped:{kind}" for kind in READ_RECORDS}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if path.name != "outcomes.py":
                found.update(outcomes_in(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def test_every_outcome_in_the_code_is_in_the_table_and_every_row_is_in_use() -> None:
    named = {name for name in OUTCOMES if ":" in name}
    used = outcomes_in_use()
    assert {each for each in used if sentence_of(each) is None} == set()
    assert named - used == set()
    assert {name for name in OUTCOMES if ":" not in name} == {"stored", "updated", "unchanged", "blocked", "gone"}


def test_an_http_status_has_one_row_unless_it_means_something_of_its_own() -> None:
    assert sentence_of("error:http-404") == sentence_of("error:http-503") == OUTCOMES["error:http-NNN"]
    assert sentence_of("error:http-304") == OUTCOMES["error:http-304"] != OUTCOMES["error:http-NNN"]
    assert sentence_of("skipped:http-1020") == OUTCOMES["skipped:http-NNN"]
    assert sentence_of("error:http-x") is None


@pytest.mark.parametrize("outcome", ["", "fine", "rejected:", "rejected:no-dat", "stored:no-date", "error:http-"])
def test_an_unknown_outcome_is_an_error_that_names_it(outcome: str) -> None:
    with pytest.raises(UnknownOutcomeError, match=re.escape(repr(outcome))):
        require_known(outcome)


def test_a_page_is_rejected_for_a_known_reason_only() -> None:
    assert Rejected("no-date", "it has none").outcome == "rejected:no-date"
    with pytest.raises(ValueError, match="'rejected:no-dates'"):
        Rejected("no-dates")


def test_a_rejection_reaches_another_process_whole() -> None:
    sent = Rejected("no-date", "it has none")
    received = pickle.loads(pickle.dumps(sent))
    assert (received.reason, received.detail, str(received)) == ("no-date", "it has none", "no-date: it has none")


def test_the_docs_show_the_table() -> None:
    """`python -m archive.outcomes` prints the table that docs/outcomes.md ends in."""
    page = (ROOT / "docs/outcomes.md").read_text(encoding="utf-8")
    assert page[page.index("| outcome |") :] == table()
