"""The documents are true: README's commands run and print what it shows; no command and no setting is undocumented."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import typer.main

from kliping.cli.main import app
from kliping.config import Settings, SourceSettings
from tests.support.children import kliping, settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def transcript() -> list[tuple[str, list[str]]]:
    """README's commands, each with the lines that it shows of its output ("…" stands for any)."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```\n(\$ .*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


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


def test_every_command_stands_in_readme_and_its_help_has_an_example() -> None:
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]  # it is a group
        assert f"`kliping {name}" in README, name
        subcommands = getattr(command, "commands", {})
        for each in subcommands:
            row = next(line for line in README.splitlines() if line.startswith(f"| `kliping {name}"))
            assert f"`{each}`" in row, f"{name} {each}"
        for leaf in subcommands.values() or [command]:
            assert "Example: kliping" in leaf.help, leaf.name


def test_every_setting_is_documented_and_no_other() -> None:
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


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    """`kliping --help` is quick because each command imports what it needs only when it runs."""
    import subprocess
    import sys

    code = (
        "import sys; sys.argv = ['kliping', '--help']\n"
        "from kliping.cli.main import app\n"
        "try:\n    app()\nexcept SystemExit: pass\n"
        "heavy = {'scrapy', 'sqlalchemy', 'tantivy', 'twisted', 'pydantic', 'rich', 'selectolax', 'apscheduler'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "[]"
