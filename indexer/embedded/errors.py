"""tantivy's errors as ours: its binding raises ValueError for files and disks too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from indexer.contract import UnavailableError


@contextmanager
def read_errors(name: str) -> Iterator[None]:
    """Raise UnavailableError for errors while reading."""
    try:
        yield
    except (ValueError, OSError) as error:
        remedy = "Run `kliping reindex`."
        if "Failed to acquire Lockfile" in str(error):
            remedy = "Reading needs a lock file in its folder: make the folder writable, on a disk with free space."
        raise UnavailableError(f"The index {name} cannot be read ({error}). {remedy}") from error


@contextmanager
def write_errors(name: str) -> Iterator[None]:
    """Raise UnavailableError for errors while writing."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise UnavailableError(write_error(name, error)) from error


def write_error(name: str, error: Exception) -> str:
    """What a person reads of an error while writing."""
    return (
        f"The index {name} cannot be written ({error}). Nothing is lost: make sure that the disk has free space and is "
        "writable, then run this again. If the index is damaged, rebuild it with `kliping reindex`."
    )
