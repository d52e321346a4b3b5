"""Kliping: a newsroom's own nightly archive of Indonesian news."""
