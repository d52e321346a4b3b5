"""The clocks that count from the start of the machine go back: a crawl runs as before."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from newsstand import Newsstand
from tests.support.children import kliping, opened, settings

SOURCE = Path(__file__).parents[1] / "support" / "clocks_back.c"


@pytest.mark.processes
def test_a_crawl_runs_after_the_clocks_went_back_even_below_zero(tmp_path: Path) -> None:
    """The monotonic clock, as in a restored virtual machine: it counts from whenever the machine started."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        assert os.environ.get("CI") != "true", "CI must have a C compiler"
        pytest.skip("needs a C compiler (cc) for the library that sets clocks back")
    library = tmp_path / "clocks_back.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    home = tmp_path / "home"
    with Newsstand(crawl_delay=0) as site:
        environment = settings(home, {"newsstand.test": site.base_url})
        assert kliping(environment, "crawl", "newsstand").returncode == 0
        with opened(home) as archive:
            before = archive.last_seq()
        back = {"LD_PRELOAD": str(library), "CLOCKS_BACK": str(10**7)}
        done = kliping(environment | back, "crawl", "newsstand", "--json")
        assert (done.returncode, done.stderr) == (0, "")
    (result,) = json.loads(done.stdout)
    assert set(result["report"]["outcomes"]) == {"unchanged"}
    with opened(home) as archive:
        assert archive.last_seq() == before
