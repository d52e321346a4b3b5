"""`metadata` with all tables of the archive, for whoever migrates, copies or compares it whole.

Tables stand in several modules, and are known once these are imported. A module that is missing here would be missing
from a move: its rows would be lost.
"""

from __future__ import annotations

import archive.host_tables
import archive.notice_tables
import archive.tombstone_tables  # noqa: F401
from archive.tables import metadata

__all__ = ["metadata"]
