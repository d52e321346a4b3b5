"""Imports: saved pages and clippings, WARC files, other scrapers' exports. Readers run in any process, one writes."""
