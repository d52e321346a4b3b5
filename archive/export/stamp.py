"""The stamp of an export: what it was made of. Two exports with one stamp have the same bytes. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

VERSION = 1
"""Raised when an export of the same articles looks different."""


@dataclass(frozen=True, slots=True)
class ExportStamp:
    """What an export was made of: the archive, its state (`seq`, in an epoch), the selection, readers and format.

    `behind`: how many changes up to `seq` the index that found the articles did not know yet; articles may be missing.
    """

    archive_id: str
    epoch: str
    seq: int
    selection: dict[str, Any]
    format: str
    readers: str
    software: str
    behind: int = 0

    def as_json(self) -> dict[str, Any]:
        """The stamp as plain values, with its id: a hash of the others."""
        values = {
            "archive": self.archive_id,
            "epoch": self.epoch,
            "seq": self.seq,
            **self.selection,
            **({"behind": self.behind} if self.behind else {}),
            "format": self.format,
            "export_version": VERSION,
            "readers": self.readers,
            "software": self.software,
        }
        digest = hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
        return {"stamp": digest[:16], **values}

    @property
    def id(self) -> str:
        """The hash of the stamp, sixteen hex digits."""
        return str(self.as_json()["stamp"])

    def citation(self, articles: int) -> str:
        """The line by which a paper cites the export."""
        chosen = self.selection
        query = f", query “{chosen['query']}”" if chosen["query"] else ""
        sources = f" of {', '.join(chosen['sources'])}" if chosen["sources"] else ""
        days = [f"{word} {chosen[word]}" for word in ("from", "to") if chosen[word]]
        span = f", published {' '.join(days)}" if days else ""
        late = f", searched {self.behind} changes before that state" if self.behind else ""
        return (
            f"Kliping archive {self.archive_id}, epoch {self.epoch}, state {self.seq}: {articles:,} "
            f"{'article' if articles == 1 else 'articles'}{sources}{span}{query}{late} [data set, {self.format}]. "
            f"{self.software}, readers {self.readers}. Stamp {self.id}."
        )
