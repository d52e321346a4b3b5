"""README's commands print what it shows; every command and every setting is documented."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.testing import CliRunner

from kliping.cli import read, sources
from kliping.cli.lazy import LazyCommand
from kliping.cli.main import COMMANDS, app
from kliping.config import Settings, SourceSettings
from tests.support.children import kliping, settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def transcript() -> list[tuple[str, list[str]]]:
    """README's commands, each with the lines that README shows of its output; "…" is any lines."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```\n(\$ .*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.mark.processes
def test_readme_s_commands_run_and_print_what_it_shows(tmp_path: Path) -> None:
    environment = settings(tmp_path / "home", {})
    steps = transcript()
    assert len(steps) > 5
    for command, shown in steps:
        arguments = shlex.split(command)
        assert arguments[0] == "kliping"
        if arguments[1] == "demo":
            arguments += ["--home", str(tmp_path / "home")]
        done = kliping(environment, *arguments[1:])
        assert done.returncode == 0, (command, done.stderr)
        printed = [line.rstrip() for line in done.stdout.splitlines()]
        for line in shown:
            if line != "…" and "data/demo" not in line:
                assert line.rstrip() in printed, (command, line, done.stdout)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_is_in_readme_and_its_help_has_an_example(command: LazyCommand) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `kliping {command.name}"))
    loaded = command.load()
    subcommands = loaded.commands if isinstance(loaded, TyperGroup) else {}
    for name in subcommands:
        assert f"`{name}`" in row, f"{command.name} {name}"
    for leaf in subcommands.values() or [loaded]:
        real = leaf.load() if isinstance(leaf, LazyCommand) else leaf
        assert "Example: kliping" in (real.help or ""), leaf.name


@pytest.mark.parametrize("command", [*COMMANDS, *read.COMMANDS, *sources.COMMANDS], ids=lambda command: command.target)
def test_the_summary_of_a_command_is_the_first_line_of_its_help(command: LazyCommand) -> None:
    """The table of commands repeats it, so that `kliping --help` imports no command."""
    assert (command.load().help or "").splitlines()[0] == command.help


@pytest.mark.parametrize(
    "path", [[], *([command.name] for command in COMMANDS if isinstance(command.load(), TyperGroup))]
)
def test_help_lists_commands_without_cutting_a_sentence(path: list[str]) -> None:
    shown = CliRunner().invoke(app, [*path, "--help"]).output
    assert "..." not in shown.partition("Commands:")[2]


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `KLIPING_(\w+)`", text, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields} - {"SOURCES"}
    for name in SourceSettings.model_fields:
        assert re.search(rf"^    {name} = ", text, re.MULTILINE), name


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs/decisions").glob("0*.md"):
        assert f"({page.name})" in index
        title = page.read_text(encoding="utf-8").splitlines()[0]
        assert title.startswith(f"# {page.name[:4]}. ")


HEAVY = {"scrapy", "sqlalchemy", "tantivy", "twisted", "pydantic", "rich", "selectolax", "apscheduler", "structlog"}


@pytest.mark.processes
@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        ("--help", set()),
        ("read --help", {"pydantic"}),
        ("sources --help", {"pydantic"}),
        ("read dates --help", {"pydantic"}),
        ("read dates 2015-12-18", {"pydantic"}),
        ("read credits (ANTARA/x)", {"pydantic"}),
        ("read words berita", {"pydantic", "tantivy"}),
    ],
)
def test_a_command_imports_only_what_it_needs(arguments: str, needed: set[str]) -> None:
    """`kliping --help` answers in a tenth of a second. Typer needs pydantic as soon as there are arguments."""
    code = (
        f"import sys; sys.argv = ['kliping', *{arguments.split()!r}]\n"
        "from kliping.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit: pass\n"
        f"print(*({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert set(done.stderr.split()) <= needed
