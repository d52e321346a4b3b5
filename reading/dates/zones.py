"""The zones a reader starts from."""

from __future__ import annotations

from datetime import timedelta, timezone

JAKARTA = timezone(timedelta(hours=7))
"""Western Indonesian Time (WIB), the zone of a publisher that prints none. Indonesia has kept it since 1964."""
