"""Reading an index in a folder that this process may not write: tantivy makes a lock file even to read."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from tempfile import TemporaryDirectory

_META = "meta.json"
_LOCKS = ".lock"


class LinkedFolder:
    """A temporary folder of links to the files of an index. It is removed with this object.

    Files of an index never change, except `meta.json`, which names the others: that one is copied.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = TemporaryDirectory(prefix="kliping-index-")
        self.folder = Path(self._temporary.name)

    def update(self) -> None:
        """Bring the links up to the index's last commit. Raises OSError."""
        while True:
            meta = (self._path / _META).read_bytes()
            for file in self._path.iterdir():
                if file.name != _META and not file.name.endswith(_LOCKS):
                    with contextlib.suppress(FileExistsError):
                        (self.folder / file.name).symlink_to(file.absolute())
            if (self._path / _META).read_bytes() == meta:  # else a commit elsewhere may have removed files before that
                break
        temporary = self.folder / f".{_META}"
        temporary.write_bytes(meta)
        os.replace(temporary, self.folder / _META)
