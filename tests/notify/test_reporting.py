"""What changed is written with its deliveries in one transaction: once, in the chosen language, for its hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from archive import outbox
from archive.conditions import all_conditions
from archive.database import Archive
from notify.conditions import HEALTHY, TROUBLE, Sighting
from notify.hours import QuietHours
from notify.preferences import Preferences
from notify.reporting import add_digest, report
from notify.wording import Language
from tests.notify.conftest import JAKARTA

NOW = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)  # 23:00 in Jakarta
BLOCKED = Sighting("source:antara", "blocked", "antara: failed. Not read: 118 blocked.", "kliping crawl antara")
WISHES = Preferences({"desk": "json://127.0.0.1:1/", "chief": "json://127.0.0.1:2/"}, JAKARTA)


def waiting(archive: Archive) -> list[outbox.Delivery]:
    with archive.reading() as connection:
        return outbox.pending(connection)


def test_a_change_goes_to_every_target_once(archive: Archive) -> None:
    report(archive, [Sighting("source:antara", HEALTHY)], WISHES, NOW)
    for minutes in range(3):
        report(archive, [BLOCKED], WISHES, NOW + timedelta(minutes=minutes))
    told = waiting(archive)
    assert [each.target for each in told] == ["chief", "desk"]
    assert told[0].title == "Kliping: antara: blocked"
    assert told[0].body.splitlines() == [
        "antara: failed. Not read: 118 blocked.",
        "→ kliping crawl antara",
        "It was healthy since 2026-03-01 23:00 WIB. Seen 2026-03-01 23:00 WIB.",
    ]


def test_a_recovery_says_how_long_it_lasted(archive: Archive) -> None:
    report(archive, [BLOCKED], WISHES, NOW)
    report(archive, [Sighting("source:antara", HEALTHY)], WISHES, NOW + timedelta(hours=26))
    recovery = waiting(archive)[-1]
    assert recovery.title == "Kliping: antara: healthy again"
    assert "It was blocked from 2026-03-01 23:00 WIB on, for 1 d 2 h." in recovery.body


def test_indonesian_is_told_to_those_who_ask_for_it(archive: Archive) -> None:
    wishes = replace(WISHES, language=Language.INDONESIAN)
    report(archive, [BLOCKED, Sighting("index", TROUBLE, "It is gone.")], wishes, NOW)
    report(archive, [Sighting("source:antara", HEALTHY)], wishes, NOW + timedelta(hours=1))
    told = {each.title: each.body for each in waiting(archive)}
    assert list(told) == [
        "Kliping: antara: diblokir",
        "Kliping: indeks pencarian: bermasalah",
        "Kliping: antara: sehat kembali",
        "Kliping: indeks pencarian: sehat kembali",
    ]
    assert "Penerbit menolak permintaan kami." in told["Kliping: antara: diblokir"]
    assert "Rincian (bahasa Inggris): antara: failed." in told["Kliping: antara: diblokir"]


def test_quiet_hours_hold_messages_back_and_join_them(archive: Archive) -> None:
    wishes = replace(WISHES, quiet=QuietHours.read("22:00-06:00"))
    report(archive, [BLOCKED], wishes, NOW)
    first = waiting(archive)[0]
    assert (first.not_before, first.bundle) == (datetime(2026, 3, 1, 23, 0, tzinfo=UTC), "quiet")


def test_without_messages_for_changes_the_digest_tells_them(archive: Archive) -> None:
    wishes = replace(WISHES, changes=False, digest=time(7, 0), targets={"desk": "json://127.0.0.1:1/"})
    report(archive, [BLOCKED, Sighting("disk", HEALTHY)], wishes, NOW)
    assert waiting(archive) == []
    morning = datetime(2026, 3, 2, 0, 5, tzinfo=UTC)
    assert add_digest(archive, wishes, morning)
    assert not add_digest(archive, wishes, morning + timedelta(hours=5))  # once a day
    (digest,) = waiting(archive)
    assert digest.title == "Kliping: one thing needs a look"
    assert digest.body.splitlines() == [
        "Since 2026-03-01 07:05 WIB: 0 new articles and 0 corrected ones, in 0 crawls.",
        "Wrong now:",
        "- antara, blocked, 2026-03-01 23:00 WIB: antara: failed. Not read: 118 blocked.",
        "What changed:",
        "- 2026-03-01 23:00 WIB antara: blocked",
    ]
    report(archive, [Sighting("source:antara", HEALTHY)], wishes, morning + timedelta(hours=1))
    assert add_digest(archive, wishes, morning + timedelta(days=1))
    assert waiting(archive)[-1].title == "Kliping: good, nothing is missing"


def test_a_day_without_news_is_told_as_such(archive: Archive) -> None:
    wishes = replace(WISHES, digest=time(7, 0), language=Language.INDONESIAN)
    add_digest(archive, wishes, NOW)
    assert waiting(archive)[0].title == "Kliping: baik, tidak ada yang kurang"
    assert waiting(archive)[0].body.endswith("Tidak ada yang berubah.")


def test_nothing_is_told_if_its_transaction_fails(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state and its message are one transaction: without the message the state counts as not told."""

    def fails(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "add", fails)
        with pytest.raises(KeyboardInterrupt):
            report(archive, [BLOCKED], WISHES, NOW)
    with archive.reading() as connection:
        assert all_conditions(connection) == {}
    assert len(report(archive, [BLOCKED], WISHES, NOW)) == 1
