"""What `kliping doctor` tells of an Elasticsearch cluster: its health in words, its versions, what stands in the way.

Only requests that a key with the cluster's privilege `monitor` may send, and that need no `GET /`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

from elasticsearch import Elasticsearch

from indexer.contract import Condition, UnavailableError
from indexer.elastic.requests import addresses, in_sentences, shown

MEANINGS = {
    "green": "every index has all its copies",
    "yellow": "every index can be searched, but copies are missing",
    "red": "an index, or a part of one, is out of reach",
}
AT_ONCE = 10.0
"""Seconds that one node of several may take to answer."""


def conditions(
    client: Elasticsearch, url: str, alias: str, connect: Callable[[str], Elasticsearch]
) -> Iterator[Condition]:
    """Ask a cluster and, where `url` names several nodes, each of them. Raises UnavailableError where none answers."""
    with in_sentences(shown(url)):
        health = client.cluster.health(
            level="indices", filter_path=f"cluster_name,status,number_of_nodes,indices.{alias}-v*"
        ).body
        standing = set(client.options(ignore_status=404).indices.get_alias(name=alias, filter_path="*.aliases").body)
        nodes = client.nodes.info(metric="http", filter_path="nodes.*.version").body["nodes"]
        blocks = client.indices.get_settings(index=f"{alias}-v*", name="index.blocks.*", flat_settings=True).body
    yield from health_in_words(health, standing)
    yield version_in_words({node["version"] for node in nodes.values()}, version("elasticsearch"))
    yield from blocks_in_words(blocks, standing)
    named = addresses(url)
    if len(named) > 1:
        yield from _silent(named, connect)


def health_in_words(health: Mapping[str, Any], standing: set[str]) -> Iterator[Condition]:
    """The cluster, and those of our indexes that are not whole. `standing` are those behind the alias."""
    nodes, status = health["number_of_nodes"], health["status"]
    ours = health.get("indices", {})
    elsewhere = status != "green" and all(each["status"] == "green" for each in ours.values())
    yield Condition(
        "cluster",
        True,
        f"{health['cluster_name']}: {nodes} {'node' if nodes == 1 else 'nodes'}, {status}: {MEANINGS[status]}"
        + (" (none of Kliping's)" if elsewhere else ""),
    )
    for name, index in sorted(ours.items()):
        if index["status"] == "red":
            away = "no node that is up holds it"
            if name in standing:
                seen, remedy = f"{away}: searches fail, and what is new waits", "kliping reindex"
            else:
                seen, remedy = f"{away}; it is not searched", f"kliping index drop {name}"
            yield Condition(
                "cluster",
                False,
                f"{name}: {seen}",
                f"Start the node that is missing. If it will not come back: {remedy}",
            )
        elif index["status"] == "yellow" and index["initializing_shards"]:
            yield Condition("cluster", True, f"{name}: a copy is being made")
        elif index["status"] == "yellow":
            yield Condition(
                "cluster",
                False,
                f"{name}: a copy is missing; it is searched, but the loss of one more node could end that",
                "Start the node that is missing or make room on the others' disks; Elasticsearch makes the copy then. "
                "GET /_cluster/allocation/explain says what it waits for.",
            )


def version_in_words(servers: set[str], client: str) -> Condition:
    """The versions of the nodes beside our client's, which must not be the newer one (reference: *Compatibility*)."""
    seen = f"Elasticsearch {', '.join(sorted(servers))}, client {client}"
    oldest = min(map(_minor, servers))
    if oldest < _minor(client):
        wanted = ".".join(map(str, _minor(client)))
        return Condition(
            "version",
            False,
            f"{seen}: the client is newer than the server",
            f"Upgrade Elasticsearch to {wanted}, or: pip install 'elasticsearch=={oldest[0]}.{oldest[1]}.*'",
        )
    if len(servers) > 1:
        return Condition("version", False, seen, "Bring all nodes to one version: an upgrade was not ended.")
    return Condition("version", True, seen)


def _minor(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def blocks_in_words(blocks: Mapping[str, Any], standing: set[str]) -> Iterator[Condition]:
    """The blocks that keep the index behind the alias from being written."""
    for name in sorted(standing & blocks.keys()):
        for block, value in sorted(blocks[name]["settings"].items()):
            if value != "true":
                continue
            full = block == "index.blocks.read_only_allow_delete"
            yield Condition(
                "cluster",
                False,
                f"{name}: {block} is set" + (", as Elasticsearch does when a disk is almost full" if full else ""),
                "Free space on its nodes: Elasticsearch lifts the block by itself then."
                if full
                else f'PUT /{name}/_settings with {{"{block}": null}} lifts it, when whoever set it agrees.',
            )


def _silent(nodes: list[str], connect: Callable[[str], Elasticsearch]) -> Iterator[Condition]:
    """Those of the nodes named in the settings that do not answer."""
    for node in nodes:
        client = connect(node).options(request_timeout=AT_ONCE)
        try:
            with in_sentences(shown(node)):
                client.nodes.info(node_id="_local", metric="http", filter_path="nodes.*.version")
        except UnavailableError as error:
            yield Condition(
                "node",
                False,
                str(error).partition(". Nothing is lost")[0] + ".",
                "Start it, or take it out of KLIPING_INDEX_URL. The others are asked meanwhile.",
            )
        finally:
            client.close()
