"""One source file that does not load: commands about other publishers go on and name it; its own commands fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kliping.cli.main import app
from sources import publishers

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources"
PAGE = str(FIXTURES / "newsstand" / "www.html")
DRAFT = """
from sources.definition import Feed, Layout, Source
SOURCE = Source(name="koran_mentah", title="Koran", domains=("koran-mentah.id",), article="https://koran-mentah.id/a/",
    finds=(Feed("https://koran-mentah.id/rss"),), layouts=(Layout(body=("p",)),), terms="")
"""
PROBLEM = (
    "sources/publishers/koran_mentah.py: `terms` is empty. "
    "Write in a sentence what its robots.txt and terms of use allow."
)
SKIPPED = f"{PROBLEM} The source is skipped.\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty archive, and an unfinished draft among the sources."""
    folder = tmp_path / "publishers"
    folder.mkdir()
    (folder / "koran_mentah.py").write_text(DRAFT, encoding="utf-8")
    monkeypatch.setattr(publishers, "__path__", [*publishers.__path__, str(folder)])
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", PAGE),
        ("read", "page", PAGE),
        ("schedule", "list"),
        ("schedule", "next"),
    ],
)
def test_commands_about_other_publishers_skip_it_and_say_so(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stderr) == (0, SKIPPED), done.output


def test_another_publisher_can_be_drafted(tmp_path: Path) -> None:
    for folder in ("sources/publishers", "tests/fixtures/sources"):
        (tmp_path / "tree" / folder).mkdir(parents=True)
    saved = tmp_path / "page.html"
    saved.write_bytes(Path(PAGE).read_bytes().replace(b"www.newsstand.test", b"www.koran-baru.id"))
    url = "https://www.koran-baru.id/berita/700001/kopi"
    done = run("sources", "new", url, "--page", str(saved), "--tree", str(tmp_path / "tree"))
    assert (done.exit_code, done.stderr) == (0, SKIPPED), done.output
    steps = [line.split("  ")[1] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert [step.partition(" ")[0] for step in steps] == ["1.", "2.", "3.", "4.", "5."]


@pytest.mark.parametrize(
    "arguments",
    [
        ("sources", "show", "koran_mentah"),
        ("sources", "fixture", "koran_mentah"),
        ("schedule", "pause", "koran_mentah"),
        ("read", "page", PAGE, "--source", "koran_mentah"),
    ],
)
def test_a_command_that_names_it_fails_with_its_sentence(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == PROBLEM


def test_settings_that_name_it_fail_with_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIPING_SOURCES__KORAN_MENTAH__CRON", "0 3 * * *")
    done = run("schedule", "list")
    assert (done.exit_code, done.stderr) == (2, f"{PROBLEM}\n")


def test_read_page_says_that_a_crawl_would_not_visit_the_address() -> None:
    done = run("read", "page", PAGE, "--url", "http://www.newsstand.test/foto/1", "--source", "newsstand")
    sentence = "http://www.newsstand.test/foto/1 does not match the article pattern of newsstand: a crawl would not"
    assert done.exit_code == 0
    assert done.stderr.startswith(sentence)
    assert "http://www.newsstand.test/gambar/kopi.jpg" in done.stdout
