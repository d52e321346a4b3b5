"""The Elasticsearch engine: physical indexes of an alias in a cluster, version 9.

    news                                               the alias that searches, Kibana and people use
    news-v1-20151218020000-0a1b2c3d                    an index; `_meta` of its mapping says what it was made for
    news-v1-20151218020000-0a1b2c3d.gate               an alias on that index alone, through which it is written

An index is loaded without refreshes and copies; before the alias moves, both are back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, AuthorizationException, BadRequestError, NotFoundError

from indexer.contract import (
    Condition,
    IndexBusyError,
    NoCopyError,
    NoIndexError,
    PhysicalIndex,
    Query,
    Results,
    UnavailableError,
)
from indexer.elastic import cluster, search
from indexer.elastic.mapping import IN_SERVICE, STEMMED, body_of
from indexer.elastic.requests import (
    TIMEOUT,
    OverloadedError,
    cause,
    connect,
    in_sentences,
    sentence,
    shown,
)
from indexer.elastic.writer import Target, Writer

PATIENCE = 120.0
"""Seconds that a bulk is sent again and again before the follower gives up; the next one goes on."""
RETURN = 30.0
"""Seconds in which a node that was only restarted is back; whatever it alone held is taken for lost after them."""
COPYING = 1800.0
"""Seconds that the copies of a new index may take before the alias moves."""
NOTICED = 5.0
"""Seconds in which a cluster notices that a node is dead; requests to that node fail at once."""
LOOK = 10.0
"""Seconds for the answer to a look at an index, and for a piece of a longer wait."""
GATE = ".gate"


class ElasticIndex:
    """`contract.SearchIndex` on a cluster. Serves one process; any number of processes may use the same cluster.

    Two writers of one index do each other no harm, because the cluster keeps the latest version of every document:
    `writer` never raises IndexBusyError.
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
        """Nothing is sent yet. Raises WrongAddressError for a URL that no client can use."""
        self.alias = alias
        self.url = shown(url)
        self._given = url
        self._connect = partial(connect, api_key=api_key, ca_certs=ca_certs)
        self.client = self._connect(url)
        self._patience = patience
        self._names = re.compile(rf"{re.escape(alias)}-v\d+-\d{{14}}-[0-9a-f]{{8}}")
        self._fields: dict[str, frozenset[str]] = {}

    # -- indexes and alias --------------------------------------------------------------------------------------------

    def create(self, physical: PhysicalIndex) -> None:
        """See `SearchIndex.create`."""
        with self._asking():
            body = body_of(physical) | {"aliases": {physical.name + GATE: {}}}
            try:
                self.client.indices.create(index=physical.name, **body)
            except BadRequestError as error:
                if cause(error.body)[0] != "resource_already_exists_exception":
                    raise
                if self._described(physical.name) != physical:
                    raise UnavailableError(f"Another index {physical.name} stands in {self.url}.") from error
                self._ready(physical.name, min(RETURN, self._patience))

    def current(self) -> PhysicalIndex | None:
        """See `SearchIndex.current`. Raises UnavailableError where what the alias stands on is none of our indexes."""
        while (name := self.standing()) is not None:
            physical = self._described(name)
            if physical is not None:
                return physical
            if self.standing() == name:  # not swapped and pruned between the two looks
                raise UnavailableError(
                    f"The alias {self.alias} in {self.url} stands on {name}, which does not say what it was made for. "
                    "`kliping reindex` builds an index and puts the alias there; or set KLIPING_INDEX_ALIAS to another "
                    "name."
                )
        return None

    def standing(self) -> str | None:
        """See `SearchIndex.standing`. Raises UnavailableError where an index has the alias's name."""
        with self._asking():
            try:
                found = self.client.indices.get_alias(index=self.alias).body
            except NotFoundError:
                return None
        if self.alias in found:
            raise UnavailableError(
                f"{self.alias} is an index in {self.url}, and Kliping needs that name for its alias. Set "
                "KLIPING_INDEX_ALIAS to another name, or remove that index if nobody needs it "
                f"(`DELETE /{self.alias}`), and run `kliping reindex`."
            )
        if len(found) > 1:
            raise UnavailableError(
                f"The alias {self.alias} in {self.url} stands on {len(found)} indexes ({', '.join(sorted(found))}), "
                "and every article would be found more than once. Take it off all but the one that is to be searched."
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
        """See `SearchIndex.swap`. The index is put into service first: refreshed, and copied where there are nodes."""
        if self._described(name) is None:
            raise UnavailableError(f"There is no index {name} in {self.url}.")
        self._put_into_service(name)
        standing = self.standing()
        if standing != expected:
            raise IndexBusyError(
                f"The alias {self.alias} was moved to {standing} by another process; nothing was done."
            )
        if name == expected:
            return
        actions: list[dict[str, Any]] = [{"add": {"index": name, "alias": self.alias, "is_write_index": True}}]
        if expected is not None:  # without `must_exist` the wrong index would be left alone and the alias on both
            actions.insert(0, {"remove": {"index": expected, "alias": self.alias, "must_exist": True}})
        with self._asking():
            try:
                answer = self.client.indices.update_aliases(actions=actions).body
            except NotFoundError as error:
                if self.standing() != name:  # else a node took the request and died, and it was sent to the next one
                    raise IndexBusyError(
                        f"The alias {self.alias} was moved from {expected} by another process; nothing was done."
                    ) from error
                return
        if answer.get("errors") or self.standing() != name:
            raise UnavailableError(f"The alias {self.alias} in {self.url} did not move to {name}: {answer}.")

    def _put_into_service(self, name: str) -> None:
        with self._asking():
            self.client.indices.put_settings(index=name, settings={"index": IN_SERVICE})
        deadline = time.monotonic() + COPYING
        while self._ready(name, RETURN) > 0:
            if time.monotonic() > deadline:
                raise UnavailableError(
                    f"The index {name} is not ready: a copy of it is still being made. The alias was not moved."
                )

    def _ready(self, name: str, patience: float) -> int:
        """Wait until an index can be asked and no copy of it is being made; how many still are when patience ends.

        Raises NoCopyError where it cannot be asked even then.
        """
        with self._asking():
            health = self.client.options(ignore_status=408).cluster.health(
                index=name,
                wait_for_events="languid",
                wait_for_no_initializing_shards=True,
                wait_for_status="yellow",
                timeout=f"{patience:.0f}s",
            )
        if health["status"] == "red":
            raise self._no_copy(name)
        return int(health["initializing_shards"]) if health["timed_out"] else 0

    def _no_copy(self, name: str) -> NoCopyError:
        return NoCopyError(
            f"No node that is up in {self.url} holds the index {name}. Start the node that is missing; if it will not "
            "come back, `kliping reindex` builds an index anew from the archive. Nothing is lost."
        )

    def drop(self, name: str) -> None:
        """See `SearchIndex.drop`."""
        if not self._names.fullmatch(name):
            raise UnavailableError(f"{name!r} is no index of {self.alias}.")
        if self.standing() == name:
            raise IndexBusyError(f"The alias {self.alias} stands on {name}; an index that is searched is not dropped.")
        with self._asking():
            self.client.options(ignore_status=404).indices.delete(index=name)
        self._fields.pop(name, None)

    def _described(self, name: str) -> PhysicalIndex | None:
        with self._asking():
            try:
                found = self.client.indices.get_mapping(index=name, filter_path="*.mappings._meta").body
            except NotFoundError:
                return None
        return _physical(name, found.get(name, {}))

    def _fields_of(self, name: str) -> frozenset[str]:
        """The fields that an index was made with. Raises NotFoundError."""
        if name not in self._fields:
            found = self.client.indices.get_mapping(index=name, filter_path="*.mappings._meta").body
            meta = found.get(name, {}).get("mappings", {}).get("_meta", {})
            if "fields" not in meta:
                raise UnavailableError(f"The index {name} in {self.url} does not say which fields it has.")
            self._fields[name] = frozenset(meta["fields"])
        return self._fields[name]

    # -- writing ------------------------------------------------------------------------------------------------------

    @contextmanager
    def writer(self, name: str) -> Iterator[Writer]:
        """See `SearchIndex.writer`. When it closes, what was applied can be searched."""
        with self._asking(name):
            target = Target(self.client, self.url, name + GATE, self._fields_of(name))
        writer = Writer(target, patience=self._patience)
        with self._asking(name):
            yield writer
        if writer.wrote:
            self.refresh(name)

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
                raise sentence(self.url, 404 if cause(failed)[0] == "index_not_found_exception" else 503, failed)
        return {each["_id"]: each["_source"]["content_hash"] for each in found if each["found"]}

    def newest(self, name: str) -> tuple[int, str] | None:
        """See `SearchIndex.newest`."""
        with self._asking(name):
            self._refresh_if_allowed(name)
            answer = self.client.search(index=name, size=1, sort=[{"seq": "desc"}], source_includes=["seq"])
        found = answer["hits"]["hits"]
        return (int(found[0]["_source"]["seq"]), str(found[0]["_id"])) if found else None

    def search(self, query: Query) -> Results:
        """See `SearchIndex.search`."""
        while True:
            name = self.standing()
            if name is None:
                raise NoIndexError(f"There is no index {self.alias} yet. `kliping index follow` makes one.")
            try:
                with self._noticing(name), in_sentences(self.url):
                    return search.search(self.client, name, self._fields_of(name), query)
            except ApiError as error:
                self._fields.pop(name, None)
                if self.standing() == name:  # not swapped and pruned under our hands: it is really unusable
                    raise sentence(self.url, error.status_code, error.body) from error

    def terms(self, text: str) -> tuple[str, ...]:
        """See `SearchIndex.terms`: the analyzer of the index behind the alias is asked. The key must be allowed
        `manage` on it, which the reindexer's is."""
        name = self.standing()
        if name is None:
            raise NoIndexError(f"There is no index {self.alias} yet. `kliping index follow` makes one.")
        with self._asking(name):
            answer = self.client.indices.analyze(index=name, analyzer=STEMMED, text=text)
        return tuple(str(each["token"]) for each in answer["tokens"])

    def conditions(self) -> Iterator[Condition]:
        """See `SearchIndex.conditions`."""
        return cluster.conditions(self.client, self._given, self.alias, self._connect)

    def _refresh(self, name: str) -> None:
        """Refresh an index. One that no node holds any more would be waited for a whole minute, by each node that is
        asked: so the wait is cut in pieces, with a look at it between them. Raises NoCopyError."""
        deadline = time.monotonic() + TIMEOUT
        while not self._is_lost(name):
            try:
                self.client.options(request_timeout=LOOK, retry_on_timeout=False).indices.refresh(index=name)
            except ConnectionTimeout:
                if time.monotonic() > deadline:
                    raise
            else:
                return
        raise self._no_copy(name)

    def _refresh_if_allowed(self, name: str) -> None:
        """An index that is being filled shows nothing unless it is told to; a reader's key, which may not tell it,
        sees an index in service as it was a moment ago."""
        try:
            self._refresh(name)
        except AuthorizationException as error:
            if cause(error.body)[0] != "security_exception":
                raise

    @contextmanager
    def _asking(self, name: str | None = None) -> Iterator[None]:
        """Every way in which a request can fail, as a sentence; `name` is the index that should be there."""
        try:
            with self._noticing(name), in_sentences(self.url):
                yield
        except ApiError as error:
            if name is not None and error.status_code == 404:
                raise UnavailableError(
                    f"The index {name} is missing from {self.url}. Run `kliping reindex`."
                ) from error
            raise sentence(self.url, error.status_code, error.body) from error

    @contextmanager
    def _noticing(self, name: str | None) -> Iterator[None]:
        """Raise NoCopyError where a request failed because no node that is up holds the index that was asked."""
        try:
            yield
        except OverloadedError as error:
            reason = error.__cause__
            unreached = isinstance(reason, TransportError) and not isinstance(reason, ConnectionTimeout)
            unheard = isinstance(reason, ApiError) and reason.status_code < 500  # busy, or its keys cannot be read yet
            if name is not None and not unreached and not unheard and self._turns_out_lost(name):
                raise self._no_copy(name) from error
            raise

    def _turns_out_lost(self, name: str) -> bool:
        """Whether a cluster comes to know that an index is lost: requests to a dead node fail before it does."""
        deadline = time.monotonic() + NOTICED
        while not (lost := self._is_lost(name)) and time.monotonic() < deadline:
            time.sleep(0.2)
        return lost

    def _is_lost(self, name: str) -> bool:
        """Whether the cluster says now that no node holds an index, or a part of it."""
        try:
            with in_sentences(self.url):
                asked = self.client.options(ignore_status=408, request_timeout=LOOK)  # else it waits for one to be made
                health = asked.cluster.health(index=name, level="indices", timeout="0s").body
        except (UnavailableError, ApiError):  # then the first failure says more
            return False
        return bool(health["indices"].get(name, {}).get("status") == "red")


def _physical(name: str, described: Any) -> PhysicalIndex | None:
    """What an index says of itself; null where it is none of ours."""
    meta = dict(described.get("mappings", {}).get("_meta", {}))
    meta.pop("fields", None)
    try:
        physical = PhysicalIndex.from_json(meta)
    except (KeyError, TypeError, ValueError):
        return None
    return physical if physical.name == name else None
