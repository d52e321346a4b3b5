"""The table of flags: every flag in the code is in it, every one of its rows is in use, and the docs show it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from archive.flags import FLAGS, IN_DOUBT, UnknownFlagError, require_known, sentence_of, table
from archive.records import Article, Precision

ROOT = Path(__file__).parents[2]
ROOMS = ("crawler", "ingest", "reading")
"""The rooms that set flags."""
AWAITED = frozenset({"body-incomplete", "zone-mistaken", "other-story"})
"""Rows whose reader is being written."""

ARTICLE = Article(
    id="a" * 64,
    source="kabar",
    url="https://kabar.example/1",
    title="Hujan turun di Kupang",
    body=("Hujan turun.",),
    published_at=date(2015, 12, 18),
    published_precision=Precision.DAY,
)


def literals(tree: ast.AST) -> Iterator[str]:
    """The string literals of a module, without its docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def flags_set(tree: ast.AST) -> Iterator[str]:
    """The literals that a module appends to its flags, or gives as `flags`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="flags"), attr="append"), args=[given]):
                yield from literals(given)
            case ast.keyword(arg="flags", value=given):
                yield from literals(given)


def modules() -> Iterator[ast.AST]:
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            yield ast.parse(path.read_text(encoding="utf-8"))


def test_every_flag_that_the_code_sets_is_in_the_table_and_every_row_is_in_use() -> None:
    trees = list(modules())
    assert {flag for tree in trees for flag in flags_set(tree)} - FLAGS.keys() == set()
    assert FLAGS.keys() - {text for tree in trees for text in literals(tree)} - AWAITED == set()


def test_an_article_has_known_flags_only() -> None:
    assert replace(ARTICLE, flags=("layout-unknown",)).flags == ("layout-unknown",)
    with pytest.raises(UnknownFlagError, match=re.escape("'layout-unknow'")):
        replace(ARTICLE, flags=("layout-unknow",))
    with pytest.raises(UnknownFlagError, match="'odd'"):
        require_known(("only-modified", "odd"))


def test_an_archived_article_keeps_a_flag_of_another_version() -> None:
    archived = ARTICLE.as_json() | {"flags": ["layout-unknown", "of-another-version"]}
    assert Article.from_json(archived).flags == ("layout-unknown", "of-another-version")
    assert Article.from_json(archived).as_json() == archived
    assert sentence_of("of-another-version") is None


def test_the_flags_of_doubt_are_rows_of_the_table() -> None:
    assert set(IN_DOUBT) <= FLAGS.keys()


def test_each_sentence_is_one_or_more_whole_sentences() -> None:
    assert all(text.endswith(".") and text[0].isupper() and "|" not in text for text in FLAGS.values())


def test_the_docs_show_the_table() -> None:
    """`python -m archive.flags` prints the table that docs/flags.md ends in."""
    page = (ROOT / "docs/flags.md").read_text(encoding="utf-8")
    assert page[page.index("| flag |") :] == table()
