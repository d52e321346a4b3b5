"""`kliping kibana`: the saved objects that show the archive in Kibana."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kibana.client import Kibana
    from kliping.config import Settings

app = typer.Typer(help="Kibana's saved objects: import, export.", no_args_is_help=True)
Url = Annotated[str, typer.Option("--url", metavar="URL", help="Where Kibana answers.")]
HERE = "http://127.0.0.1:5601"


@app.command(name="import")
def import_(url: Url = HERE) -> None:
    """Bring the data view, the searches and the dashboard into Kibana, over those of an earlier import.

    The API key is that of the settings. Ends with 1 where Kibana cannot be reached or refuses an object; each has a
    sentence, and what was not refused is in.

    \b
    Example: kliping kibana import --url http://127.0.0.1:5601
    """
    settings = context.settings()
    from kibana.objects import ndjson

    with plainly():
        taken = _kibana(settings, url).import_objects(ndjson(settings.index_alias))
    typer.echo(f"Kibana has {taken} objects of ours: {url.rstrip('/')}/app/dashboards")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="Written anew, or over what is there.")],
    url: Url = HERE,
) -> None:
    """Take our objects out of Kibana as they are there now, with all that they refer to, into a file of NDJSON.

    Nothing is written where any of them is missing; that ends with 1, and a sentence for each.

    \b
    Example: kliping kibana export objects.ndjson
    """
    settings = context.settings()
    from kibana.objects import saved_objects

    with plainly():
        text = _kibana(settings, url).export_objects((each["type"], each["id"]) for each in saved_objects())
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        context.fail(f"{file} cannot be written: {error.strerror}.")
    typer.echo(f"{file} has {text.count(chr(10))} objects.")


@contextmanager
def plainly() -> Iterator[None]:
    """Turns what Kibana does not do into its sentences and status 1."""
    from kibana.client import KibanaError

    try:
        yield
    except KibanaError as error:
        context.fail("\n".join(error.sentences), context.NEEDS_ATTENTION)


def _kibana(settings: Settings, url: str) -> Kibana:
    from kibana.client import Kibana

    key = settings.elasticsearch_api_key
    return Kibana(url, key.get_secret_value() if key else None, settings.elasticsearch_ca_certs)
