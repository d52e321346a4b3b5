"""A real Elasticsearch for the tests, without Docker: fetched from Maven Central, given a plugin, run, ended.

`python -m tests.elasticsearch` (`make elasticsearch`) starts one to play with.
"""
