"""Families grow with the log: each changed article is compared with those that share a band, and joins, leaves, merges.

It follows `changes` as an index does, under a lease and with a cursor of its own, so a crash loses nothing and does
nothing twice. What it changes are rows in `changes` again, which indexes then follow.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from archive import leases
from archive.changes import ArticleState, read_batch
from archive.database import Archive, SavingTransaction
from archive.dialects import insert_numbers
from archive.ending import Stop, never
from archive.facts import set_fact
from archive.families.memory import TextsInMemory, read_record
from archive.families.overlap import Overlap, overlap
from archive.families.shingles import KEY_BITS, VERSION, Sketch
from archive.families.shingles import sketches as sketches_of
from archive.records import ChangeKind
from archive.tables import articles, bands, counters, facts, families, sketches

LEASE = "families"
BATCH_CHANGES = 500
BATCH_BYTES = 5_000_000
COMPARED = 30
"""Articles that one is compared with at most: those that share most bands. Copies share many, chance shares one."""
LOADED_FOR = 20
"""Texts whose candidates are read in one statement: with COMPARED each, far fewer than `memory.REMEMBERED`."""
_MONTHS = 1 << 15
"""A month and a key together fill the 63 bits that a database's integers have for numbers above 0."""
_MADE_BY = "sketches"
"""The fact that names the version of the sketches, and the counter of the last change that was looked at."""
_NUMBERED = "sketch"
"""The counter of the last number that a sketch got."""
_HAVING = "SELECT b.key, s.article_id FROM bands b JOIN sketches s ON s.id = b.sketch_id WHERE b.key IN ({keys})"
_KEYS_AT_ONCE = 10_000
"""Keys that the database is asked for at once, as numbers in the statement's text: SQLAlchemy takes longer to write a
list of parameters than the database to look them up."""

Progress = Callable[[int, int], None]


def grow(archive: Archive, *, lease_seconds: float = 60.0, progress: Progress | None = None, stop: Stop = never) -> int:
    """Look at every change since the last time. Returns how many articles changed their family.

    Does nothing if another process is at it. Raises LeaseLostError if this process slept past its lease, and what the
    database raises; the cursor then stays at the last batch. `stop` is asked after each batch.
    """
    if archive.last_seq() <= _cursor(archive):
        return 0
    lease = leases.acquire(archive, LEASE, seconds=lease_seconds)
    if lease is None:
        return 0
    with leases.renewed(lease):
        return _Grower(archive, lease).run(progress, stop)


def _cursor(archive: Archive) -> int:
    """The last change that was looked at, in this version of the sketches."""
    with archive.reading() as connection:
        version = connection.execute(select(facts.c.value).where(facts.c.name == _MADE_BY)).scalar_one_or_none()
        found = connection.execute(select(counters.c.value).where(counters.c.name == _MADE_BY)).scalar_one_or_none()
    return int(found or 0) if version == VERSION else 0


@dataclass(frozen=True, slots=True)
class _Text:
    """A changed article, and its sketch (None: it is too short, or cannot be read)."""

    article_id: str
    source: str
    content_hash: str
    month: int
    sketch: Sketch | None


class _Grower:
    """One run of `grow`, under its lease."""

    def __init__(self, archive: Archive, lease: leases.Lease) -> None:
        self._archive = archive
        self._lease = lease
        self._known = TextsInMemory()
        self._changed = 0

    def run(self, progress: Progress | None, stop: Stop) -> int:
        cursor, until = self._begin(), self._archive.last_seq()
        while cursor < until and not stop():
            with self._archive.reading() as connection:
                batch = read_batch(connection, cursor, count=BATCH_CHANGES, size=BATCH_BYTES, until=until)
                known = _sketched(connection, [each.article_id for each in batch.articles])
            new = [
                each
                for each in batch.articles
                if each.content_hash is None or known.get(each.article_id) != each.content_hash
            ]
            texts = _texts(new)
            with self._archive.saving() as saving:
                leases.check(saving.connection, self._lease)
                self._take_in(saving, texts, [each.article_id for each in new if each.content_hash is None])
                _set_counter(saving.connection, _MADE_BY, batch.cursor)
            cursor = batch.cursor
            if progress:
                progress(cursor, until)
        return self._changed

    def _begin(self) -> int:
        """The cursor; sketches of another version are thrown away first."""
        cursor = _cursor(self._archive)
        if cursor == 0:
            with self._archive.writing() as connection:
                leases.check(connection, self._lease)
                connection.execute(delete(bands))
                connection.execute(delete(sketches))
                set_fact(connection, _MADE_BY, VERSION)
                _set_counter(connection, _MADE_BY, 0)
                _set_counter(connection, _NUMBERED, 0)
        return cursor

    def _take_in(self, saving: SavingTransaction, texts: Sequence[_Text], forgotten: Sequence[str]) -> None:
        connection = saving.connection
        family = _Families(saving)
        gone = [*forgotten, *(text.article_id for text in texts)]
        candidates = _candidates(connection, texts, set(gone))
        _add(connection, texts, gone)
        if forgotten:
            family.dissolve_those_of_one()
        for text in texts:
            if text.sketch is not None:
                self._known.keep(text.article_id, text.source, text.sketch)
        members = family.members_among([text.article_id for text in texts])
        for at, text in enumerate(texts):
            if at % LOADED_FOR == 0:
                near = (candidates.get(each.article_id, ()) for each in texts[at : at + LOADED_FOR])
                self._known.load(connection, set(chain.from_iterable(near)))
            copies = self._copies(text, candidates.get(text.article_id, ()))
            if copies or text.article_id in members:
                family.settle(text.article_id, copies)
        family.record()
        self._changed += family.changed

    def _copies(self, text: _Text, candidates: Sequence[str]) -> dict[str, Overlap]:
        """Those of these articles, which are loaded, that are copies of a text, by id."""
        found: dict[str, Overlap] = {}
        if text.sketch is None:
            return found
        for each in candidates:
            if (known := self._known.get(each)) is not None:
                seen = overlap(text.sketch, known.text)
                if seen.is_copy(one_outlet=text.source == known.source):
                    found[each] = seen
        return found


class _Families:
    """Who belongs to which family, in one transaction."""

    def __init__(self, saving: SavingTransaction) -> None:
        self._saving = saving
        self._connection = saving.connection
        self._touched: set[str] = set()
        self._resized: set[str] = set()
        self.changed = 0

    def settle(self, article_id: str, copies: dict[str, Overlap]) -> None:
        """Put an article into the family of its copies (by id), or into none."""
        own, *_ = self._families_of([article_id]).values() or (None,)
        known = self._families_of(copies)
        nearest: dict[str, Overlap] = {}
        for each, seen in sorted(copies.items(), key=lambda copy: (copy[1].of_shorter, copy[1].of_longer)):
            if family := known.get(each):
                nearest[family] = seen
        if not copies:
            self._move([article_id], own, None)
            return
        home = own if own in nearest else next(reversed(nearest), None) or self._make(copies)
        self._move([article_id], own, home)
        self._move([each for each in copies if known.get(each) is None], None, home)
        for other, seen in nearest.items():
            if other != home and seen.is_close:
                home = self._merge(home, other)

    def members_among(self, ids: Sequence[str]) -> set[str]:
        """Those of these articles that are in a family."""
        return {each for each, family in self._families_of(ids).items() if family is not None}

    def dissolve_those_of_one(self) -> None:
        """Dissolve the families that have one member left: others were removed from the archive."""
        alone = select(articles.c.family).where(articles.c.family.is_not(None)).group_by(articles.c.family)
        for family in self._connection.execute(alone.having(func.count() == 1)).scalars().all():
            self._dissolve_if_alone(str(family))

    def _families_of(self, ids: Iterable[str]) -> dict[str, str | None]:
        rows = self._connection.execute(select(articles.c.id, articles.c.family).where(articles.c.id.in_(list(ids))))
        return {row.id: row.family for row in rows}

    def _make(self, copies: Iterable[str]) -> str:
        """A new family, named after the earliest of these articles."""
        earliest = select(articles.c.id).where(articles.c.id.in_(list(copies)))
        first = str(
            self._connection.execute(earliest.order_by(articles.c.published_on, articles.c.id)).scalars().first()
        )
        self._connection.execute(delete(families).where(families.c.id == first))
        self._connection.execute(insert(families).values(id=first, made_at=datetime.now(UTC), merged_into=None))
        return first

    def _move(self, ids: Sequence[str], source: str | None, target: str | None) -> None:
        if source == target or not ids:
            return
        self._set(ids, target)
        if source is not None:
            self._resized.add(source)
            self._dissolve_if_alone(source)

    def record(self) -> None:
        """Write to the log whose family changed, or has another number of members."""
        touched = self._touched.union(*map(self._members, sorted(self._resized)))
        for each in sorted(touched):
            self._saving.record_change(each, ChangeKind.FAMILY)

    def _set(self, ids: Sequence[str], family: str | None) -> None:
        self._connection.execute(update(articles).where(articles.c.id.in_(ids)).values(family=family))
        self._touched.update(ids)
        if family is not None:
            self._resized.add(family)
        self.changed += len(ids)

    def _dissolve_if_alone(self, family: str) -> None:
        left = self._members(family)
        if len(left) == 1:
            self._set(left, None)

    def _members(self, family: str) -> list[str]:
        return list(self._connection.execute(select(articles.c.id).where(articles.c.family == family)).scalars())

    def _merge(self, one: str, other: str) -> str:
        """Make one family of two. The older one's id stays; returns it."""
        rows = select(families.c.id).where(families.c.id.in_([one, other])).order_by(families.c.made_at, families.c.id)
        older, newer = self._connection.execute(rows).scalars()
        self._connection.execute(update(families).where(families.c.id == newer).values(merged_into=older))
        self._move(self._members(newer), None, older)
        return str(older)


def _add(connection: Connection, texts: Sequence[_Text], gone: Sequence[str]) -> None:
    """Put sketches and their bands in the place of those of the articles that are gone or changed."""
    if not gone:
        return
    connection.execute(delete(sketches).where(sketches.c.article_id.in_(gone)))
    numbered = list(enumerate(texts, start=_new_numbers(connection, len(texts))))
    rows = [{"id": n, "article_id": text.article_id, "content_hash": text.content_hash} for n, text in numbered]
    if rows:
        connection.execute(insert(sketches), rows)
    pairs = [(key, n) for n, text in numbered if text.sketch is not None for key in _keys(text.month, text.sketch)]
    pairs.sort()  # so that each page of the table is read, changed and written once
    keys, owners = zip(*pairs, strict=True) if pairs else ((), ())
    insert_numbers(connection, bands, {"key": keys, "sketch_id": owners})


def _candidates(connection: Connection, texts: Sequence[_Text], replaced: Collection[str]) -> dict[str, Sequence[str]]:
    """For each text, by id, the articles that share most bands with it, in its month or one beside it: most first.

    The texts are not in the database yet; what it has of the `replaced` articles does not count.
    """
    near: dict[str, list[int]] = {}
    having: dict[int, list[str]] = {}
    sketched = [(text, text.sketch) for text in texts if text.sketch is not None]
    own = {text.month for text, _ in sketched}
    filled = own | _months_with_bands(connection, {month + by for month in own for by in (-1, 1)} - own)
    for text, sketch in sketched:
        months = [month for month in (text.month - 1, text.month, text.month + 1) if month in filled]
        near[text.article_id] = [key for month in months for key in _keys(month, sketch)]
        for key in _keys(text.month, sketch):
            having.setdefault(key, []).append(text.article_id)
    asked = sorted(set(chain.from_iterable(near.values())))
    for start in range(0, len(asked), _KEYS_AT_ONCE):
        some = ",".join(map(str, asked[start : start + _KEYS_AT_ONCE]))
        for key, article_id in connection.exec_driver_sql(_HAVING.format(keys=some)).all():
            if article_id not in replaced:
                having.setdefault(key, []).append(article_id)
    found: dict[str, Sequence[str]] = {}
    for text_id, keys in near.items():
        shared = Counter(chain.from_iterable(having[key] for key in keys if key in having))
        most = heapq.nsmallest(COMPARED + 1, ((-count, other) for other, count in shared.items()))
        found[text_id] = [other for _, other in most if other != text_id]
    return found


def _months_with_bands(connection: Connection, months: Iterable[int]) -> set[int]:
    """Those of these months in which there are articles: the next one is mostly empty."""
    first = bands.c.key >= bindparam("first")
    any_band = select(bands.c.key).where(first, bands.c.key < bindparam("end")).limit(1)
    spans = {month: {"first": month << KEY_BITS, "end": (month + 1) << KEY_BITS} for month in months}
    return {month for month, span in spans.items() if connection.execute(any_band, span).first() is not None}


def _texts(states: Sequence[ArticleState]) -> list[_Text]:
    """The changed articles that are in the archive, with their sketches."""
    records = [read_record(each.record) for each in states]
    found = zip(states, records, sketches_of(body for _, body in records), strict=True)
    return [
        _Text(state.article_id, source, state.content_hash, _month(state.published_on), sketch)
        for state, (source, _), sketch in found
        if state.content_hash is not None and state.published_on is not None
    ]


def _month(moment: datetime) -> int:
    return (moment.year * 12 + moment.month) % _MONTHS


def _keys(month: int, sketch: Sketch) -> list[int]:
    """The keys of a text's bands in a month. New bands stand side by side, so that adding them stays fast."""
    beginning = month << KEY_BITS
    return [beginning | band for band in sketch.bands]


def _sketched(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    rows = connection.execute(
        select(sketches.c.article_id, sketches.c.content_hash).where(sketches.c.article_id.in_(ids))
    )
    return {row.article_id: row.content_hash for row in rows}


def _new_numbers(connection: Connection, count: int) -> int:
    """The first of so many numbers for sketches. A number is never used again: bands of dead sketches still have it."""
    advanced = update(counters).where(counters.c.name == _NUMBERED).values(value=counters.c.value + count)
    last = connection.execute(advanced.returning(counters.c.value)).scalar_one()
    return int(last) - count + 1


def _set_counter(connection: Connection, name: str, value: int) -> None:
    changed = connection.execute(update(counters).where(counters.c.name == name).values(value=value))
    if not changed.rowcount:
        connection.execute(insert(counters).values(name=name, value=value))


def remove_traces(connection: Connection, article_id: str, texts: Iterable[tuple[str | None, datetime]]) -> list[str]:
    """Remove an article from its family, and what its texts were compared by.

    `texts` are its records with the publication time of each. Returns the other members of its family: an index has to
    hear of them, and one that is left alone has no family any more.
    """
    connection.execute(delete(sketches).where(sketches.c.article_id == article_id))
    records = list(texts)
    for sketch, (_, published) in zip(sketches_of(read_record(each)[1] for each, _ in records), records, strict=True):
        keys = _keys(_month(published), sketch) if sketch is not None else []
        living = select(sketches.c.id).where(sketches.c.id == bands.c.sketch_id)
        connection.execute(delete(bands).where(bands.c.key.in_(keys), ~living.exists()))
    family = connection.execute(select(articles.c.family).where(articles.c.id == article_id)).scalar_one_or_none()
    if family is None:
        return []
    others = select(articles.c.id).where(articles.c.family == family, articles.c.id != article_id)
    left = list(connection.execute(others.order_by(articles.c.id)).scalars())
    if len(left) == 1:
        connection.execute(update(articles).where(articles.c.id == left[0]).values(family=None))
    return left
