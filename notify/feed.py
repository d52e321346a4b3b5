"""Writes the feed of a watch to a file (`archive.feeds` makes it)."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read. A reader sees the old content or the new. Raises OSError."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:  # its mode is 0600
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.replace(file.name, path)
    except OSError:
        os.unlink(file.name)
        raise
