"""How large an index is, and how fast it is built, beside that of an earlier version with the same articles.

    .venv/bin/python benchmarks/sizes.py                          # 50,000 articles, beside schema 2
    .venv/bin/python benchmarks/sizes.py --before COMMIT          # beside any commit that has the same contract
    …                                    --engines embedded       # without Elasticsearch, which needs Maven and a JDK

The earlier version is taken from git, and each fills an index of its own in a process of its own. Elasticsearch merges
each index to one segment before it is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SCHEMA_2 = "5cf4342027e59572fa6a28617a6beb89c5fb3ddd"
"""The last commit with schema 2, before issue 13."""
BATCH = 1_000


def measured(url: str, count: int) -> dict[str, float]:
    """Bytes of an index with so many articles, articles a second, and the version of the schema."""
    sys.path.append(str(Path(__file__).parent))
    from index import texts
    from mixed import documents

    from indexer import schema
    from indexer.contract import PhysicalIndex, Provenance
    from indexer.engines import open_index

    version = schema.SCHEMA_VERSION
    made = documents(texts(), count)
    with tempfile.TemporaryDirectory() as folder:
        index: Any = open_index(url, Path(folder), f"bench-sizes-{version}")
        target = PhysicalIndex.new(index.alias, Provenance(version, "bench", "bench", "bench"), datetime.now(UTC))
        index.create(target)
        began = time.perf_counter()
        with index.writer(target.name) as writer:
            while batch := list(islice(made, BATCH)):
                writer.send([writer.prepare(each) for each in batch])
            writer.commit()
        taken = time.perf_counter() - began
        if index.engine == "embedded":
            size = bytes_in(Path(folder))
        else:
            index.client.indices.forcemerge(index=target.name, max_num_segments=1, flush=True, request_timeout=600)
            size = index.client.indices.stats(index=target.name)["_all"]["primaries"]["store"]["size_in_bytes"]
            index.client.indices.delete(index=target.name)
    return {"schema": version, "size": size, "speed": count / taken}


def bytes_in(folder: Path) -> int:
    """The size of the files in a folder."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


def in_a_process(tree: Path, url: str, count: int) -> dict[str, float]:
    """`measured` with the code in a folder."""
    command = [sys.executable, __file__, "--run", url, str(count)]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment, cwd=tree)
    return dict(json.loads(done.stdout))


def unpacked(commit: str, folder: Path) -> Path:
    """The files of a commit, in a folder."""
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", commit], stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    return folder


def main() -> None:
    """Print the table."""
    from index import engines

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=50_000)
    parser.add_argument("--before", metavar="COMMIT", default=SCHEMA_2)
    parser.add_argument("--engines", nargs="+", default=["embedded", "elasticsearch"])
    options = parser.parse_args()
    print(f"{options.articles:,} articles{'bytes an article':>32}{'share':>8}{'articles/s':>12}")
    with tempfile.TemporaryDirectory() as folder, engines(options.engines) as urls:
        earlier = unpacked(options.before, Path(folder))
        for name in [each for each in urls if each in options.engines]:
            before = in_a_process(earlier, urls[name], options.articles)
            for each in (before, in_a_process(ROOT, urls[name], options.articles)):
                row = f"{name}, schema {each['schema']:.0f}"
                size, share = each["size"] / options.articles, each["size"] / before["size"]
                print(f"{row:26}{size:>21,.0f}{share:>8.0%}{each['speed']:>12,.0f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print(json.dumps(measured(sys.argv[2], int(sys.argv[3]))))
    else:
        main()
