"""The Elasticsearch engine: the physical indexes of an alias in a cluster of version 9.

    news                                               the alias that searches, Kibana and people use
    news-v1-20151218020000-0a1b2c3d                    an index, described in `_meta` of its mapping
    news-v1-20151218020000-0a1b2c3d.gate               its write alias, which points at this index alone

An index is filled without refreshes and replicas. Both are turned on before the alias moves to it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any, TypeVar

from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, AuthorizationException, BadRequestError, NotFoundError

from archive.pause import pause
from indexer.answering import answer
from indexer.contract import Condition, IndexBusyError, NoCopyError, NoIndexError, PhysicalIndex, UnavailableError
from indexer.elastic import cluster, days, search
from indexer.elastic.changed import ElasticMatcher, changed
from indexer.elastic.mapping import IN_SERVICE, STEMMED, body_of
from indexer.elastic.requests import (
    TIMEOUT,
    OverloadedError,
    cause,
    connect,
    error_for,
    plain_errors,
    without_password,
)
from indexer.elastic.search import ElasticSearcher
from indexer.elastic.writer import Target, Writer
from indexer.nodes import Node
from indexer.queries import Hit, Query, Results, Stream

Answer = TypeVar("Answer")
PATIENCE = 120.0
"""Seconds that a bulk is retried before the follower gives up. The next follow goes on from the cursor."""
RESTART_TIMEOUT = 30.0
"""Seconds that a restarting node may take to come back. After that, data that only it has counts as lost."""
REPLICATION_TIMEOUT = 1800.0
"""Seconds that the replicas of a new index may take before the alias moves."""
LOSS_DETECTION_TIMEOUT = 5.0
"""Seconds that a cluster may take to notice a dead node. Requests to that node fail before that."""
CHECK_TIMEOUT = 10.0
"""Seconds for the answer to a health check, and for each part of a longer wait."""
PURGE_SECONDS = 120.0
"""How long a purge waits until every deleted document may go."""
PURGE_PAUSE = 2.0
_EXPUNGE_ALLOWED = "index.merge.policy.expunge_deletes_allowed"
WRITE_ALIAS_SUFFIX = ".gate"


class ElasticIndex:
    """`contract.SearchIndex` on a cluster. Use one object per process; any number of processes may use the cluster.

    Two writers of one index are harmless, because the cluster keeps the latest version of every document. So `writer`
    never raises IndexBusyError.
    """

    engine = "elasticsearch"

    def __init__(
        self,
        url: str,
        alias: str,
        *,
        api_key: str | None = None,
        ca_certs: str | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """Sends nothing yet. Raises WrongAddressError for a URL that the client cannot use."""
        self.alias = alias
        self.url = without_password(url)
        self._full_url = url
        self._connect = partial(connect, api_key=api_key, ca_certs=ca_certs)
        self.client = self._connect(url)
        self._patience = patience
        self._names = re.compile(rf"{re.escape(alias)}-v\d+-\d{{14}}-[0-9a-f]{{8}}")
        self._fields: dict[str, frozenset[str]] = {}

    # -- indexes and alias --------------------------------------------------------------------------------------------

    def create(self, physical: PhysicalIndex) -> None:
        """See `SearchIndex.create`."""
        with self._asking():
            body = body_of(physical) | {"aliases": {physical.name + WRITE_ALIAS_SUFFIX: {}}}
            try:
                self.client.indices.create(index=physical.name, **body)
            except BadRequestError as error:
                if cause(error.body)[0] != "resource_already_exists_exception":
                    raise
                if self._description(physical.name) != physical:
                    raise UnavailableError(f"{self.url} has another index {physical.name}.") from error
                self._wait_until_ready(physical.name, min(RESTART_TIMEOUT, self._patience))

    def current(self) -> PhysicalIndex | None:
        """See `SearchIndex.current`. Raises UnavailableError if the alias points at an index that is not Kliping's."""
        while (name := self.alias_target()) is not None:
            physical = self._description(name)
            if physical is not None:
                return physical
            if self.alias_target() == name:  # else it was swapped and pruned in between
                raise UnavailableError(
                    f"The alias {self.alias} in {self.url} points at {name}, which is not Kliping's. Run "
                    "`kliping reindex` to build an index and move the alias to it, or set KLIPING_INDEX_ALIAS to "
                    "another name."
                )
        return None

    def alias_target(self) -> str | None:
        """See `SearchIndex.alias_target`. Raises UnavailableError if an index has the alias's name."""
        with self._asking():
            try:
                found = self.client.indices.get_alias(index=self.alias).body
            except NotFoundError:
                return None
        if self.alias in found:
            raise UnavailableError(
                f"{self.alias} is an index in {self.url}, but Kliping needs that name for its alias. Set "
                "KLIPING_INDEX_ALIAS to another name, or, if nobody needs that index, delete it "
                f"(`DELETE /{self.alias}`) and run `kliping reindex`."
            )
        if len(found) > 1:
            raise UnavailableError(
                f"The alias {self.alias} in {self.url} points at {len(found)} indexes ({', '.join(sorted(found))}), "
                "so every article would be found more than once. Remove it from all but the one to search."
            )
        return next(iter(found), None)

    def list(self) -> tuple[PhysicalIndex, ...]:
        """See `SearchIndex.list`."""
        with self._asking():
            found = self.client.indices.get_mapping(
                index=f"{self.alias}-v*", allow_no_indices=True, filter_path="*.mappings._meta"
            ).body
        described = [_physical(name, body) for name, body in found.items() if self._names.fullmatch(name)]
        return tuple(sorted(filter(None, described), key=lambda physical: (physical.created_at, physical.name)))

    def swap(self, name: str, *, expected: str | None) -> None:
        """See `SearchIndex.swap`. Turns on refreshes and replicas first, and waits for the replicas."""
        if self._description(name) is None:
            raise UnavailableError(f"There is no index {name} in {self.url}.")
        self._put_into_service(name)
        target = self.alias_target()
        if target != expected:
            raise IndexBusyError(f"Another process moved the alias {self.alias} to {target}. Nothing was done.")
        if name == expected:
            return
        actions: list[dict[str, Any]] = [{"add": {"index": name, "alias": self.alias, "is_write_index": True}}]
        if expected is not None:  # without `must_exist`, a wrong `expected` would leave the alias on two indexes
            actions.insert(0, {"remove": {"index": expected, "alias": self.alias, "must_exist": True}})
        with self._asking():
            try:
                answer = self.client.indices.update_aliases(actions=actions).body
            except NotFoundError as error:
                if self.alias_target() != name:  # else a node did it and died, and the next one got the request again
                    raise IndexBusyError(
                        f"Another process moved the alias {self.alias} away from {expected}. Nothing was done."
                    ) from error
                return
        if answer.get("errors") or self.alias_target() != name:
            raise UnavailableError(f"The alias {self.alias} in {self.url} did not move to {name}: {answer}.")

    def _put_into_service(self, name: str) -> None:
        with self._asking():
            self.client.indices.put_settings(index=name, settings={"index": IN_SERVICE})
        deadline = time.monotonic() + REPLICATION_TIMEOUT
        while self._wait_until_ready(name, RESTART_TIMEOUT) > 0:
            if time.monotonic() > deadline:
                raise UnavailableError(
                    f"The index {name} is not ready: a copy of it is still being made. The alias was not moved; run "
                    "`kliping reindex` again later."
                )

    def _wait_until_ready(self, name: str, seconds: float) -> int:
        """Wait until an index can be searched and all its copies are made. Returns how many are still missing.

        Raises NoCopyError if it cannot be searched after these seconds.
        """
        with self._asking():
            health = self.client.options(ignore_status=408).cluster.health(
                index=name,
                wait_for_events="languid",
                wait_for_no_initializing_shards=True,
                wait_for_status="yellow",
                timeout=f"{seconds:.0f}s",
            )
        if health["status"] == "red":
            raise self._no_copy(name)
        return int(health["initializing_shards"]) if health["timed_out"] else 0

    def _no_copy(self, name: str) -> NoCopyError:
        return NoCopyError(
            f"No running node in {self.url} has the index {name}. Start the missing node. If it will not come back, "
            "rebuild the index from the archive with `kliping reindex`. Nothing is lost."
        )

    def drop(self, name: str) -> None:
        """See `SearchIndex.drop`."""
        if not self._names.fullmatch(name):
            raise UnavailableError(f"{name!r} is not an index of {self.alias}.")
        if self.alias_target() == name:
            raise IndexBusyError(f"{name} is the index that the alias {self.alias} points at, so it is not dropped.")
        with self._asking():
            self.client.options(ignore_status=404).indices.delete(index=name)
        self._fields.pop(name, None)

    def _description(self, name: str) -> PhysicalIndex | None:
        with self._asking():
            try:
                found = self.client.indices.get_mapping(index=name, filter_path="*.mappings._meta").body
            except NotFoundError:
                return None
        return _physical(name, found.get(name, {}))

    def _fields_of(self, name: str) -> frozenset[str]:
        """The fields that an index was created with. Raises NotFoundError."""
        if name not in self._fields:
            found = self.client.indices.get_mapping(index=name, filter_path="*.mappings._meta").body
            meta = found.get(name, {}).get("mappings", {}).get("_meta", {})
            if "fields" not in meta:
                raise UnavailableError(
                    f"The index {name} in {self.url} does not say which fields it has. Run `kliping reindex`."
                )
            self._fields[name] = frozenset(meta["fields"])
        return self._fields[name]

    # -- writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def writer(self, name: str) -> Iterator[Writer]:
        """See `SearchIndex.writer`."""
        with self._asking(name):
            target = Target(self.client, self.url, name + WRITE_ALIAS_SUFFIX, self._fields_of(name))
        writer = Writer(target, patience=self._patience)
        with self._asking(name):
            yield writer
        if writer.wrote:
            self.refresh(name)

    def purge(self, name: str) -> Sequence[str]:
        """See `SearchIndex.purge`. Every segment with a deleted document is merged, however few it has.

        Elasticsearch keeps deleted documents until its copies have them too, and learns of that twice a minute
        (`index.soft_deletes.retention_lease`). Raises UnavailableError if that takes longer than PURGE_SECONDS.
        """
        ends_at = time.monotonic() + PURGE_SECONDS
        with self._asking(name):
            self.client.indices.put_settings(index=name, settings={_EXPUNGE_ALLOWED: 0})
            while True:
                self.client.indices.flush(index=name, force=True)
                self.client.indices.forcemerge(index=name, only_expunge_deletes=True, flush=True)
                self.client.indices.refresh(index=name)
                counted = self.client.indices.stats(index=name, metric="docs")["indices"][name]["total"]["docs"]
                if not counted["deleted"] or time.monotonic() > ends_at:
                    break
                pause(PURGE_PAUSE)
            self.client.indices.put_settings(index=name, settings={_EXPUNGE_ALLOWED: None})
        if counted["deleted"]:
            raise UnavailableError(f"{self.url} keeps deleted documents of {name} for a copy of it. Try again later.")
        return ()

    def refresh(self, name: str) -> None:
        """See `SearchIndex.refresh`."""
        with self._asking(name):
            self._refresh(name)

    # -- reading ------------------------------------------------------------------------------------------------------

    def count(self, name: str) -> int:
        """See `SearchIndex.count`."""
        with self._asking(name):
            self._refresh_if_allowed(name)
            return int(self.client.count(index=name)["count"])

    def hashes(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """See `SearchIndex.hashes`."""
        if not ids:
            return {}
        with self._asking(name):
            found = self.client.mget(index=name, ids=list(ids), source_includes=["content_hash"])["docs"]
            failed = next((each for each in found if "error" in each), None)
            if failed is not None:
                raise error_for(self.url, 404 if cause(failed)[0] == "index_not_found_exception" else 503, failed)
        return {each["_id"]: each["_source"]["content_hash"] for each in found if each["found"]}

    def sample(self, name: str, count: int) -> tuple[str, ...]:
        """See `SearchIndex.sample`."""
        with self._asking(name):
            self._refresh_if_allowed(name)
            answer = self.client.search(
                index=name, size=count, query={"function_score": {"random_score": {}}}, source=False
            )
        return tuple(str(each["_id"]) for each in answer["hits"]["hits"])

    def newest(self, name: str) -> tuple[int, str] | None:
        """See `SearchIndex.newest`."""
        with self._asking(name):
            self._refresh_if_allowed(name)
            answer = self.client.search(index=name, size=1, sort=[{"seq": "desc"}], source_includes=["seq"])
        found = answer["hits"]["hits"]
        return (int(found[0]["_source"]["seq"]), str(found[0]["_id"])) if found else None

    def search(self, query: Query) -> Results:
        """See `SearchIndex.search`."""
        return self.stream(query).results()

    def stream(self, query: Query) -> Stream:
        """See `SearchIndex.stream`. More than `search.WINDOW` hits are read from a point in time."""
        name, stream = self._ask(lambda name: answer(self._searcher(name), query))
        stream.hits = self._guarded(name, stream.hits)
        return stream

    def _searcher(self, name: str) -> ElasticSearcher:
        return ElasticSearcher(self.client, name, self._fields_of(name))

    def changed(
        self, name: str, roots: Sequence[Node], *, past: int, limit: int, until: int | None = None
    ) -> Iterator[tuple[int, ...]]:
        """See `SearchIndex.changed`."""
        with self._asking(name):
            self._refresh_if_allowed(name)
            physical = self._description(name)
            same = physical is not None and physical.is_analysed_as_now
            matcher = ElasticMatcher(self._fields_of(name), same_analysis=same)
            yield from changed(self.client, name, matcher, roots, past, limit, until)

    def vocabulary(self, field: str, beginning: str, limit: int) -> tuple[tuple[str, int], ...]:
        """See `SearchIndex.vocabulary`."""
        place = (field, beginning, limit)
        return self._ask(lambda name: search.vocabulary(self.client, name, self._fields_of(name), *place))[1]

    def frequencies(self, field: str, values: Sequence[str]) -> tuple[int, ...]:
        """See `SearchIndex.frequencies`."""
        return self._ask(lambda name: search.frequencies(self.client, name, self._fields_of(name), field, values))[1]

    def text(self, article_id: str) -> tuple[str, tuple[str, ...]] | None:
        """See `SearchIndex.text`."""
        shown = ["title", "body"]
        (found,) = self._ask(
            lambda name: self.client.mget(index=name, ids=[article_id], source_includes=shown)["docs"]
        )[1]
        source = found.get("_source")
        return (source["title"], tuple(source.get("body", ()))) if source else None

    def texts(self, ids: Sequence[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
        """See `SearchIndex.texts`."""
        if not ids:
            return {}
        shown = ["title", "body"]
        found = self._ask(lambda name: self.client.mget(index=name, ids=list(ids), source_includes=shown)["docs"])[1]
        sources = {str(each["_id"]): each["_source"] for each in found if "_source" in each}
        return {name: (source["title"], tuple(source.get("body", ()))) for name, source in sources.items()}

    def per_day(self, roots: Sequence[Node]) -> tuple[dict[date, int], ...]:
        """See `SearchIndex.per_day`."""
        return self._ask(lambda name: days.per_day(self.client, name, self._fields_of(name), roots))[1]

    def _ask(self, question: Callable[[str], Answer]) -> tuple[str, Answer]:
        """The name of the index behind the alias, and its answer."""
        while True:
            name = self.alias_target()
            if name is None:
                raise NoIndexError(f"There is no index {self.alias} yet. `kliping index follow` makes one.")
            try:
                with self._detecting_loss(name), plain_errors(self.url):
                    return name, question(name)
            except ApiError as error:
                self._fields.pop(name, None)
                if self.alias_target() == name:  # else it was swapped and pruned meanwhile
                    raise error_for(self.url, error.status_code, error.body) from error

    def _guarded(self, name: str, hits: Iterator[Hit]) -> Iterator[Hit]:
        with self._asking(name):
            yield from hits

    def terms(self, text: str) -> tuple[str, ...]:
        """See `SearchIndex.terms`. Uses the analyzer of the index behind the alias, for which the key needs the
        privilege `manage`, as the reindexer's key has."""
        name = self.alias_target()
        if name is None:
            raise NoIndexError(f"There is no index {self.alias} yet. `kliping index follow` makes one.")
        with self._asking(name):
            answer = self.client.indices.analyze(index=name, analyzer=STEMMED, text=text)
        return tuple(str(each["token"]) for each in answer["tokens"])

    def conditions(self) -> Iterator[Condition]:
        """See `SearchIndex.conditions`."""
        return cluster.conditions(self.client, self._full_url, self.alias, self._connect)

    def _refresh(self, name: str) -> None:
        """Refresh an index. Raises NoCopyError.

        For a lost index, each node would wait a whole minute. So this waits in short parts, with a health check
        between them.
        """
        deadline = time.monotonic() + TIMEOUT
        while not self._is_lost(name):
            try:
                self.client.options(request_timeout=CHECK_TIMEOUT, retry_on_timeout=False).indices.refresh(index=name)
            except ConnectionTimeout:
                if time.monotonic() > deadline:
                    raise
            else:
                return
        raise self._no_copy(name)

    def _refresh_if_allowed(self, name: str) -> None:
        """Refresh an index if the key may. An index that is being filled shows nothing without it. With a reader's key,
        the answer from an index in service may be a moment old."""
        try:
            self._refresh(name)
        except AuthorizationException as error:
            if cause(error.body)[0] != "security_exception":
                raise

    @contextmanager
    def _asking(self, name: str | None = None) -> Iterator[None]:
        """Raise UnavailableError, with a plain message, for every failed request. `name` is the index it needs."""
        try:
            with self._detecting_loss(name), plain_errors(self.url):
                yield
        except ApiError as error:
            if name is not None and error.status_code == 404:
                raise UnavailableError(
                    f"The index {name} is missing from {self.url}. Run `kliping reindex`."
                ) from error
            raise error_for(self.url, error.status_code, error.body) from error

    @contextmanager
    def _detecting_loss(self, name: str | None) -> Iterator[None]:
        """Raise NoCopyError if a request failed because no running node has the index."""
        try:
            yield
        except OverloadedError as error:
            reason = error.__cause__
            no_connection = isinstance(reason, TransportError) and not isinstance(reason, ConnectionTimeout)
            not_tried = isinstance(reason, ApiError) and reason.status_code < 500  # busy, or cannot read its keys yet
            if name is not None and not no_connection and not not_tried and self._becomes_lost(name):
                raise self._no_copy(name) from error
            raise

    def _becomes_lost(self, name: str) -> bool:
        """Whether the cluster finds that an index is lost. Requests to a dead node fail before the cluster notices."""
        deadline = time.monotonic() + LOSS_DETECTION_TIMEOUT
        while not (lost := self._is_lost(name)) and time.monotonic() < deadline:
            pause(0.2)
        return lost

    def _is_lost(self, name: str) -> bool:
        """Whether the cluster says that no node has the index, or a part of it."""
        client = self.client.options(ignore_status=408, request_timeout=CHECK_TIMEOUT)
        try:
            with plain_errors(self.url):  # "0s": a missing index is a 408 at once, instead of a wait for its creation
                health = client.cluster.health(index=name, level="indices", timeout="0s").body
        except (UnavailableError, ApiError):  # the first error says more
            return False
        return bool(health["indices"].get(name, {}).get("status") == "red")


def _physical(name: str, mapping: Any) -> PhysicalIndex | None:
    """The description in an index's mapping, or None if the index is not ours."""
    meta = dict(mapping.get("mappings", {}).get("_meta", {}))
    meta.pop("fields", None)
    try:
        physical = PhysicalIndex.from_json(meta)
    except (KeyError, TypeError, ValueError):
        return None
    return physical if physical.name == name else None
