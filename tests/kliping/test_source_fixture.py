"""`kliping sources fixture`: rewrites expected articles and shows the difference."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kliping.cli.sources import app

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The root of a working copy."""
    return tmp_path / "tree"


@pytest.fixture
def copy(tree: Path) -> Path:
    """A working copy with the newsstand's fixture; returns the file of one expected article."""
    shutil.copytree(FIXTURES / "newsstand", tree / "tests" / "fixtures" / "sources" / "newsstand")
    return tree / "tests" / "fixtures" / "sources" / "newsstand" / "www.json"


def run_fixture(tree: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["fixture", *arguments, "--tree", str(tree)])


def test_fixture_says_that_nothing_changed(copy: Path, tree: Path) -> None:
    before = copy.read_text(encoding="utf-8")
    for check in ((), ("--check",)):
        done = run_fixture(tree, "newsstand", *check)
        assert (done.exit_code, done.stdout.count("\n")) == (0, 1), done.output
        assert "Nothing changed" in done.stdout
    assert copy.read_text(encoding="utf-8") == before


def test_fixture_shows_the_difference_and_writes_it_unless_it_only_checks(copy: Path, tree: Path) -> None:
    """--check ends with 1 and writes nothing; without it the file holds what the source reads."""
    right = copy.read_text(encoding="utf-8")
    wrong = right.replace('"title": "Kopi Gayo', '"title": "Teh Gayo')
    copy.write_text(wrong, encoding="utf-8")
    checked = run_fixture(tree, "newsstand", "--page", "www", "--check")
    assert checked.exit_code == 1
    assert "1 of the expected articles of newsstand would change" in checked.stderr
    assert copy.read_text(encoding="utf-8") == wrong
    written = run_fixture(tree, "newsstand")
    assert written.exit_code == 0
    for output in (checked.stdout, written.stdout):
        assert '\n-  "title": "Teh Gayo kembali' in output
        assert '\n+  "title": "Kopi Gayo kembali' in output
        assert output.startswith("--- tests/fixtures/sources/newsstand/www.json (old)\n")
    summary = "Written: tests/fixtures/sources/newsstand/www.json (title). Read the difference before you commit it."
    assert written.stdout.splitlines()[-1] == summary
    assert copy.read_text(encoding="utf-8") == right


def test_fixture_keeps_the_fields_that_a_file_names_and_a_new_file_gets_all(copy: Path, tree: Path) -> None:
    whole = json.loads(copy.read_text(encoding="utf-8"))
    named = ("title", "body", "published_at", "url", "source")
    copy.write_text(json.dumps({field: whole[field] for field in named} | {"title": "?"}), encoding="utf-8")
    assert run_fixture(tree, "newsstand", "--page", "www").exit_code == 0
    few = json.loads(copy.read_text(encoding="utf-8"))
    assert list(few) == list(named)
    assert few["title"] == whole["title"]
    copy.write_text(json.dumps({"url": whole["url"], "source": "newsstand", "title": "TODO"}), encoding="utf-8")
    assert run_fixture(tree, "newsstand", "--page", "www").exit_code == 0
    assert json.loads(copy.read_text(encoding="utf-8")) == whole


def test_fixture_takes_the_address_of_a_new_page_from_the_page(copy: Path, tree: Path) -> None:
    whole = json.loads(copy.read_text(encoding="utf-8"))
    copy.unlink()
    assert run_fixture(tree, "newsstand", "--page", "www").exit_code == 0
    assert json.loads(copy.read_text(encoding="utf-8")) == whole


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("newsstand", "--page", "besok"), 2, "has no page 'besok'. Its pages are: arsip, lama, www."),
        (("antara",), 2, "antara holds no page (*.html)."),
        (("koran",), 2, "no source 'koran'"),
    ],
)
def test_fixture_answers_a_mistake_with_one_sentence(
    copy: Path, tree: Path, arguments: tuple[str, ...], status: int, says: str
) -> None:
    assert copy.exists()
    done = run_fixture(tree, *arguments)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1)
    assert says in done.stderr


def test_fixture_names_a_selector_that_matches_on_no_page(copy: Path, tree: Path) -> None:
    """It writes what it reads, ends with 1, and says where the value came from instead."""
    page = copy.with_suffix(".html")
    page.write_text(re.sub(r"<(/?)h1\b", r"<\1h2", page.read_text(encoding="utf-8")), encoding="utf-8")
    done = run_fixture(tree, "newsstand")
    assert done.exit_code == 1
    assert "newsstand, www.html: layout 1's title (" in done.stderr
    assert ") matches nothing; the value came from " in done.stderr
    assert "next_page" not in done.stderr


def test_fixture_names_the_page_that_cannot_be_read(copy: Path, tree: Path) -> None:
    copy.with_suffix(".html").write_text("<html><p>Kami sebuah koran.</p></html>", encoding="utf-8")
    done = run_fixture(tree, "newsstand", "--page", "www")
    assert done.exit_code == 1
    assert "www.html holds no article that newsstand can read" in done.stderr
    copy.with_suffix(".html").write_text("<h1>TODO: an invented headline</h1>", encoding="utf-8")
    done = run_fixture(tree, "newsstand", "--page", "www")
    assert done.exit_code == 2
    assert "www.html has placeholders (TODO:)" in done.stderr
    copy.write_text("{", encoding="utf-8")
    done = run_fixture(tree, "newsstand", "--page", "www")
    assert done.exit_code == 2
    assert "www.json is not JSON" in done.stderr
