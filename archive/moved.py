"""What a database says of a move: facts that keep an archive that was moved, or is half moved, from being used.

`moving-to` stands in the source from the first row on, `moved-to` when all is done. `moved-from` stands in the target
until everything is there. Both name a database in words, without a password.
"""

from __future__ import annotations

from sqlalchemy import Connection

from archive.facts import facts_in

MOVING_TO = "moving-to"
MOVED_TO = "moved-to"
MOVED_FROM = "moved-from"


def refusal(connection: Connection, place: str) -> str | None:
    """Why the archive in this database may not be used, in a sentence; None if it may."""
    known = facts_in(connection)
    if target := known.get(MOVED_TO):
        return f"The archive in {place} was moved to {target}. Let KLIPING_DATABASE_URL name that."
    if target := known.get(MOVING_TO):
        return (
            f"The archive in {place} is being moved to {target}. If no `kliping archive move` is running, start it "
            "again: it goes on where it was. `kliping archive move --cancel` gives the move up."
        )
    if MOVED_FROM in known:
        return (
            f"{place} has a part of an archive that is being moved there. Let KLIPING_DATABASE_URL name the database "
            "that it comes from, and run `kliping archive move` again: it goes on where it was."
        )
    return None
