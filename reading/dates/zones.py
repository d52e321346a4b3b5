"""The default time zone of the readers."""

from __future__ import annotations

from datetime import timedelta, timezone

JAKARTA = timezone(timedelta(hours=7))
"""Western Indonesian Time (WIB), the default for publishers that print no zone. Unchanged since 1964."""
