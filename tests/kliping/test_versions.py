"""Versions for people: `show --diff`, `archive changes`, addresses of imports, and versions that are lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from archive.tables import versions
from tests.support.commands import run_here
from tests.support.homes import FIXTURES, ReadersHere, expected, opened_home

PAGE = (FIXTURES / "www.html").read_text()
STORY = expected("www")
WORD = "1.200"
ENGINE = {"KLIPING_INDEX_URL": "embedded:"}


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setattr("kliping.cli.archive_verify.ReaderPool", ReadersHere)
    monkeypatch.setattr("kliping.cli.import_.follow_quietly", lambda *_: False)  # the index is tested elsewhere

    def command(*arguments: str) -> tuple[int, str, str]:
        done = run_here(monkeypatch, capsys, {"KLIPING_HOME": str(tmp_path / "home")} | ENGINE, *arguments)
        return done.returncode, done.stdout, done.stderr

    return command


def import_page(run: Callable[..., tuple[int, str, str]], folder: Path, day: int, number: str, url: str = "") -> str:
    """Import the page with another number in its text, as saved on a day; returns what was printed."""
    file = folder / f"{day}.html"
    assert WORD in PAGE
    file.write_text(PAGE.replace(WORD, number))
    saved = f"2026-01-{day:02}T10:00:00+07:00"
    status, printed, error = run("import", str(file), "--url", url or STORY["url"], "--fetched-at", saved)
    assert status == 0, (printed, error)
    return printed


@pytest.fixture
def three(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Three captures, the newest imported first."""
    import_page(run, tmp_path, 9, "1.400")
    assert "it became version 1; the current one is from a later fetch" in import_page(run, tmp_path, 5, WORD)
    import_page(run, tmp_path, 7, "1.300")
    return run


def test_captures_imported_in_any_order_are_compared_in_theirs(three: Callable[..., tuple[int, str, str]]) -> None:
    status, printed, _ = three("show", STORY["id"])
    assert (status, "3 of 3" in printed, "1.400 ton" in printed) == (0, True, True)
    status, printed, _ = three("show", STORY["id"], "--diff")
    lines = printed.splitlines()
    assert [line for line in lines if line.startswith("version")] == [
        "version 1 (2026-01-05 03:00 UTC) to version 2 (2026-01-07 03:00 UTC): number, without a notice",
        "version 2 (2026-01-07 03:00 UTC) to version 3 (2026-01-09 03:00 UTC): number, without a notice",
    ]
    assert "[-1.200-]{+1.300+} ton" in printed
    status, printed, _ = three("show", STORY["id"], "--diff", "1..3")
    assert "[-1.200-]{+1.400+} ton" in printed
    assert three("show", STORY["id"], "2..3", "--diff")[1] == three("show", STORY["id"], "--diff", "3")[1]


def test_a_diff_as_json_has_every_piece(three: Callable[..., tuple[int, str, str]]) -> None:
    status, printed, _ = three("show", STORY["id"], "--diff", "..2", "--json")
    (change,) = json.loads(printed)["changes"]
    (field,) = change["fields"]
    assert (status, change["from"], change["to"], change["kinds"], change["silent"]) == (0, 1, 2, ["number"], True)
    assert field["field"] == "body"
    assert [text for sign, text in field["pieces"] if sign != "="] == [WORD, "1.300"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--diff", "1..9"), "The article has no version 9 that can be read. It has the versions 1, 2, 3."),
        (("--diff", "1-2"), "Versions cannot be '1-2'. Write them like 1..2. It has the versions 1, 2, 3."),
        (("1..2",), "1..2 is for --diff. Add --diff, or leave it out."),
    ],
)
def test_versions_that_cannot_be_compared_get_a_sentence(
    three: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...], sentence: str
) -> None:
    status, _, error = three("show", STORY["id"], *arguments)
    assert (status, error.strip()) == (2, sentence)


def test_changes_are_listed_and_counted(three: Callable[..., tuple[int, str, str]]) -> None:
    status, printed, _ = three("archive", "changes", "--silent")
    assert status == 0
    assert printed.splitlines()[-1] == "2 changes: number 2, silent 2."
    found = json.loads(three("archive", "changes", "--json", "--since", "2026-01-08")[1])
    assert found["counts"] == {"number": 1, "silent": 1}
    assert [(each["id"], each["version"], each["kinds"]) for each in found["changes"]] == [(STORY["id"], 3, ["number"])]
    assert len(three("archive", "changes", "--jsonl", "--kind", "number")[1].splitlines()) == 2
    corrections: Any = json.loads(three("archive", "changes", "--kind", "correction", "--json")[1])
    assert [each["version"] for each in corrections["changes"]] == [1]  # "Ralat: Tonase pada paragraf kedua …"
    assert three("archive", "changes", "--source", "antara", "--csv")[1] == ""
    status, _, error = three("archive", "changes", "--kind", "rename")
    assert (status, error.startswith("--kind cannot be 'rename'. It is one of: headline, ")) == (2, True)


@pytest.mark.parametrize(
    "url", ["http://www.newsstand.test/lama/1", "https://web.archive.org/web/2026/http://x.test/9"]
)
def test_an_article_is_shown_at_the_address_that_it_was_imported_from(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, url: str
) -> None:
    printed = import_page(run, tmp_path, 5, WORD, url)
    article_id = printed.split()[2]
    for address in (url, url + "?utm_source=x"):
        status, printed, error = run("show", address, "--json")
        assert (status, error) == (0, "")
        assert json.loads(printed)["id"] == article_id


def test_a_version_deleted_by_hand_is_named_and_mended(
    three: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    with opened_home(tmp_path / "home") as archive, archive.writing() as connection:
        connection.execute(delete(versions).where(versions.c.version == 2))
    status, printed, error = three("show", STORY["id"])
    assert (status, "1.400 ton" in printed) == (1, True)
    assert error.startswith("The archive has lost version 2 of this article. Run `kliping archive verify --mend`")
    assert json.loads(three("show", STORY["id"], "--json")[1])["lost_versions"] == [2]
    status, printed, _ = three("archive", "verify")
    assert (status, f"{STORY['id']} has lost its version 2 of 3." in printed) == (1, True)
    status, printed, error = three("archive", "verify", "--mend")
    assert (status, error) == (0, ""), printed
    status, printed, _ = three("show", STORY["id"], "--diff")
    assert (status, "[-1.200-]{+1.300+}" in printed, "[-1.300-]{+1.400+}" in printed) == (0, True, True)


def test_a_reextraction_shows_samples_and_a_dry_run_writes_nothing(
    three: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kliping.cli.archive_reextract.ReaderPool", ReadersHere)
    with opened_home(tmp_path / "home") as archive, archive.writing() as connection:
        its = (versions.c.article_id == STORY["id"]) & (versions.c.version == 3)
        record = connection.execute(select(versions.c.record).where(its)).scalar_one() | {"section": "Salah"}
        connection.execute(update(versions).where(its).values(record=record))
    status, printed, error = three("archive", "reextract", "--dry-run")
    assert (status, error) == (0, "")
    assert "1 articles read again: 1 updated. Nothing was written." in printed
    assert f"section  {STORY['id'][:8]}  [-Salah-]" in printed
    report = json.loads(three("archive", "reextract", "--dry-run", "--json", "--since", "2026-01-09")[1])
    assert (report["dry_run"], report["outcomes"], report["samples"]["section"][0]["before"]) == (
        True, {"updated": 1}, "Salah",
    )  # fmt: skip
    assert (
        json.loads(three("archive", "reextract", "--dry-run", "--json", "--since", "2026-01-10")[1])["outcomes"] == {}
    )
