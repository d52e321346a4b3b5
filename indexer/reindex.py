"""Builds a new index beside the one that is searched: create → fill → check → swap → after (decision 8).

Progress is saved in the table `indexes`, so if a reindex is killed, the next one resumes it. The alias moves in one
atomic step, under the leases of both indexes. So no follower is writing to the old index at that moment, and the new
index has every change that the old one has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from archive import changes, indexes
from archive.database import Archive
from archive.ending import Stop, never
from archive.families.growing import grow
from archive.indexes import IndexState
from archive.leases import Lease, check
from indexer.contract import (
    IndexRefusesError,
    NeedsReindexError,
    NoCopyError,
    Outcome,
    PhysicalIndex,
    Provenance,
    SearchError,
    SearchIndex,
    UnavailableError,
)
from indexer.follow import FollowResult, Sent, advance, hold_lease, reservation
from indexer.registry import check_compatible, current_provenance, cursor_of, register
from indexer.rollback import previous_index, prune_under_lease

STEPS = ("create", "fill", "check", "swap", "after")
SAMPLE = 200
"""Articles whose content hash is compared before the alias moves."""
BUILDS = 3
"""Attempts to build the index, if it is lost with a node meanwhile."""
PATIENCE = 600.0
"""Seconds that the swap waits for a follower of the old index to finish."""

OnStep = Callable[[str, float], None]
"""Called with the name of a step and the fraction of it that is done (0 to 1)."""


_LOOK = "Look for damage with `kliping archive verify`, then run `kliping reindex` again."


class _AllRefusedError(Exception):
    """The new index refused every document of its first batch."""

    def __init__(self, count: int, reason: str) -> None:
        super().__init__(reason)
        self.count = count
        self.reason = reason


class ReindexStoppedError(SearchError):
    """The new index does not match the archive. The alias was not moved."""


class ReindexInterruptedError(SearchError):
    """The reindex was asked to end. The next one goes on where it stopped."""


@dataclass(frozen=True, slots=True)
class ReindexResult:
    """Result of a reindex: the index behind the alias now, the previous one, and what was done.

    `rollback_to` is the index to which `rollback` would go back now; None if there is none to which it can.
    """

    index: str
    previous: str | None
    rollback_to: str | None
    resumed: bool
    documents: int
    dead_letters: int
    dropped: tuple[str, ...]


def reindex(
    archive: Archive,
    index: SearchIndex,
    *,
    keep: int = 1,
    accept_fewer: bool = False,
    lease_seconds: float = 60.0,
    patience: float = PATIENCE,
    wait: float = 0.0,
    on_step: OnStep | None = None,
    batch_changes: int = 2_000,
    stop: Stop = never,
) -> ReindexResult:
    """Build an index from the archive and move the alias to it. Keeps the `keep` previous indexes and drops older ones.

    Resumes a reindex that was killed, if its index still has the right schema, lexicon and archive. Raises
    IndexBusyError if another reindex still runs after `wait` seconds, or a follower does not finish within `patience`
    seconds. Raises ReindexStoppedError if the new index refuses everything, fails the check, or lacks documents of the
    index that is searched now, unless `accept_fewer`. `stop` is asked after each batch while the index is filled; then
    this raises ReindexInterruptedError, and the next reindex goes on there.
    """
    grow(archive, lease_seconds=lease_seconds, stop=stop)
    with hold_lease(archive, f"reindex:{index.alias}", seconds=lease_seconds, wait=wait) as lease:
        work = _Reindex(archive, index, lease, lease_seconds, patience, on_step or _ignore, batch_changes, accept_fewer)
        work.stop = stop
        return work.run(keep)


def _ignore(_step: str, _fraction: float) -> None:
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
        on_step: OnStep,
        batch_changes: int,
        accept_fewer: bool,
    ) -> None:
        self.archive = archive
        self.index = index
        self.lease = lease
        self.lease_seconds = lease_seconds
        self.patience = patience
        self.on_step = on_step
        self.batch_changes = batch_changes
        self.accept_fewer = accept_fewer
        self.stop: Stop = never
        self._accepted = False

    def run(self, keep: int) -> ReindexResult:
        """Run all steps, or those that a killed reindex left."""
        target = self.index.alias_target()
        old = next((each for each in self.index.list() if each.name == target), None)
        if old is not None and self._is_swapped(old):
            physical, resumed, previous = old, True, None
        else:
            physical, resumed = self._build(old, target)
            previous = old.name if old else None
        self.on_step("after", 0.0)
        self._set_state(physical, IndexState.READY)
        self.on_step("after", 0.5)
        dropped = prune_under_lease(self.archive, self.index, keep)
        self.on_step("after", 1.0)
        with self.archive.reading() as connection:
            letters = indexes.count_dead_letters(connection, physical.uuid)
        count = self.index.count(physical.name)
        return ReindexResult(physical.name, previous, self._rollback_to(), resumed, count, letters, dropped)

    def _rollback_to(self) -> str | None:
        """The index to which a rollback goes back; None if there is none that matches the archive."""
        earlier = previous_index(self.archive, self.index)
        try:
            return earlier.name if earlier and self._is_compatible(earlier) else None
        except UnavailableError:  # it is damaged
            return None

    def _build(self, old: PhysicalIndex | None, target: str | None) -> tuple[PhysicalIndex, bool]:
        """All steps up to the swap. Returns the index, and whether it was resumed.

        An index has no replica while it is filled. If its node is lost, the build starts again.
        """
        for attempts_left in reversed(range(BUILDS)):
            physical, resumed = self._create_or_resume()
            try:
                with self._hold(f"index:{physical.uuid}") as lease:
                    self._fill(physical, lease)
                    self._check(physical)
                    self._swap(physical, lease, old, target)
            except NoCopyError:
                if not attempts_left:
                    raise
            else:
                break
        return physical, resumed

    def _is_swapped(self, current: PhysicalIndex) -> bool:
        """Whether a reindex was killed after it had moved the alias to this index, and the index is still up to date.

        Then only the step "after" is left. An index behind the alias is marked as ready in any case.
        """
        with self.archive.reading() as connection:
            row = indexes.find(connection, current.uuid)
        if row is None or row.state is not IndexState.BUILDING:
            return False
        self._set_state(current, IndexState.READY)
        return current.made_for == current_provenance(self.archive) and self._is_compatible(current)

    def _is_compatible(self, physical: PhysicalIndex) -> bool:
        try:
            check_compatible(self.archive, self.index, physical)
        except (NeedsReindexError, NoCopyError):
            return False
        return True

    def _hold(self, name: str, meanwhile: Callable[[], object] | None = None) -> AbstractContextManager[Lease]:
        """Hold a lease. Waits long enough for the lease of a killed reindex or follower to expire."""
        wait = self.lease_seconds + self.patience
        return hold_lease(self.archive, name, seconds=self.lease_seconds, wait=wait, meanwhile=meanwhile)

    # -- create -------------------------------------------------------------------------------------------------------

    def _create_or_resume(self) -> tuple[PhysicalIndex, bool]:
        """The index to build, and whether it is one that an earlier reindex left unfinished."""
        self.on_step("create", 0.0)
        provenance = current_provenance(self.archive)
        with self.archive.reading() as connection:
            known = indexes.find_all(connection, self.index.engine, self.index.alias)
        building = [row for row in known if row.state is IndexState.BUILDING]
        usable = [row for row in building if Provenance(**row.made_for) == provenance]
        resumed = None
        if usable:
            row = usable[-1]
            unfinished = PhysicalIndex(row.name, row.alias, row.uuid, row.created_at, provenance)
            resumed = unfinished if self._is_resumable(unfinished) else None
        for row in building:
            if resumed is None or row.uuid != resumed.uuid:
                self._drop(row.uuid, row.name)
        if resumed is not None:
            self.on_step("create", 1.0)
            return resumed, True
        physical = PhysicalIndex.new(self.index.alias, provenance, datetime.now(UTC))
        register(self.archive, self.index, physical)
        self.on_step("create", 0.5)
        self.index.create(physical)
        self.on_step("create", 1.0)
        return physical, False

    def _is_resumable(self, physical: PhysicalIndex) -> bool:
        """Whether an unfinished index can be resumed: not if its files, or the nodes that have it, are lost."""
        try:
            self.index.create(physical)  # the earlier reindex may have been killed before it created the index
            emptied = self.index.newest(physical.name) is None and cursor_of(self.archive, physical) > 0
            return not emptied and self._is_compatible(physical)
        except NoCopyError:
            return False

    # -- fill, check --------------------------------------------------------------------------------------------------

    def _fill(self, physical: PhysicalIndex, lease: Lease) -> None:
        self.on_step("fill", 0.0)
        self._accepted = cursor_of(self.archive, physical) > 0
        try:
            filled = self._advance(
                physical, lease, lambda cursor, target: self.on_step("fill", cursor / target), stop=self.stop
            )
        except _AllRefusedError as error:
            self._stop(physical, f"it refused all {error.count:,} documents sent to it, for example: {error.reason}")
        except IndexRefusesError as error:
            self._stop(physical, f"it would refuse every document. {error}", "")
        if filled.stopped:
            raise ReindexInterruptedError(
                f"The reindex was asked to end. The new index {physical.name} has the archive's changes up to "
                f"{filled.cursor}; `kliping reindex` goes on there, and searches use the present index."
            )
        self.on_step("fill", 1.0)

    def _advance(
        self,
        physical: PhysicalIndex,
        lease: Lease,
        progress: Callable[[int, int], None] | None = None,
        stop: Stop = never,
    ) -> FollowResult:
        return advance(
            self.archive,
            self.index,
            physical,
            lease,
            progress=progress,
            inspect=self._require_acceptance,
            batch_changes=self.batch_changes,
            stop=stop,
        )

    def _require_acceptance(self, sent: Sequence[Sent]) -> None:
        """Raise _AllRefusedError if the index has refused every document of its first batch."""
        results = [result for change, result in sent if not change.deletes]
        if self._accepted or not results:
            return
        if any(result.outcome is not Outcome.REFUSED for result in results):
            self._accepted = True
            return
        raise _AllRefusedError(len(results), results[0].reason or "no reason was given")

    def _check(self, physical: PhysicalIndex) -> None:
        """Compare counts and a sample of content hashes with one snapshot of the archive. Raises ReindexStoppedError.

        Articles may have been saved since the cursor. Those forgotten since may be in the index or not.
        """
        self.on_step("check", 0.0)
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
        self.on_step("check", 0.5)
        hashes = self.index.hashes(physical.name, list(sample))
        wrong = [each for each, digest in sample.items() if each not in refused and hashes.get(each) != digest]
        if not expected - letters <= count <= expected - letters + forgotten:
            self._stop(
                physical,
                f"it has {count} documents, but the archive has {expected} articles, of which {letters} were refused",
            )
        if wrong:
            self._stop(physical, f"{len(wrong)} of {len(sample)} compared articles differ, for example {wrong[0]}")
        self.on_step("check", 1.0)

    def _stop(self, physical: PhysicalIndex, why: str, remedy: str = _LOOK) -> NoReturn:
        self._set_state(physical, IndexState.DROPPED)  # its files stay until the next reindex, so one can look at them
        raise ReindexStoppedError(
            f"The new index {physical.name} is not right: {why.rstrip('.')}. The alias {physical.alias} was not moved, "
            f"and searches work as before. {remedy}".rstrip()
        )

    # -- swap ---------------------------------------------------------------------------------------------------------

    def _swap(self, physical: PhysicalIndex, lease: Lease, old: PhysicalIndex | None, target: str | None) -> None:
        self.on_step("swap", 0.0)
        if old is None:
            self._move_alias(physical, lease, None, target)
            return
        old_lease = f"index:{old.uuid}"
        with (
            self._hold(reservation(old_lease)),
            self._hold(old_lease, meanwhile=lambda: self._advance(physical, lease)),
        ):
            self._set_state(old, IndexState.READY)  # renews `updated_at`, by which `rollback` finds the previous index
            self._move_alias(physical, lease, old, target)

    def _move_alias(self, physical: PhysicalIndex, lease: Lease, old: PhysicalIndex | None, target: str | None) -> None:
        self._advance(physical, lease)
        self.on_step("swap", 0.5)
        self.index.refresh(physical.name)
        if old is not None and not self.accept_fewer:
            self._compare_with(old, physical)
        with self.archive.writing() as connection:
            check(connection, lease)
            check(connection, self.lease)
        self.index.swap(physical.name, expected=target)
        self.on_step("swap", 1.0)

    def _compare_with(self, old: PhysicalIndex, physical: PhysicalIndex) -> None:
        """Require that the new index has the documents of the one that is searched, less those the archive deleted.

        Nobody writes to either meanwhile. An old index that cannot be read has nothing to compare with: searches of it
        fail already. Raises ReindexStoppedError.
        """
        try:
            before = self.index.count(old.name)
            sample = self.index.sample(old.name, SAMPLE)
        except UnavailableError:
            return
        present = self.index.hashes(physical.name, list(sample))
        absent = [each for each in sample if each not in present]
        count = self.index.count(physical.name)
        with self.archive.reading() as connection:
            known = indexes.find(connection, old.uuid)
            gone = changes.count_forgotten_since(connection, known.cursor if known else 0)
            lost = sorted(set(absent) - changes.deleted(connection, absent))
            letters = indexes.dead_letters_of(connection, physical.uuid)
        if count >= before - gone and not lost:
            return
        example = f", for example {lost[0]}" if lost else ""
        refused = f" It refused {len(letters)}, the first because: {letters[0].reason}." if letters else ""
        self._stop(
            physical,
            f"it has {count} documents, and {old.name}, which is searched now, has {before}{example}.{refused}",
            "If the archive has lost articles, `kliping archive verify` says so. If fewer articles are right, run "
            "`kliping reindex --accept-fewer`.",
        )

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _set_state(self, physical: PhysicalIndex, state: IndexState) -> None:
        with self.archive.writing() as connection:
            indexes.set_state(connection, physical.uuid, state, datetime.now(UTC))

    def _drop(self, uuid: str, name: str) -> None:
        with self.archive.writing() as connection:
            indexes.set_state(connection, uuid, IndexState.DROPPED, datetime.now(UTC))
        self.index.drop(name)
