"""The record of a host: when it counts as blocking us, for how long it is left alone, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from archive import hosts, runs
from archive.database import Archive
from archive.hosts import FIRST_PAUSE, LONGEST_PAUSE, MOST_REFUSALS, HostRecord
from archive.politeness import HostTraffic, save_traffic, traffic_since
from crawler.fetching.host_memory import HostMemory

NOW = datetime(2025, 3, 3, 19, tzinfo=UTC)
WIB = ZoneInfo("Asia/Jakarta")
NEW = HostRecord(host="www.x.test", source="x")


def refused(record: HostRecord, times: int, now: datetime = NOW) -> HostRecord:
    for _ in range(times):
        record = record.after_refusal(429, now)
    return record


def test_a_host_blocks_us_after_five_refusals_on_end_and_an_answer_ends_that() -> None:
    assert not refused(NEW, MOST_REFUSALS - 1).blocks
    assert not refused(refused(NEW, MOST_REFUSALS - 1).after_answer(), 1).blocks
    blocking = refused(NEW, MOST_REFUSALS)
    assert blocking.blocked_till(NOW) == NOW + FIRST_PAUSE
    assert refused(blocking, 3).blocked_until == blocking.blocked_until  # answers to what was under way
    answering = blocking.after_answer()
    assert (answering.blocks, answering.refusals, answering.in_words(NOW, WIB)) == (False, 0, None)


def test_pauses_double_up_to_less_than_a_day_while_the_one_request_that_may_be_sent_is_refused() -> None:
    record, now, pauses = refused(NEW, MOST_REFUSALS), NOW, []
    for _ in range(10):
        assert record.blocked_until
        pauses.append(record.blocked_until - now)
        now = record.blocked_until + timedelta(seconds=1)
        assert record.blocked_till(now) is None
        record = record.after_refusal(403, now)
    assert pauses[:4] == [FIRST_PAUSE * factor for factor in (1, 2, 4, 8)]
    assert pauses[-1] == LONGEST_PAUSE < timedelta(days=1)
    again = refused(record.after_answer(), MOST_REFUSALS, now + timedelta(days=4))
    assert again.blocked_until == now + timedelta(days=4) + FIRST_PAUSE


def test_a_wish_to_wait_is_bounded_and_what_a_wrong_clock_wrote_does_not_count() -> None:
    assert NEW.after_wish(timedelta(days=5), NOW).waits_until(NOW) == NOW + timedelta(days=1)
    longer = NEW.after_wish(timedelta(hours=3), NOW).after_wish(timedelta(seconds=5), NOW)
    assert longer.waits_until(NOW) == NOW + timedelta(hours=3)
    ahead = replace(NEW, wait_until=NOW + timedelta(days=400), blocked_until=NOW + timedelta(days=400))
    assert (ahead.waits_until(NOW), ahead.blocked_till(NOW)) == (None, None)


def test_each_condition_is_told_in_one_sentence_with_local_times() -> None:
    assert NEW.after_wish(timedelta(hours=1), NOW).in_words(NOW, WIB) == (
        "www.x.test asked us to wait until 2025-03-04 03:00 WIB (Retry-After)."
    )
    blocking = refused(NEW, MOST_REFUSALS)
    assert blocking.in_words(NOW, WIB) == (
        "www.x.test blocks us since 2025-03-04 02:00 WIB (5 refusals on end, status 429); "
        "nothing is asked of it until 2025-03-04 02:15 WIB."
    )
    later = blocking.in_words(NOW + timedelta(hours=1), WIB)
    assert later
    assert later.endswith("; the next crawl asks it once.")
    assert "only with a cookie" in (replace(NEW, cookie_at=NOW).in_words(NOW, WIB) or "")
    assert NEW.in_words(NOW, WIB) is None


def test_records_are_stored_one_a_host_and_read_by_the_next_crawl(archive: Archive) -> None:
    """Seconds to wait are counted from now on a clock that nobody sets."""

    def load(host: str) -> HostRecord | None:
        with archive.reading() as connection:
            return hosts.load(connection, host)

    now, steady = [NOW], [-500.0]
    memory = HostMemory("x", load, clock=lambda: now[0], steady=lambda: steady[0])
    memory.asked_to_wait("www.x.test", timedelta(hours=1))
    memory.set_crawl_delay("www.x.test", 5.0)
    for _ in range(2):
        with archive.writing() as connection:
            hosts.save(connection, memory.take_unsaved())
    other = HostMemory("y", load, clock=lambda: now[0], steady=lambda: steady[0])
    assert (other.wait_left("www.x.test"), other.pause_left("www.x.test")) == (3600.0, 0.0)
    assert other.record("www.x.test").crawl_delay == 5.0
    now[0] += timedelta(days=300)  # the wall clock jumps
    steady[0] += 600
    assert other.wait_left("www.x.test") == 3000.0
    assert (other.wait_left("lama.x.test"), other.is_suspect("lama.x.test")) == (0.0, False)
    with archive.reading() as connection:
        assert [each.host for each in hosts.load_all(connection)] == ["www.x.test"]


def test_the_ledger_of_several_runs_shows_an_interval_beside_the_delay_of_its_own_run(archive: Archive) -> None:
    """The publisher asked for 1 s, and for 5 s since yesterday: 1.2 s are no breach of 5 s."""
    with archive.writing() as connection:
        for number, (delay, interval) in enumerate(((1.0, 1.2), (5.0, 5.1), (None, None))):
            run_id = f"run-{number}"
            runs.begin(connection, run_id, source="x", kind="crawl", holder="me", lease=None, now=NOW)
            traffic = HostTraffic(host="www.x.test", requests=10, shortest_interval=interval, crawl_delay=delay)
            save_traffic(connection, run_id, [traffic])
        ((source, summed),) = traffic_since(connection, NOW)
    assert (source, summed.requests, summed.shortest_interval, summed.crawl_delay) == ("x", 30, 5.1, 5.0)
