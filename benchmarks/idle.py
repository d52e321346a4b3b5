"""What the service costs with nothing to do: processor time and memory, with the listener and its monitors.

A service with 25 sources on, none of which is due, runs for some minutes while a monitor asks for /health and
Prometheus for /metrics every 15 s. The bar is 1 % of one processor and 200 MB. The peer is a bare APScheduler process
with as many jobs. Options: `--minutes 3`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from kliping.config import Settings
from sources import load_all

SOURCES = 25
SCRAPE_SECONDS = 15.0
PORT = 9471
TICKS = os.sysconf("SC_CLK_TCK")

BARE = """
import time
from apscheduler.schedulers.background import BackgroundScheduler
scheduler = BackgroundScheduler()
for number in range(25):
    scheduler.add_job(lambda: None, "cron", hour=2, id=str(number))
scheduler.start()
while True:
    time.sleep(5)
"""


def processor_seconds(pid: int) -> float:
    """Processor time of a process so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_megabytes(pid: int) -> float:
    """The most memory that a process has had."""
    (line,) = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def far_from_now() -> str:
    """A cron of twelve hours from now: nothing is due meanwhile."""
    return f"0 {(datetime.now(UTC).hour + 12) % 24} * * *"


def environment_of(home: str, **settings: str) -> dict[str, str]:
    """The environment of a service with SOURCES sources on."""
    names = [source.name for source in load_all()[0] if source.name != "newsstand"][:SOURCES]
    on = {f"KLIPING_SOURCES__{name.upper()}__ENABLED": "true" for name in names}
    fixed = {"KLIPING_HOME": home, "KLIPING_TIMEZONE": "UTC", "KLIPING_CRON": far_from_now(), "KLIPING_ROUNDS": "false"}
    return {**os.environ, **fixed, "KLIPING_VERIFY_CRON": "never", **on, **settings}


def scraped(seconds: float, port: int | None) -> None:
    """Let so many seconds pass; with a port, ask for both pages every SCRAPE_SECONDS."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for path in ("health", "metrics") if port else ():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=30) as answer:
                    answer.read()
            except urllib.error.HTTPError as error:
                error.read()
        time.sleep(min(SCRAPE_SECONDS, max(0.0, left)))


def measured(command: list[str], environment: dict[str, str], seconds: float, port: int | None) -> tuple[float, float]:
    """Percent of a processor over the span, after the start, and peak memory in MB."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            time.sleep(20)  # the start is not idle
            began, before = time.monotonic(), processor_seconds(process.pid)
            scraped(seconds, port)
            used, span = processor_seconds(process.pid) - before, time.monotonic() - began
            return 100 * used / span, peak_megabytes(process.pid)
        finally:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    seconds = parser.parse_args().minutes * 60
    service = [sys.executable, "-m", "kliping", "schedule", "run"]
    rows = []
    with TemporaryDirectory() as home:
        rows.append(("service", *measured(service, environment_of(home), seconds, None)))
        listening = environment_of(home, KLIPING_LISTEN_PORT=str(PORT))
        rows.append(("service, scraped", *measured(service, listening, seconds, PORT)))
    rows.append(("bare APScheduler", *measured([sys.executable, "-c", BARE], dict(os.environ), seconds, None)))
    assert Settings.model_fields["listen_port"].default is None
    print(f"{SOURCES} sources on, none due, {seconds:.0f} s each; the bar is 1 % and 200 MB")
    print(f"{'':20}{'processor':>12}{'memory':>10}")
    for name, percent, megabytes in rows:
        print(f"{name:20}{percent:>10.2f} %{megabytes:>7.0f} MB")


if __name__ == "__main__":
    main()
