"""A real Elasticsearch for the tests, without Docker: fetched from Maven Central, given a plugin, run, ended.

`python -m tests.support.elasticsearch` (`make elasticsearch`) starts one to play with.
"""
