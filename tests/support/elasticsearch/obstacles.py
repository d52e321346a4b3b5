"""What can be put in the way without losing a node."""

from __future__ import annotations

from elasticsearch import Elasticsearch

from indexer.contract import PhysicalIndex
from indexer.elastic.mapping import body_of


def stand_out_of_reach(client: Elasticsearch, physical: PhysicalIndex) -> None:
    """Put an index behind the alias that is red, as one is whose nodes are all lost: no node is allowed to hold it."""
    body = body_of(physical)
    body["settings"]["index"]["routing.allocation.require._name"] = "nobody"
    client.indices.create(
        index=physical.name,
        **body,
        aliases={physical.alias: {}, f"{physical.name}.gate": {}},
        wait_for_active_shards="0",
    )
