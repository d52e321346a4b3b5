"""Health checks of an Elasticsearch cluster for `kliping doctor`: health, versions, blocks and unresponsive nodes.

Sends only requests that the cluster privilege `monitor` allows, and no `GET /`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

from elasticsearch import Elasticsearch

from indexer.contract import Condition, UnavailableError
from indexer.elastic.requests import UNREACHABLE_ADVICE, addresses, plain_errors, without_password

MEANINGS = {
    "green": "every index has all its copies",
    "yellow": "every index can be searched, but copies are missing",
    "red": "an index, or a part of one, cannot be reached",
}
NODE_TIMEOUT = 10.0
"""Seconds that each of several nodes may take to answer."""


def conditions(
    client: Elasticsearch, url: str, alias: str, connect: Callable[[str], Elasticsearch]
) -> Iterator[Condition]:
    """Check a cluster and, if `url` names several nodes, each of them. Raises UnavailableError if none answers."""
    with plain_errors(without_password(url)):
        health = client.cluster.health(
            level="indices", filter_path=f"cluster_name,status,number_of_nodes,indices.{alias}-v*"
        ).body
        behind_alias = set(
            client.options(ignore_status=404).indices.get_alias(name=alias, filter_path="*.aliases").body
        )
        nodes = client.nodes.info(metric="http", filter_path="nodes.*.version").body["nodes"]
        blocks = client.indices.get_settings(index=f"{alias}-v*", name="index.blocks.*", flat_settings=True).body
    yield from health_in_words(health, behind_alias)
    yield version_in_words({node["version"] for node in nodes.values()}, version("elasticsearch"))
    yield from blocks_in_words(blocks, behind_alias)
    named = addresses(url)
    if len(named) > 1:
        yield from _unresponsive_nodes(named, connect)


def health_in_words(health: Mapping[str, Any], behind_alias: set[str]) -> Iterator[Condition]:
    """The health of the cluster and of those of our indexes that are not green."""
    nodes, status = health["number_of_nodes"], health["status"]
    ours = health.get("indices", {})
    not_ours = status != "green" and all(each["status"] == "green" for each in ours.values())
    yield Condition(
        "cluster",
        True,
        f"{health['cluster_name']}: {nodes} {'node' if nodes == 1 else 'nodes'}, {status}: {MEANINGS[status]}"
        + (" (none of Kliping's)" if not_ours else ""),
    )
    for name, index in sorted(ours.items()):
        if index["status"] == "red":
            lost = "no running node has it"
            if name in behind_alias:
                seen, remedy = f"{lost}: searches fail, and new articles wait", "kliping reindex"
            else:
                seen, remedy = f"{lost}; it is not searched", f"kliping index drop {name}"
            yield Condition(
                "cluster",
                False,
                f"{name}: {seen}",
                f"Start the missing node. If it will not come back: {remedy}",
            )
        elif index["status"] == "yellow" and index["initializing_shards"]:
            yield Condition("cluster", True, f"{name}: a copy is being made")
        elif index["status"] == "yellow":
            yield Condition(
                "cluster",
                False,
                f"{name}: a copy is missing; searches work, but may fail if one more node is lost",
                "Start the missing node, or free disk space on the others. Elasticsearch then makes the copy. "
                "GET /_cluster/allocation/explain says what it waits for.",
            )


def version_in_words(servers: set[str], client: str) -> Condition:
    """The versions of the nodes and of our client. The client must not be newer (reference: *Compatibility*)."""
    seen = f"Elasticsearch {', '.join(sorted(servers))}, client {client}"
    oldest = min(map(_minor, servers))
    if oldest < _minor(client):
        needed = ".".join(map(str, _minor(client)))
        return Condition(
            "version",
            False,
            f"{seen}: the client is newer than the server",
            f"Upgrade Elasticsearch to {needed}, or: pip install 'elasticsearch=={oldest[0]}.{oldest[1]}.*'",
        )
    if len(servers) > 1:
        return Condition("version", False, seen, "Finish the upgrade: all nodes need the same version.")
    return Condition("version", True, seen)


def _minor(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def blocks_in_words(blocks: Mapping[str, Any], behind_alias: set[str]) -> Iterator[Condition]:
    """The blocks that prevent writing to the index behind the alias."""
    for name in sorted(behind_alias & blocks.keys()):
        for block, value in sorted(blocks[name]["settings"].items()):
            if value != "true":
                continue
            full = block == "index.blocks.read_only_allow_delete"
            yield Condition(
                "cluster",
                False,
                f"{name}: {block} is set" + (", as Elasticsearch does when a disk is almost full" if full else ""),
                "Free disk space on its nodes. Elasticsearch then lifts the block by itself."
                if full
                else f'Ask who set it, then lift it: PUT /{name}/_settings with {{"{block}": null}}.',
            )


def _unresponsive_nodes(nodes: list[str], connect: Callable[[str], Elasticsearch]) -> Iterator[Condition]:
    """The nodes named in the settings that do not answer."""
    for node in nodes:
        client = connect(node).options(request_timeout=NODE_TIMEOUT)
        try:
            with plain_errors(without_password(node)):
                client.nodes.info(node_id="_local", metric="http", filter_path="nodes.*.version")
        except UnavailableError as error:
            yield Condition(
                "node",
                False,
                str(error).removesuffix(f" {UNREACHABLE_ADVICE}"),
                "Start it, or remove it from KLIPING_INDEX_URL. Requests go to the other nodes meanwhile.",
            )
        finally:
            client.close()
