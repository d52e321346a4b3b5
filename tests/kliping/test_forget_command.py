"""A forgotten article leaves nothing of itself behind, and nothing brings it back."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive.forget import ForgetRequest, UnfinishedForgetError, forget
from archive.tables import articles
from kliping.cli import archive_reextract, archive_verify
from tests.kliping import test_commands
from tests.support.homes import (
    FIXTURES,
    PAGES,
    WORD,
    Command,
    ReadersHere,
    command_on,
    copy_of,
    expected,
    files_with,
    forgotten,
    import_pages,
    opened_home,
)

pytestmark = pytest.mark.large

CLIPPING = test_commands.CLIPPING.replace("Nelayan Kendari Panen", f"Nelayan {WORD} Panen")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `kliping` in this process, on `home`; readers run in this process, too."""
    for module in (archive_verify, archive_reextract):
        monkeypatch.setattr(module, "ReaderPool", ReadersHere)

    return command_on(home, monkeypatch, capsys)


def marked_page(folder: Path) -> Path:
    """A saved page of the newsstand with a word in its text that stands nowhere else."""
    html = (FIXTURES / "www.html").read_text()
    paragraph = expected("www")["body"][0][-30:]
    assert html.count(paragraph) >= 1
    file = folder / "marked.html"
    file.write_text(html.replace(paragraph, f"{paragraph} {WORD}."))
    return file


@pytest.fixture
def ids(run: Command, tmp_path: Path) -> list[str]:
    """The ids of four indexed articles. The first and the last have WORD in them; the first has two versions."""
    found = import_pages(run, CLIPPING, tmp_path)
    url = expected("www")["url"]
    status, printed, error = run(
        "import", str(marked_page(tmp_path)), "--url", url, "--fetched-at", "2026-02-01T10:00:00+07:00"
    )
    assert (status, "updated" in printed) == (0, True), (printed, error)
    return found


def test_nothing_of_the_text_is_left_in_the_home(run: Command, home: Path, ids: list[str]) -> None:
    before = files_with(home, WORD)
    assert {Path(each).parts[0] for each in before} >= {"archive.sqlite3", "warc", "index"}
    address = expected("www")["url"].rpartition("/")[2]
    assert files_with(home, address)
    assert "2 versions, 2 kept pages" in forgotten(run, ids[0], "--by", "legal desk")
    forgotten(run, ids[-1])
    assert files_with(home, WORD) == []
    assert [each for each in files_with(home, address) if not each.startswith("logs")] == []
    status, _, error = run("archive", "verify")
    assert status == 0, error
    assert json.loads(run("search", "source:newsstand", "--json")[1])["total"] == len(PAGES) - 1
    for name, each in zip(PAGES[1:], ids[1:3], strict=True):
        shown = json.loads(run("show", each, "--json")[1])
        assert shown["body"] == expected(name)["body"]


def test_show_says_why_and_when_it_was_forgotten(run: Command, ids: list[str]) -> None:
    forgotten(run, expected("www")["url"], "--by", "legal desk")
    for name in (ids[0], expected("www")["url"], f"{expected('www')['url']}?utm_source=x"):
        status, _, error = run("show", name)
        assert status == 1
        assert f"{ids[0]} was forgotten on " in error
        assert "as legal desk asked: Putusan 12/Pdt.G/2026" in error
    listed = json.loads(run("archive", "forgotten", "--json")[1])["forgotten"]
    assert [(each["article_id"], each["source"], each["requested_by"]) for each in listed] == [
        (ids[0], "newsstand", "legal desk")
    ]


def test_no_import_reextract_or_mend_brings_it_back(run: Command, home: Path, ids: list[str], tmp_path: Path) -> None:
    kept = copy_of(home, tmp_path / "before")
    forgotten(run, ids[0], ids[-1])
    url = expected("www")["url"]
    for page, more in ((marked_page(tmp_path), ("--url", url)), (tmp_path / "kliping.txt", ())):
        status, printed, error = run("import", str(page), *more, "--fetched-at", "2026-03-01T10:00:00+07:00")
        assert (status, "skipped:forgotten" in printed) == (1, True), (printed, error)
    for file in sorted((kept / "warc").glob("*.warc.gz")):
        assert run("import", str(file))[0] in (0, 1)
    assert run("archive", "reextract")[0] == 0
    for file in sorted((kept / "warc").glob("*.warc.gz")):  # somebody puts the files back
        (home / "warc" / file.name).write_bytes(file.read_bytes())
    status, printed, _ = run("archive", "verify")
    assert (status, "forgotten" in printed) == (1, True), printed
    status, printed, error = run("archive", "verify", "--mend")
    assert status == 0, (printed, error)
    assert files_with(home, WORD) == []
    with opened_home(home) as archive, archive.reading() as connection:
        assert connection.execute(select(func.count()).select_from(articles)).scalar_one() == 2


def test_a_forget_that_was_cut_off_is_named_and_brought_to_its_end(
    run: Command, home: Path, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened_home(home) as archive, monkeypatch.context() as patched:
        patched.setattr("archive.sqlite.rewrite", _full_disk)
        with pytest.raises(UnfinishedForgetError, match="No space left"):
            forget(archive, [ForgetRequest(ids[0], reason="r")], datetime.now(UTC))
        assert archive.file is not None
    status, printed, _ = run("archive", "verify")
    assert (status, "was cut off" in printed) == (1, True)
    assert run("archive", "forget", "--finish")[0] == 0
    assert run("archive", "verify")[0] == 0
    forgotten(run, ids[-1])
    assert files_with(home, WORD) == []


def _full_disk(*_: object) -> None:
    raise OSError(28, os.strerror(28))
