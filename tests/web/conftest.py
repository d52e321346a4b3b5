"""Fixtures of the reading room's tests."""

from tests.support.reading_room import browser, demo_home

__all__ = ["browser", "demo_home"]
