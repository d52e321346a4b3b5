"""`kliping read`: try the readers and the analyzer on anything, and write nothing."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from archive.records import Article

app = typer.Typer(
    help="Try the readers and the analyzer on anything; nothing is written.\n\n"
    'Example: kliping read dates "Jumat, 18 Desember 2015 10.05 WIB"',
    no_args_is_help=True,
)

Jsonl = Annotated[bool, typer.Option("--jsonl", help="Read JSON objects from standard input, one a line; answer so.")]
Texts = Annotated[list[str] | None, typer.Argument(help="One text each; without any, lines of standard input.")]


@app.command()
def page(
    file: Annotated[Path, typer.Argument(help="A saved page (.html), or a plain clipping (.txt).")],
    url: Annotated[str | None, typer.Option(help="Where it came from; by default what the page says.")] = None,
    source: Annotated[str | None, typer.Option(help='A source, or "generic"; by default the address tells.')] = None,
    fetched_at: Annotated[str | None, typer.Option(help="When it was fetched, ISO 8601 with its zone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the article as one JSON object.")] = False,
) -> None:
    """Read one saved page into an article, or say why it is none.

    Example: kliping read page berita.html --url https://www.antaranews.com/berita/527615/x --json
    """
    from archive.records import Rejected

    content = _bytes_of(file)
    when = _moment(fetched_at, "--fetched-at") if fetched_at else None
    if isinstance(when, date) and not isinstance(when, datetime):
        _wrong(f"--fetched-at needs a clock and a zone, like 2015-12-18T10:05:00+07:00, not {fetched_at!r}.")
    try:
        article = _article(content, file, url, source, when if isinstance(when, datetime) else None)
    except Rejected as refusal:
        if as_json:
            typer.echo(json.dumps({"rejected": refusal.reason, "detail": refusal.detail}, ensure_ascii=False))
            return
        typer.echo(f"{file} gives no article: {refusal.reason}" + (f" ({refusal.detail})." if refusal.detail else "."))
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(article.as_json(), ensure_ascii=False, indent=1))
    else:
        _print_article(article)


@app.command()
def dates(
    texts: Texts = None,
    reference: Annotated[str | None, typer.Option(help='Publication time in ISO 8601; "kemarin" needs it.')] = None,
    jsonl: Jsonl = False,
) -> None:
    """Read printed dates into ISO 8601, or say why each is refused.

    Example: kliping read dates "Kamis (1/10)" --reference 2015-12-18
    """
    if jsonl:
        _answer_lines(_date_reader())
        return
    known = _moment(reference, "--reference") if reference else None
    rows = [_date_row(text, known) for text in _texts(texts)]
    _print_table(("input", "value", "precision", "zone", "why not"), rows)


@app.command()
def credits(
    texts: Texts = None,
    publisher: Annotated[str | None, typer.Option(help="The publisher's domain, for instance detik.com.")] = None,
    jsonl: Jsonl = False,
) -> None:
    """Read datelines, bylines, photo and agency credits into their fields.

    Example: kliping read credits "(ANTARA FOTO/Budi Setya)"
    """
    if jsonl:
        _answer_lines(_credit_reader())
        return
    from reading.credits.datelines import read_opening

    read = _credit_reader()
    for text in _texts(texts):
        answer = read({"text": text, "publisher": publisher})
        rows = [{"field": name, "found": _shown(value)} for name, value in answer.items() if value]
        dateline = read_opening(text).dateline
        if dateline is not None and dateline.place is not None:
            known = (dateline.canonical, dateline.province, dateline.country)
            where = ", ".join(dict.fromkeys(each for each in known if each)) or "not in the gazetteer: kept as printed"
            rows.append({"field": "place", "found": where})
        if len(rows) == 1:
            rows.append({"field": "", "found": "no credit is understood here"})
        _print_table(("field", "found"), rows)


@app.command()
def words(
    texts: Texts = None,
    engine: Annotated[str, typer.Option(help='Whose analyzer answers: "embedded" or "elasticsearch".')] = "embedded",
    jsonl: Jsonl = False,
) -> None:
    """Show what the index keeps of each word.

    Of Elasticsearch the index behind the alias is asked, with its own analyzer; a key needs `manage` on it for that.

    Example: kliping read words membicarakan pembicaraan
    """
    if engine not in ("embedded", "elasticsearch"):
        _wrong(f"There is no analyzer {engine!r} here; there are embedded and elasticsearch.")
    read = _word_reader() if engine == "embedded" else _cluster_reader()
    if jsonl:
        _answer_lines(read)
        return
    rows = [read({"word": word}) for text in _texts(texts) for word in text.split()]
    _print_table(("word", "terms"), rows)


def _article(content: bytes, file: Path, url: str | None, name: str | None, fetched_at: datetime | None) -> Article:
    from archive.records import GENERIC, Rejected
    from reading.article import normalise
    from reading.extract.clipping import read_clipping
    from reading.extract.page import claimed_addresses, extract_tree
    from reading.extract.parsed_page import parse_html
    from sources import BadSourceError, for_url, load

    if file.suffix.lower() == ".txt":
        return normalise(read_clipping(content), source=None, url=None, fetched_at=fetched_at)
    tree = parse_html(content)
    address = url or next(iter(claimed_addresses(tree)), None)
    if address is None:
        raise Rejected("no-address", "the page does not name its own address; give it with --url")
    try:
        source = None if name == GENERIC else load(name) if name else for_url(address)
    except BadSourceError as problem:
        _wrong(f"{problem}.")
    raw = extract_tree(tree, url=address, source=source)
    return normalise(raw, source=source, url=address, fetched_at=fetched_at)


_Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


def _date_reader() -> _Answer:
    """The answer to {"input", "reference"}; the readers are imported here, once, and not for `--help`."""
    from reading.dates.reader import read_date

    zone = _zone_of_user()

    def answer(question: Mapping[str, Any]) -> dict[str, Any]:
        text, reference = _text_in(question, "input"), question.get("reference")
        known = _instant_or_day(_text_in(question, "reference")) if reference else None
        reading = read_date(text, reference=known, zone=zone)
        return {"input": text, "value": reading.value, "reason": reading.reason}

    return answer


def _date_row(text: str, reference: date | datetime | None) -> dict[str, Any]:
    """What was understood of a date, how exactly, whose zone its clock has, and else why it is refused."""
    from reading.dates.reader import REASONS, read_date

    reading = read_date(text, reference=reference, zone=_zone_of_user())
    zone = ""
    if reading.value and "T" in reading.value:
        lent = "the reference's" if isinstance(reference, datetime) else "KLIPING_TIMEZONE"
        zone = "as printed" if reading.zoned else lent
    reason = f"{reading.reason}: {REASONS[reading.reason]}" if reading.reason else ""
    precision = reading.precision or _KINDS.get(len(reading.value or ""), "interval" if reading.value else "")
    return {"input": text, "value": reading.value, "precision": precision, "zone": zone, "why not": reason}


_KINDS = {len("2015"): "year", len("2015-12"): "month", len("2015-W50"): "week"}


def _credit_reader() -> _Answer:
    from reading.credits.reader import Credits, read_credits

    names = [each.name for each in fields(Credits)]

    def answer(question: Mapping[str, Any]) -> dict[str, Any]:
        publisher = _text_in(question, "publisher") if question.get("publisher") else None
        found = read_credits(_text_in(question, "text"), publisher)
        return {"text": question.get("text")} | {name: getattr(found, name) for name in names}

    return answer


def _word_reader() -> _Answer:
    from indexer.analysis.analyzer import stemmed_terms

    return lambda question: {"word": question.get("word"), "terms": stemmed_terms(_text_in(question, "word"))}


def _cluster_reader() -> _Answer:
    """The answers of the configured Elasticsearch; ends the command where none is configured, or it cannot answer."""
    from indexer.contract import SearchError
    from indexer.engines import index_of

    settings = context.settings()
    if settings.index_url == "embedded:":
        _wrong("No Elasticsearch is configured: KLIPING_INDEX_URL must name one, as in http://host:9200.")
    try:
        terms = index_of(settings).terms
    except SearchError as error:
        _wrong(str(error))

    def answer(question: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {"word": question.get("word"), "terms": list(terms(_text_in(question, "word")))}
        except SearchError as error:
            context.fail(str(error), context.NEEDS_ATTENTION)

    return answer


_READ_AT_ONCE = 1 << 16
_REMEMBERED = 8_192
_SHORT = 1_000


def _answer_lines(answer: _Answer) -> None:
    """One answer a line, in order; a line that is no question of this kind is answered with what is wrong with it.

    Stamps and credits repeat, so the answers to the latest short lines are remembered, by the line.
    """

    def answered(line: bytes) -> bytes:
        try:
            question = _DECODE(line.decode())
            if not isinstance(question, dict):
                raise ValueError("a question is a JSON object")
            found = answer(question)
        except ValueError as error:
            found = {"error": f"this line cannot be answered: {error}"}
        return _json_line(found)

    gc.set_threshold(100_000)  # no cycles are made here, and looking for them costs a tenth of the time
    remembered = lru_cache(maxsize=_REMEMBERED)(answered)
    while lines := sys.stdin.buffer.readlines(_READ_AT_ONCE):
        sys.stdout.buffer.write(
            b"".join([remembered(line) if len(line) < _SHORT else answered(line) for line in lines if line.strip()])
        )
    sys.stdout.buffer.flush()


_DECODE = json.JSONDecoder().decode
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def _json_line(answer: Mapping[str, Any]) -> bytes:
    # half a surrogate pair is legal in JSON as an escape and nowhere in UTF-8: such an answer is escaped whole
    try:
        return _ENCODE(answer).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(answer).encode() + b"\n"


def _text_in(question: Mapping[str, Any], name: str) -> str:
    value = question.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name!r} is a string, not {json.dumps(value)[:80]}")
    return value


@lru_cache
def _zone_of_user() -> tzinfo:
    """The zone of a clock that prints none: KLIPING_TIMEZONE."""
    from kliping.config import ConfigurationError, load

    try:
        return load().zone
    except ConfigurationError as error:
        _wrong(str(error))


def _texts(given: Sequence[str] | None) -> Iterator[str]:
    if given:
        yield from given
    elif sys.stdin.isatty():
        _wrong("Give a text to read, or --jsonl and lines on standard input.")
    else:
        yield from (line.strip() for line in sys.stdin if line.strip())


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        _wrong(f"{file} cannot be read: {error.strerror or error}.")


def _moment(text: str, option: str) -> datetime | date:
    """A day, or a time with its zone, out of an option; anything else ends the command."""
    try:
        moment = _instant_or_day(text)
    except ValueError:
        _wrong(f"{option} is written like 2015-12-18T10:05:00+07:00, not {text!r}.")
    if isinstance(moment, datetime) and moment.tzinfo is None:
        _wrong(f"{option} needs a zone, like {text}+07:00.")
    return moment


def _instant_or_day(text: str) -> datetime | date:
    return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)


def _wrong(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)


def _print_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    lines = [tuple(columns), *(tuple(_shown(row[column]) for column in columns) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _print_article(article: Article) -> None:
    printed = article.as_json()
    left_out = ("body", "lede", "images", "mentioned_dates", "provenance", "dateline")
    rows = [
        {"field": name, "found": _shown(value)} for name, value in printed.items() if value and name not in left_out
    ]
    if article.dateline:
        rows.append({"field": "dateline", "found": article.dateline.text})
    for image in article.images:
        rows.append({"field": "picture", "found": image.caption or image.url or ""})
    for mention in article.mentioned_dates:
        until = f" to {mention.end}" if mention.end else ""
        rows.append({"field": "mentions", "found": f"{mention.text} → {mention.date}{until}"})
    _print_table(("field", "found"), rows)
    typer.echo()
    for paragraph in article.body:
        typer.echo(paragraph + "\n")
