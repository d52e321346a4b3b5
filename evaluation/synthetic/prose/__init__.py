"""Invents Indonesian news prose: people, places, offices, numbers and quotes, put together by a small grammar."""
