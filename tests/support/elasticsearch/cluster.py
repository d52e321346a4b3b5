"""Three nodes that are one cluster: on free ports of 127.0.0.1, their data in temporary folders."""

from __future__ import annotations

from tests.support.elasticsearch.server import Server

NAMES = ("one", "two", "three")
LIVES_BRIEFLY = "-XX:TieredStopAtLevel=1 -XX:-AlwaysPreTouch"
"""For the virtual machine: up soon, at the cost of speed later."""


class Cluster:
    """Nodes that find each other through a file that each reads again and again (`discovery.seed_providers`).

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
                },
                options=LIVES_BRIEFLY,
            )
            for name in NAMES
        ]

    @property
    def url(self) -> str:
        """The addresses of all nodes, as `KLIPING_INDEX_URL` names them."""
        return ",".join(node.url for node in self.nodes)

    def named(self, name: str) -> Server:
        """One of the nodes."""
        return self.nodes[NAMES.index(name)]

    def start_missing(self) -> None:
        """Start the nodes that do not run, and wait until each answers as a part of the cluster."""
        missing = [node for node in self.nodes if not node.running]
        for node in missing:
            node.launch()
        found = "".join(node.transport() + "\n" for node in self.nodes)
        for node in self.nodes:
            (node.config / "unicast_hosts.txt").write_text(found)
        for node in missing:
            node.wait()

    def remove(self) -> None:
        """End all nodes for good, and remove their data."""
        for node in self.nodes:
            node.remove()
