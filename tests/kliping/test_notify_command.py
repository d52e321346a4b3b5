"""`kliping notify` and `kliping watch`: from the settings to the message, and what people read of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from typer.testing import CliRunner, Result

from archive.database import Archive
from kliping.cli.main import app
from tests.support.webhook import Webhook, webhook

pytestmark = pytest.mark.processes
ISIS = "Rusia bahas penumpasan ISIS di Moskow"


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as opened:
        yield opened


@pytest.fixture
def home(archive: Archive, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive's folder, with one target, `desk`."""
    monkeypatch.setenv("KLIPING_HOME", str(archive.home))
    monkeypatch.setenv("KLIPING_NOTIFY", json.dumps({"desk": hook.url}))
    return archive.home


def call(*arguments: str, status: int = 0) -> Result:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == status, (done.output, done.exception)
    assert "s3cr3t" not in done.output  # no part of an address is ever shown
    return done


def run(*arguments: str, status: int = 0) -> str:
    """All that is printed."""
    return call(*arguments, status=status).output


def saved(*arguments: str, status: int = 0) -> Any:
    return json.loads(call(*arguments, "--json", status=status).stdout)


def import_clipping(folder: Path, title: str) -> None:
    text = f"{title}\n\nJumat, 18 Desember 2015 10:05 WIB\n\nJakarta (ANTARA News) - {title}. Isi berita itu panjang.\n"
    file = folder / f"{abs(hash(title))}.txt"
    file.write_text(text, encoding="utf-8")
    run("import", str(file))


def test_a_test_message_says_for_each_target_what_happened(
    home: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = {"desk": hook.url, "dead": "json://127.0.0.1:1/s3cr3t", "wrong": "nosuch://s3cr3t"}
    monkeypatch.setenv("KLIPING_NOTIFY", json.dumps(targets))
    lines = run("notify", "test", status=1).splitlines()
    assert lines[0] == "desk (json://…): accepted the test message"
    assert lines[1].startswith("dead (json://…): FAILED: ")
    assert lines[2].startswith("wrong (nosuch://…): FAILED: The address (nosuch://…) is none that Apprise understands.")
    assert hook.titles == ["Kliping: a test message"]
    assert saved("notify", "test", "desk") == [{"target": "desk", "kind": "json://…", "problem": None}]
    assert "There is no target 'chief' (desk, dead, wrong)." in run("notify", "test", "chief", status=2)


def test_states_are_told_once_and_shown(home: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kliping.cli.doctor._LEAST_FREE", 10**18)
    assert "1 messages were delivered." in run("notify", "send")
    assert "Nothing was to be delivered." in run("notify", "send")
    monkeypatch.setattr("kliping.cli.doctor._LEAST_FREE", 0)
    run("notify", "send")
    assert hook.titles == ["Kliping: disk: needs a look", "Kliping: disk: healthy again"]
    assert [each["deliveries"] for each in saved("notify", "list")] == [{"desk": "sent"}] * 2
    assert "desk sent" in run("notify", "list")
    assert run("notify", "pending") == "Nothing waits.\n"


def test_what_waits_is_shown_with_the_reason(home: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kliping.cli.doctor._LEAST_FREE", 10**18)
    hook.status = 500
    report = saved("notify", "send", status=1)
    assert list(report["failed"]) == ["desk"]
    assert "500" in run("notify", "pending", status=1)
    monkeypatch.delenv("KLIPING_NOTIFY")
    assert "the settings have no such target any more" in run("notify", "pending", status=1)
    assert run("notify", "drop", "desk") == "1 messages to desk were given up.\n"
    assert run("notify", "drop", "desk") == "Nothing waits for desk.\n"


def test_what_is_wrong_is_told_to_whoever_is_set_later(
    home: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kliping.cli.doctor._LEAST_FREE", 10**18)
    monkeypatch.delenv("KLIPING_NOTIFY")
    assert "No target is set." in run("notify", "send")
    monkeypatch.setenv("KLIPING_NOTIFY", json.dumps({"desk": hook.url}))
    run("notify", "send")
    assert hook.titles == ["Kliping: disk: needs a look"]


def test_without_targets_a_test_says_how_to_set_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KLIPING_NOTIFY")
    assert "KLIPING_NOTIFY" in run("notify", "test", status=2)


def test_an_archive_that_cannot_be_used_is_told_directly_and_once(archive: Archive, home: Path, hook: Webhook) -> None:
    archive.close()  # so that the file has everything
    database = home / "archive.sqlite3"
    kept = database.read_bytes()
    database.write_bytes(b"no database at all, " * 100)
    for _ in range(2):
        run("notify", "send", status=2)
    database.write_bytes(kept)
    run("notify", "send")
    assert hook.titles[:2] == ["Kliping: the archive cannot be used", "Kliping: the archive can be used again"]


def test_a_watch_tells_what_is_new_after_each_follow(home: Path, hook: Webhook, tmp_path: Path) -> None:
    added = run("watch", "add", "ISIS Moskow", "--to", "desk", "--imports")
    assert added.startswith("Watch 1 looks for 'ISIS Moskow' and tells desk, each.")
    import_clipping(tmp_path, ISIS)
    import_clipping(tmp_path, "Harga beras naik di Kendari")
    run("notify", "send")
    assert f"Kliping: ISIS Moskow: {ISIS}" in hook.titles
    assert [each["found"] for each in saved("watch", "list")] == [1]
    assert "1 articles of the archive match" in run("watch", "test", "1", "--send")
    assert hook.received[-1]["message"].startswith(f"New: {ISIS}")
    feed = tmp_path / "isis.atom"
    run("watch", "feed", "1", "--to", str(feed))
    assert etree.fromstring(feed.read_bytes()).findtext(".//{*}entry/{*}title") == ISIS
    assert run("watch", "feed", "1").encode() == feed.read_bytes()
    assert run("watch", "remove", "1") == "Watch 1 ('ISIS Moskow') is removed.\n"
    assert "There is no watch 1." in run("watch", "remove", "1", status=2)
    assert saved("watch", "list") == []


def test_a_watch_may_have_an_address_of_its_own_which_is_never_shown(home: Path, hook: Webhook) -> None:
    assert "tells its own address (json://…), daily" in run("watch", "add", "gempa", "--to", hook.url, "--daily")
    assert "s3cr3t" not in json.dumps(saved("watch", "list"))
    assert "its own address (json://…)" in run("watch", "list")
    run("watch", "test", "1", "--send")
    assert hook.titles == ["Kliping: a test message"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ISIS", "--to", "chief"], "There is no target 'chief' (desk), and it is no address"),
        (["ISIS", "--to", "nosuch://s3cr3t"], "none that Apprise understands"),
        (["ISIS", "--each", "--daily"], "--each and --daily exclude each other"),
        (['"ISIS'], "This quotation mark is never closed."),
        ([""], "A watch needs words to look for."),
    ],
)
def test_a_mistake_in_a_watch_is_one_sentence(home: Path, arguments: list[str], said: str) -> None:
    assert said in run("watch", "add", *arguments, status=2)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KLIPING_NOTIFY_QUIET_HOURS", "22-6", "is no span of a day"),
        ("KLIPING_NOTIFY_DIGEST", "7 o'clock", "is no time of a day"),
        ("KLIPING_NOTIFY_LANGUAGE", "fr", "NOTIFY_LANGUAGE"),
        ("KLIPING_NOTIFY", '{"my desk": "json://s3cr3t"}', "notify"),
        ("KLIPING_NOTIFY", '{"desk": 5}', "notify"),
        ("KLIPING_NOTIFY", "json://s3cr3t", "not JSON"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    assert said in run("notify", "list", status=2)
