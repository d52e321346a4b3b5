"""What publishers answered of the time, beside this machine's clock: the last word of each source.

One publisher's clock may be wrong, so a single difference proves nothing; `scheduler.watchman` compares several.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, select

from archive.clock_jumps import Clocks
from archive.facts import set_fact
from archive.tables import facts

_PREFIX = "clock of "


def note(connection: Connection, source: str, seconds: float, now: datetime) -> None:
    """Store by how many seconds a publisher's clock was later than ours in a crawl; negative: earlier."""
    value = json.dumps({"at": now.timestamp(), "seconds": round(seconds), "clock": Clocks.of(connection).number})
    set_fact(connection, _PREFIX + source, value)


def since(connection: Connection, moment: datetime, now: datetime) -> dict[str, int]:
    """The seconds by which each source's clock was later than ours, in its last crawl between these two moments.

    What was stored before the last change of our clock that is known says nothing of today's.
    """
    number = Clocks.of(connection).number
    said = {}
    for name, value in connection.execute(select(facts.c.name, facts.c.value).where(facts.c.name.startswith(_PREFIX))):
        stored = json.loads(value)
        if stored["clock"] == number and moment.timestamp() <= stored["at"] <= now.timestamp():
            said[name.removeprefix(_PREFIX)] = int(stored["seconds"])
    return said
