"""What a tantivy index stores of a document."""

from __future__ import annotations

STORED_FIELDS = (
    *(
        "id",
        "seq",
        "title",
        "body",
        "captions",
        "credits",
        "source",
        "published_at",
        "url",
        "family",
        "copies",
        "flags",
        "content_hash",
    ),
)
"""The attributes of a document that the index stores as JSON, for hits and for the follower."""
STORED = "stored"
"""The field with that JSON."""
