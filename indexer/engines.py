"""Opens the search engine that the settings name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from indexer.contract import SearchError, SearchIndex

if TYPE_CHECKING:
    from kliping.config import Settings


class UnknownEngineError(SearchError):
    """`INDEX_URL` does not name a known engine."""


def index_of(settings: Settings) -> SearchIndex:
    """The engine that the settings name. Raises UnknownEngineError."""
    key = settings.elasticsearch_api_key
    return open_index(
        settings.index_url,
        settings.home,
        settings.index_alias,
        api_key=key.get_secret_value() if key else None,
        ca_certs=settings.elasticsearch_ca_certs,
    )


def open_index(
    url: str, home: Path, alias: str, *, api_key: str | None = None, ca_certs: Path | None = None
) -> SearchIndex:
    """The engine for an `INDEX_URL`: "embedded:" uses HOME/index, "http(s)://host:port" is Elasticsearch
    (several nodes of one cluster are separated by commas).

    Creates nothing and sends nothing yet. Raises UnknownEngineError.
    """
    if url == "embedded:":
        from indexer.embedded.index import EmbeddedIndex

        return EmbeddedIndex(home / "index", alias)
    if url.startswith(("http://", "https://")):
        from indexer.elastic.index import ElasticIndex
        from indexer.elastic.requests import WrongAddressError

        try:
            return ElasticIndex(url, alias, api_key=api_key, ca_certs=str(ca_certs) if ca_certs else None)
        except WrongAddressError as error:
            raise UnknownEngineError(str(error)) from error
    raise UnknownEngineError(f"KLIPING_INDEX_URL is {url!r}. Set it to `embedded:` or `http(s)://host:port`.")
