"""A page that kills whatever process reads it, as a fault of the parser would: everything else in its file is read."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.addresses import READER_DIED
from archive.database import Archive
from archive.verify import verify
from ingest.pool import ReaderPool
from ingest.reextract import reextract
from tests.support.children import is_gone, until
from tests.support.importing import COLUMNS, ROW, import_one, jsonl
from tests.support.warc_bytes import numbered

pytestmark = pytest.mark.processes

DEADLY = "nomor-2"
"""What stands in the address of the deadly page."""
KILLER = f"""
import os, signal
from reading import article

normalise = article.normalise

def deadly(raw, **more):
    if {DEADLY!r} in (more["url"] or ""):
        os.kill(os.getpid(), signal.SIGKILL)
    return normalise(raw, **more)

article.normalise = deadly
"""
"""A `sitecustomize` with which a page kills the process that reads it."""
FIVE = [numbered(number) for number in range(5)]


@pytest.fixture
def mortal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReaderPool]:
    """Readers that a page kills."""
    (tmp_path / "sitecustomize.py").write_text(KILLER, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with ReaderPool(1) as readers:
        yield readers


@pytest.mark.parametrize("packed", ["plain", pytest.param("compressed as a whole", marks=pytest.mark.soak)])
def test_one_page_of_a_warc_file_is_left_out_by_name_and_all_others_are_read(
    archive: Archive, tmp_path: Path, mortal: ReaderPool, packed: str
) -> None:
    path = tmp_path / ("x.warc" if packed == "plain" else "x.warc.gz")
    path.write_bytes(b"".join(FIVE) if packed == "plain" else gzip.compress(b"".join(FIVE)))
    report = import_one(archive, path, mortal)
    assert report.counts == {"stored": 4, READER_DIED: 1}
    (problem,) = report.problems
    assert DEADLY in problem.address
    assert report.state == "done"
    assert report.needs_attention, "one in five"


def test_one_row_of_an_export_is_left_out_by_name_and_all_others_are_read(
    archive: Archive, tmp_path: Path, mortal: ReaderPool
) -> None:
    addresses = [f"https://www.antaranews.com/berita/45123{number}/nomor-{number}" for number in range(5)]
    path = jsonl(tmp_path / "x.jsonl", [{**ROW, "url": each, "title": f"Panen {each[-1]}"} for each in addresses])
    report = import_one(archive, path, mortal, columns=COLUMNS)
    assert report.counts == {"stored": 4, READER_DIED: 1}
    assert [problem.address for problem in report.problems] == ["x.jsonl, line 3"]


@pytest.mark.usefixtures("mortal")
def test_one_saved_page_is_left_out_by_name_and_all_others_are_read(tmp_path: Path) -> None:
    """Each file is a page by itself; the real command, whose reader is a fork of it."""
    folder = tmp_path / "saved"
    folder.mkdir()
    for number in range(4):
        _, _, page = numbered(number).split(b"\r\n\r\n", 2)
        (folder / f"{number}.html").write_bytes(page)
    done = subprocess.run(
        [sys.executable, "-m", "kliping", "import", "--json", folder],
        env={**os.environ, "KLIPING_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    outcomes = {Path(each["path"]).name: each["outcome"] for each in json.loads(done.stdout)["files"]}
    assert outcomes == {"0.html": "stored", "1.html": "stored", "2.html": READER_DIED, "3.html": "stored"}


def test_a_reader_ends_with_the_process_that_imports(tmp_path: Path) -> None:
    """Also where that is killed: nothing is left over that reads."""
    code = """
import os, signal
from ingest.alone import ReaderProcess
reader = ReaderProcess()
print(reader._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    until(lambda: is_gone(int(done.stdout)))


@pytest.mark.soak
def test_a_kept_page_that_kills_its_reader_leaves_its_article_as_it_was(
    archive: Archive, tmp_path: Path, mortal: ReaderPool
) -> None:
    path = tmp_path / "x.warc"
    path.write_bytes(b"".join(FIVE))
    assert import_one(archive, path).counts == {"stored": 5}  # this process is not mortal
    report = reextract(archive, mortal, source=None, lease_seconds=60, report_progress=lambda _: None)
    assert report.outcomes == {"unchanged": 4, READER_DIED: 1}
    assert report.verdict.verdict == "attention"
    assert verify(archive).wrong == ()
