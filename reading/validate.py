"""What no reader of a page can know, because it concerns the article as a whole. Pure."""

from __future__ import annotations

from archive.records import Article, Rejected
from sources.definition import Source

LONGEST_TITLE = 1000
"""Characters; the longest headline in 5,364 real articles has 165. What is longer is a body taken for a title."""


def validate(article: Article, source: Source, *, final_url: str | None) -> None:
    """Refuse what would be archived under a false face. `final_url` is the address that answered. Raises Rejected."""
    if len(article.title) > LONGEST_TITLE:
        raise Rejected("no-title", f"what stands as the title has {len(article.title)} characters")
    # Both: a foreign page that a redirect led to may well name one of the source's articles as its canonical address.
    for address in (final_url, article.url):
        if address is None or not source.owns(address):
            raise Rejected("foreign-address", f"{address} stands on none of {source.name}'s domains")
