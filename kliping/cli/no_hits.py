"""Why a search found nothing, in the cases where that is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from archive.flags import FLAGS
from indexer.nodes import And, DateRange, Node, Or, Term, Word

if TYPE_CHECKING:
    from kliping.config import Settings


def why_nothing(settings: Settings, text: str, root: Node) -> str | None:
    """The reason why a query has no hits, as a sentence; None if it is not certain.

    `text` is what the person typed, and `root` what was searched: the text and the options.
    """
    nodes = list(_nodes(root))
    names = [node.value for node in nodes if isinstance(node, Term) and node.field == "source"]
    return _no_articles(settings, names) or _no_flag(nodes) or _empty_range(text, root) or _no_syntax(nodes)


def _nodes(node: Node) -> Iterator[Node]:
    """A node and all nodes below it that an article must match or may match."""
    yield node
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _nodes(part)


def _no_articles(settings: Settings, names: list[str]) -> str | None:
    """The archive is empty, or has no article of a source in the query."""
    if settings.database_url is None and not (settings.home / "archive.sqlite3").exists():
        return None  # the index is shared, and its archive is elsewhere
    # SQLAlchemy takes 0.4 s, which a search with hits does not need
    import sources
    from archive.articles import count_archive
    from archive.records import GENERIC
    from kliping.cli import context
    from reading.article import CLIPPING

    with context.archive(settings) as archive:
        stored = {name for name, *_ in count_archive(archive).by_source}
    if not stored:
        return f"The archive in {settings.home} is empty."
    known = {*sources.names(), GENERIC, CLIPPING}
    for name in names:
        if name.lower() in stored:
            continue
        if name.lower() in known:
            return f"The archive has no article of {name.lower()}."
        similar = get_close_matches(name.lower(), sorted(known | stored), n=1)
        return f"There is no source {name}." + (f" Did you mean {similar[0]}?" if similar else "")
    return None


def _no_flag(nodes: list[Node]) -> str | None:
    """A flag that does not exist; an article of another version of Kliping may have one that this one lacks."""
    asked = (node.value.lower() for node in nodes if isinstance(node, Term) and node.field == "flags")
    for name in asked:
        if name not in FLAGS:
            similar = get_close_matches(name, FLAGS, n=1)
            return f"There is no flag {name}. " + (
                f"Did you mean {similar[0]}?" if similar else "docs/flags.md lists all."
            )
    return None


def _empty_range(text: str, root: Node) -> str | None:
    """`after:` is not before `before:`. The options --from and --to were compared when they were read."""
    ranges = [node for node in (root.parts if isinstance(root, And) else ()) if isinstance(node, DateRange)]
    since = max((node.since for node in ranges if node.since), default=None)
    until = min((node.until for node in ranges if node.until), default=None)
    if since is None or until is None or since < until:
        return None
    written = {name: re.findall(rf"\b{name}:\S+", text, re.IGNORECASE) for name in ("after", "before")}
    if any(len(each) != 1 for each in written.values()):
        return "The range of dates is empty."
    (after,), (before,) = written["after"], written["before"]
    return f"The range is empty: {after} is {'later than' if since > until else 'not earlier than'} {before}."


def _no_syntax(nodes: list[Node]) -> str | None:
    words = [node.text for node in nodes if isinstance(node, Word)]
    if "or" in words:
        return "OR must be in capitals."
    if any("*" in word for word in words):
        return "There is no wildcard; words are found in every form."
    return None
