"""Scrapy's spider loader: each source is a spider by its own name, all of one class."""

from __future__ import annotations

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

import sources
from crawler.spiders.source import spider_for


class SourceSpiderLoader:
    """`scrapy list` shows the sources, `scrapy crawl NAME` crawls one."""

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> SourceSpiderLoader:  # noqa: ARG003  Scrapy's protocol
        return cls()

    def load(self, spider_name: str) -> type[Spider]:
        """The spider class of a source. Raises KeyError, as Scrapy expects."""
        if spider_name not in sources.names():
            raise KeyError(f"Spider not found: {spider_name}")
        return spider_for(sources.load(spider_name))

    def find_by_request(self, request: Request) -> list[str]:
        """The source that owns the domain of the request."""
        source = sources.for_url(request.url)
        return [source.name] if source else []

    def list(self) -> list[str]:  # last in the class: above it `list` still means the type
        """The names of all sources."""
        return [*sources.names()]
