"""What can be put in the way of an index without losing a node."""

from __future__ import annotations

from elasticsearch import Elasticsearch


def put_out_of_reach(client: Elasticsearch, name: str) -> None:
    """Make an index red, as the loss of all the nodes that hold it does: no node is allowed to hold it."""
    client.indices.close(index=name)
    client.indices.put_settings(index=name, settings={"index.routing.allocation.require._name": "nobody"})
    client.indices.open(index=name, wait_for_active_shards=0)


def bring_back(client: Elasticsearch, name: str) -> None:
    """The same as the nodes' return: the index is held again, with all that it ever acknowledged."""
    client.indices.put_settings(index=name, settings={"index.routing.allocation.require._name": None})
    client.cluster.health(index=name, wait_for_status="yellow", timeout="60s")
