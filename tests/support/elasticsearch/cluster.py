"""A cluster of three nodes on free ports of 127.0.0.1, with their data in temporary folders."""

from __future__ import annotations

from tests.support.elasticsearch.server import Server

NAMES = ("one", "two", "three")


class Cluster:
    """Nodes that find each other through a file that each of them polls (`discovery.seed_providers`).

    Their ports are known only once they listen, and a node that was killed comes back with another one.
    """

    def __init__(self) -> None:
        self.nodes = [
            Server(
                {
                    "node.name": name,
                    "discovery.type": None,
                    "discovery.seed_providers": "file",
                    "cluster.initial_master_nodes": NAMES,
                }
            )
            for name in NAMES
        ]

    @property
    def url(self) -> str:
        """The addresses of all nodes, in the form of `KLIPING_INDEX_URL`."""
        return ",".join(node.url for node in self.nodes)

    def named(self, name: str) -> Server:
        """One of the nodes."""
        return self.nodes[NAMES.index(name)]

    def start_missing(self) -> None:
        """Start the nodes that do not run, and wait until each answers as part of the cluster."""
        missing = [node for node in self.nodes if not node.running]
        for node in missing:
            node.launch()
        found = "".join(node.transport() + "\n" for node in self.nodes)
        for node in self.nodes:
            (node.config / "unicast_hosts.txt").write_text(found)
        for node in missing:
            node.wait()

    def remove(self) -> None:
        """End all nodes, and delete their data."""
        for node in self.nodes:
            node.remove()
