"""`kliping read page`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from archive.deadline import page_deadline
from archive.records import GENERIC, Article, Rejected
from archive.twins import own_address
from kliping.cli import context, output, questions
from kliping.cli.found import flag_rows, how_found
from kliping.cli.output import Json
from kliping.cli.skipped_sources import usable_sources
from reading.article import normalise
from reading.extract.addresses import require_address
from reading.extract.clipping import read_clipping
from reading.extract.copies import saved_copy
from reading.extract.page import claimed_addresses, extract_tree
from reading.extract.parsed_page import parse_html
from sources import Source, for_url

_KEYS = {"text": "body"}
"""The key in `provenance` where it is not the printed name of the field."""


def page(
    file: Annotated[Path, typer.Argument(help="A saved page (.html), or a plain clipping (.txt).")],
    url: Annotated[str | None, typer.Option(help="Address of the page; by default the one that it states.")] = None,
    source: Annotated[
        str | None, typer.Option(help='A source, or "generic"; by default the one that owns the address.')
    ] = None,
    fetched_at: Annotated[str | None, typer.Option(help="When it was fetched, in ISO 8601 with its zone.")] = None,
    json: Json = False,
) -> None:
    """Read one saved page into an article, or say why not.

    Prints of each value where it was found and which other place of the page agrees, and each flag with what it means.

    Example: kliping read page berita.html --url https://www.antaranews.com/berita/527615/x --json
    """
    content = _bytes_of(file)
    moment = _fetch_time(fetched_at) if fetched_at else None
    try:
        with page_deadline():
            article = read_article(content, file, url, source, moment)
    except Rejected as refusal:
        if json:
            output.print_jsonl([{"rejected": refusal.reason, "detail": refusal.detail}])
            return
        detail = f" ({refusal.detail})" if refusal.detail else ""
        typer.echo(f"{file} has no article: {refusal.reason}{detail}.")
        raise typer.Exit(context.NEEDS_ATTENTION) from None
    if json:
        output.print_json(article.as_json())
    else:
        _print_article(article)


def read_article(content: bytes, file: Path, url: str | None, name: str | None, fetched_at: datetime | None) -> Article:
    """The article of a saved page or clipping. Raises Rejected; exits with status 2 if the source cannot be used."""
    if file.suffix.lower() == ".txt":
        return normalise(read_clipping(content), source=None, url=None, fetched_at=fetched_at)
    tree = parse_html(content)
    copy = saved_copy(content)
    claims = (*((copy.address,) if copy.address else ()), *claimed_addresses(tree))
    address = own_address(url) if url else next(map(own_address, claims), None)
    if address is None:
        raise Rejected("no-address", "the page does not state its own address; give it with --url")
    require_address(address)
    source = None if name == GENERIC else context.source(name) if name else _owner(address)
    if url and source and not source.is_article(url):
        typer.echo(f"{url} does not match the article pattern of {source.name}: a crawl would not visit it.", err=True)
    raw = extract_tree(tree, url=address, source=source)
    return normalise(raw, source=source, url=address, fetched_at=fetched_at or copy.saved_at)


def _owner(address: str) -> Source | None:
    usable_sources()  # names the broken source files, which own nothing
    return for_url(address)


def _fetch_time(text: str) -> datetime:
    moment = questions.moment_in(text, "--fetched-at")
    if not isinstance(moment, datetime):
        context.fail(f"--fetched-at needs a time and a zone, not {text!r}. Write it like 2015-12-18T10:05:00+07:00.")
    return moment


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        context.fail(f"{file} cannot be read: {error.strerror or error}. Give the path of a saved page.")


def _print_article(article: Article) -> None:
    left_out = ("body", "lede", "images", "mentioned_dates", "provenance", "dateline", "published_from", "flags")
    values = [
        (name, questions.shown(value)) for name, value in article.as_json().items() if value and name not in left_out
    ]
    values += [("dateline", article.dateline.text)] if article.dateline else []
    values += [("text", f"{len(article.body)} paragraphs, below")] if article.body else []
    rows = [(name, how_found(article.provenance.get(_KEYS.get(name, name))), value) for name, value in values]
    for image in article.images:
        captioned = how_found(article.provenance.get("captions")) if image.caption else None
        rows += [("picture", captioned, image.caption or "no caption")]
        rows += [("picture's address", None, image.url or "none")]
    for mention in article.mentioned_dates:
        until = f" to {mention.end}" if mention.end else ""
        rows.append(("mentions", None, f"{mention.text} → {mention.date}{until}"))
    rows += [("flag", flag, sentence) for flag, sentence in flag_rows(article.flags)]
    output.print_table(("field", "found", "value"), rows)
    typer.echo()
    for paragraph in article.body:
        typer.echo(paragraph + "\n")
