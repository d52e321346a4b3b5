"""Building an index anew beside the one that is searched: create → fill → check → swap → after (DESIGN, decision 8).

What was done stands in the table `indexes`, so whoever is killed is followed by somebody who goes on. The alias moves
once, in one step, under the leases of both indexes: no follower of the old one is in the middle of anything then, and
the new one has every change that the old one ever had.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from archive import changes, indexes
from archive.database import Archive
from archive.indexes import IndexState
from archive.leases import Lease, check
from indexer.contract import (
    MadeFor,
    NeedsReindexError,
    NoCopyError,
    PhysicalIndex,
    SearchError,
    SearchIndex,
)
from indexer.follow import Followed, advance, check_fit, cursor_of, enter, held_lease, in_line, made_for
from indexer.rollback import prune_held

STEPS = ("create", "fill", "check", "swap", "after")
SAMPLE = 200
"""Articles whose content hash is compared before the alias moves."""
BUILDS = 3
"""How often a reindex begins anew, or goes on, when what it was building went away with a node."""
PATIENCE = 600.0
"""Seconds that the swap waits for a follower of the old index to end."""

Hook = Callable[[str, float], None]
"""Told each step's name, and how much of it is done (0 to 1)."""


class ReindexStoppedError(SearchError):
    """The new index is not what the archive says it should be; the alias stays where it was."""


@dataclass(frozen=True, slots=True)
class Reindexed:
    """A reindex that ended: the index behind the alias now, the one before, and what happened on the way."""

    index: str
    previous: str | None
    resumed: bool
    documents: int
    dead_letters: int
    dropped: tuple[str, ...]


def reindex(
    archive: Archive,
    index: SearchIndex,
    *,
    keep: int = 1,
    lease_seconds: float = 60.0,
    patience: float = PATIENCE,
    wait: float = 0.0,
    at: Hook | None = None,
    batch_changes: int = 2_000,
) -> Reindexed:
    """Build an index from the archive and put it behind the alias; keep the `keep` previous ones, drop older.

    One that was killed is gone on with, if it is what would be built now. Raises IndexBusyError where another reindex
    runs
    (after `wait` seconds), or a follower does not end within `patience`; ReindexStoppedError where the check fails.
    """
    say = at or _silent
    with held_lease(archive, f"reindex:{index.alias}", seconds=lease_seconds, wait=wait) as lease:
        return _Reindex(archive, index, lease, lease_seconds, patience, say, batch_changes).run(keep)


def _silent(_step: str, _fraction: float) -> None:
    pass


class _Reindex:
    """One reindex, under its lease."""

    def __init__(
        self,
        archive: Archive,
        index: SearchIndex,
        lease: Lease,
        lease_seconds: float,
        patience: float,
        say: Hook,
        batch_changes: int,
    ) -> None:
        self.archive = archive
        self.index = index
        self.lease = lease
        self.lease_seconds = lease_seconds
        self.patience = patience
        self.say = say
        self.batch_changes = batch_changes

    def run(self, keep: int) -> Reindexed:
        """All the steps, or those that are left."""
        standing = self.index.standing()
        old = next((each for each in self.index.list() if each.name == standing), None)
        finished = old is not None and self._settled(old)
        if finished:
            assert old is not None
            physical, resumed, previous = old, True, None
        else:
            physical, resumed = self._build(old, standing)
            previous = old.name if old else None
        self.say("after", 0.0)
        self._set_state(physical, IndexState.READY)
        self.say("after", 0.5)
        dropped = prune_held(self.archive, self.index, keep)
        self.say("after", 1.0)
        with self.archive.reading() as connection:
            letters = indexes.count_dead_letters(connection, physical.uuid)
        count = self.index.count(physical.name)
        return Reindexed(physical.name, previous, resumed, count, letters, dropped)

    def _build(self, old: PhysicalIndex | None, standing: str | None) -> tuple[PhysicalIndex, bool]:
        """Everything up to the moved alias; anew where the nodes that held the new index went away with it.

        While it is filled it has no second copy. Gives the index, and whether somebody began it before.
        """
        for left in reversed(range(BUILDS)):
            physical, resumed = self._take_up()
            try:
                with self._held(f"index:{physical.uuid}") as mine:
                    self._fill(physical, mine)
                    self._check(physical)
                    self._swap(physical, mine, old, standing)
            except NoCopyError:
                if not left:
                    raise
            else:
                break
        return physical, resumed

    def _settled(self, standing: PhysicalIndex) -> bool:
        """Whether the index behind the alias is one whose reindex was killed after the alias had moved, and still fits.

        Nothing is left to do then but what comes after. An index that stands behind the alias is ready in any case.
        """
        with self.archive.reading() as connection:
            row = indexes.find(connection, standing.uuid)
        if row is None or row.state is not IndexState.BUILDING:
            return False
        self._set_state(standing, IndexState.READY)
        return standing.made_for == made_for(self.archive) and self._fits(standing)

    def _fits(self, physical: PhysicalIndex) -> bool:
        try:
            check_fit(self.archive, self.index, physical)
        except (NeedsReindexError, NoCopyError):
            return False
        return True

    def _held(self, name: str, meanwhile: Callable[[], object] | None = None) -> AbstractContextManager[Lease]:
        """A lease, waited for with patience, and as long as a reindex or follower that was killed leaves its own."""
        wait = self.lease_seconds + self.patience
        return held_lease(self.archive, name, seconds=self.lease_seconds, wait=wait, meanwhile=meanwhile)

    # -- create -------------------------------------------------------------------------------------------------------

    def _take_up(self) -> tuple[PhysicalIndex, bool]:
        """The index to build, made if it is not there yet; and whether somebody began it before."""
        self.say("create", 0.0)
        wanted = made_for(self.archive)
        with self.archive.reading() as connection:
            known = indexes.find_all(connection, self.index.engine, self.index.alias)
        building = [row for row in known if row.state is IndexState.BUILDING]
        usable = [row for row in building if MadeFor(**row.made_for) == wanted]
        resumed = None
        if usable:
            row = usable[-1]
            begun = PhysicalIndex(row.name, row.alias, row.uuid, row.created_at, wanted)
            resumed = begun if self._resumable(begun) else None
        for row in building:
            if resumed is None or row.uuid != resumed.uuid:
                self._drop(row.uuid, row.name)
        if resumed is not None:
            self.say("create", 1.0)
            return resumed, True
        physical = PhysicalIndex.new(self.index.alias, wanted, datetime.now(UTC))
        enter(self.archive, self.index, physical)
        self.say("create", 0.5)
        self.index.create(physical)
        self.say("create", 1.0)
        return physical, False

    def _resumable(self, physical: PhysicalIndex) -> bool:
        """Whether a half-built index can be gone on with: not where its files are lost, or the nodes that hold it."""
        try:
            self.index.create(physical)  # whoever began it may have been killed before it stood
            emptied = self.index.newest(physical.name) is None and cursor_of(self.archive, physical) > 0
            return not emptied and self._fits(physical)
        except NoCopyError:
            return False

    # -- fill, check --------------------------------------------------------------------------------------------------

    def _fill(self, physical: PhysicalIndex, mine: Lease) -> None:
        self.say("fill", 0.0)
        self._advance(physical, mine, lambda cursor, target: self.say("fill", cursor / target))
        self.say("fill", 1.0)

    def _advance(
        self, physical: PhysicalIndex, mine: Lease, progress: Callable[[int, int], None] | None = None
    ) -> Followed:
        return advance(self.archive, self.index, physical, mine, progress=progress, batch_changes=self.batch_changes)

    def _check(self, physical: PhysicalIndex) -> None:
        """Compare counts, and a sample of content hashes, in one view of the archive. Raises ReindexStoppedError.

        The archive may have gone on since; articles that it forgot meanwhile may stand in the index or not.
        """
        self.say("check", 0.0)
        self.index.refresh(physical.name)
        with self.archive.reading() as connection:
            known = indexes.find(connection, physical.uuid)
            assert known is not None
            expected = changes.count_changed_by(connection, known.cursor)
            letters = indexes.count_dead_letters(connection, physical.uuid)
            forgotten = changes.count_forgotten_since(connection, known.cursor)
            sample = changes.sample_hashes(connection, known.cursor, SAMPLE)
            refused = {letter.article_id for letter in indexes.dead_letters_of(connection, physical.uuid)}
        count = self.index.count(physical.name)
        self.say("check", 0.5)
        held = self.index.hashes(physical.name, list(sample))
        wrong = [each for each, digest in sample.items() if each not in refused and held.get(each) != digest]
        if not expected - letters <= count <= expected - letters + forgotten:
            self._stop(
                physical,
                f"it holds {count} documents, and the archive has {expected} articles of which it refused {letters}",
            )
        if wrong:
            self._stop(physical, f"{len(wrong)} of {len(sample)} articles compared differ, for instance {wrong[0]}")
        self.say("check", 1.0)

    def _stop(self, physical: PhysicalIndex, why: str) -> None:
        self._set_state(physical, IndexState.DROPPED)  # its files stay for a look until the next reindex
        raise ReindexStoppedError(
            f"The new index {physical.name} is not right: {why}. The alias {physical.alias} was not moved; "
            "searches go on as before. `kliping archive verify` looks for damage; then run `kliping reindex` again."
        )

    # -- swap ---------------------------------------------------------------------------------------------------------

    def _swap(self, physical: PhysicalIndex, mine: Lease, old: PhysicalIndex | None, standing: str | None) -> None:
        self.say("swap", 0.0)
        if old is None:
            self._move(physical, mine, standing)
            return
        leaving = f"index:{old.uuid}"
        with self._held(in_line(leaving)), self._held(leaving, meanwhile=lambda: self._advance(physical, mine)):
            self._set_state(old, IndexState.READY)  # the latest in service: the one that `rollback` goes back to
            self._move(physical, mine, standing)

    def _move(self, physical: PhysicalIndex, mine: Lease, standing: str | None) -> None:
        self._advance(physical, mine)
        self.say("swap", 0.5)
        self.index.refresh(physical.name)
        with self.archive.writing() as connection:
            check(connection, mine)
            check(connection, self.lease)
        self.index.swap(physical.name, expected=standing)
        self.say("swap", 1.0)

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _set_state(self, physical: PhysicalIndex, state: IndexState) -> None:
        with self.archive.writing() as connection:
            indexes.set_state(connection, physical.uuid, state, datetime.now(UTC))

    def _drop(self, uuid: str, name: str) -> None:
        with self.archive.writing() as connection:
            indexes.set_state(connection, uuid, IndexState.DROPPED, datetime.now(UTC))
        self.index.drop(name)
