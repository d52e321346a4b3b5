"""`kliping archive families`, and copies in `kliping show` and `kliping search`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from archive.articles import SaveResult
from archive.database import Archive
from tests.archive.test_families import OTHER, STORY, a_copy
from tests.support.commands import run_main


@pytest.fixture
def home(archive: Archive, save: Callable[..., SaveResult], monkeypatch: pytest.MonkeyPatch) -> None:
    """A story that three outlets ran, and one that two did."""
    monkeypatch.setenv("KLIPING_HOME", str(archive.home))
    save(a_copy(0, agency="ANTARA", title="Nelayan melaut lagi"))
    save(a_copy(1, STORY[:4], title="Badai reda, nelayan melaut"))
    save(a_copy(2))
    for number in (3, 4):
        save(a_copy(number, OTHER, published_at=datetime(2026, 3, 9, tzinfo=UTC) + timedelta(hours=number)))
    archive.close()


@pytest.mark.usefixtures("home")
def test_copies_are_listed_folded_and_told_apart(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    none = run_main(monkeypatch, capsys, "archive", "families")
    assert none.stdout.startswith("No story was run by more than one outlet. `kliping index follow` looks for copies.")
    run_main(monkeypatch, capsys, "index", "follow")

    found = json.loads(run_main(monkeypatch, capsys, "archive", "families", "--json").stdout)
    assert [len(each["members"]) for each in found] == [3, 2]
    assert found[0]["agency"] == "ANTARA"
    first, cut, _ = found[0]["members"]
    assert (first["source"], first["differences"]) == ("antara", None)
    assert cut["differences"] == "the last 2 of 6 sentences cut, headline of its own, credit of ANTARA dropped"
    later = run_main(monkeypatch, capsys, "archive", "families", "--since", "2026-03-05").stdout
    assert later.count("articles tell this story") == 1
    one = run_main(monkeypatch, capsys, "archive", "families", found[0]["id"][:8]).stdout
    assert "3 articles tell this story, credited to ANTARA" in one

    shown = run_main(monkeypatch, capsys, "show", cut["id"]).stdout
    assert "published first" in shown
    assert "(this article)" in shown

    folded = json.loads(run_main(monkeypatch, capsys, "search", "nelayan", "--json").stdout)
    assert (folded["total"], [hit["copies"] for hit in folded["hits"]]) == (3, [2])
    every = json.loads(run_main(monkeypatch, capsys, "search", "nelayan", "--json", "--copies").stdout)
    assert len(every["hits"]) == 3
    assert "2 copies" in run_main(monkeypatch, capsys, "search", "nelayan").stdout


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--since", "kemarin"), "--since needs a day like 2015-12-18, and 'kemarin' is none."),
        (("abcdef01",), "There is no family abcdef01. `kliping archive families` lists them."),
    ],
)
def test_what_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert run_main(monkeypatch, capsys, "archive", "families", *arguments).stderr.strip() == sentence
