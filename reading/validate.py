"""Checks of a whole article before it is archived. Pure."""

from __future__ import annotations

from archive.records import Article, Rejected
from sources.definition import Source

LONGEST_TITLE = 1000
"""Characters; the longest headline in 5,364 real articles has 165. Anything longer is a body mistaken for a title."""


def validate(article: Article, source: Source, *, final_url: str | None) -> None:
    """Refuse an article whose title is too long, or whose address is not on the source's domains.

    `final_url` is the address that answered. Raises Rejected: "no-title", "foreign-address".
    """
    if len(article.title) > LONGEST_TITLE:
        raise Rejected("no-title", f"the title has {len(article.title)} characters; the limit is {LONGEST_TITLE}")
    # check both: a foreign page behind a redirect may name one of the source's articles as its canonical address
    for address in (final_url, article.url):
        if address is None or not source.owns(address):
            raise Rejected("foreign-address", f"{address} is not on a domain of {source.name}")
