"""Reads one page in a process of its own: for a page that has killed the process of a crawl.

The process (`crawler.isolated_child`) takes a pickled PageToRead on standard input, and answers with a pickled
RawArticle or Rejected on standard output. Both ends are ours, so the pickles are trusted.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime

from archive.records import Rejected
from reading.extract.raw import RawArticle

_SECONDS = 300
"""Real seconds after which the process is killed: on the busiest machine it has had its processor time by then."""


class ReaderDiedAloneError(Exception):
    """The process that read the page, and nothing else, died."""


@dataclass(frozen=True, slots=True)
class PageToRead:
    """A page as it was fetched, and the name of its source."""

    content: bytes
    url: str
    content_type: str | None
    source: str
    fetched_at: datetime


def read_alone(page: PageToRead) -> RawArticle:
    """What the page prints, read by another process, which normalises it too. Raises Rejected and ReaderDiedAloneError.

    What normalising rejects is not raised here: the caller comes to it.
    """
    command = [sys.executable, "-m", "crawler.isolated_child"]
    try:
        done = subprocess.run(command, input=pickle.dumps(page), stdout=subprocess.PIPE, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ReaderDiedAloneError(f"it was killed after {_SECONDS} s") from None
    if done.returncode:
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit status {done.returncode}"
        raise ReaderDiedAloneError(f"the process that read it alone ended with {how}")
    answer = pickle.loads(done.stdout)
    if isinstance(answer, Rejected):
        raise answer
    assert isinstance(answer, RawArticle)  # see `main`
    return answer
