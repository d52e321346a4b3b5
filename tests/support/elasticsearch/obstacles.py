"""Obstacles that need no lost node."""

from __future__ import annotations

from elasticsearch import Elasticsearch

from indexer.contract import PhysicalIndex
from indexer.elastic.mapping import body_of


def stand_out_of_reach(client: Elasticsearch, physical: PhysicalIndex) -> None:
    """Point the alias at a red index, as if all its nodes were lost: no node is allowed to hold it."""
    body = body_of(physical)
    body["settings"]["index"]["routing.allocation.require._name"] = "nobody"
    client.indices.create(
        index=physical.name,
        **body,
        aliases={physical.alias: {}, f"{physical.name}.gate": {}},
        wait_for_active_shards="0",
    )
