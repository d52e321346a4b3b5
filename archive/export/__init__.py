"""Exports: articles of the archive as tables, citations and WARC files, streamed and reproducible."""
