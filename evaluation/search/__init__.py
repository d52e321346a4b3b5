"""How well typed queries find their articles: our engines beside Elasticsearch's own analyzers.

`python -m evaluation.search` prints one table (docs/evaluation.md).
"""
