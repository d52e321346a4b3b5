"""`kliping kibana`: the saved objects that show the archive in Kibana."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana.client import Kibana, KibanaError
from kibana.objects import ndjson, saved_objects
from kliping.cli import context

if TYPE_CHECKING:
    from kliping.config import Settings

app = typer.Typer(help="Kibana's saved objects: import, export.", no_args_is_help=True)
Url = Annotated[str, typer.Option("--url", metavar="URL", help="Address of Kibana.")]
HERE = "http://127.0.0.1:5601"


@app.command(name="import")
def import_(url: Url = HERE) -> None:
    """Import the data view, the searches and the dashboard.

    Replaces the objects of an earlier import. Uses the API key of the settings. Ends with 1 if Kibana cannot be
    reached or refuses an object: it names each one, and imports the others.

    \b
    Example: kliping kibana import --url http://127.0.0.1:5601
    """
    settings = context.settings()
    with kibana_errors():
        imported = _kibana(settings, url).import_objects(ndjson(settings.index_alias))
    typer.echo(f"Kibana has {imported} objects of Kliping: {url.rstrip('/')}/app/dashboards")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Created, or overwritten.")],
    url: Url = HERE,
) -> None:
    """Export Kliping's objects, as they are in Kibana now.

    Writes them, and all objects they refer to, to a file of NDJSON. If any is missing, nothing is written: the command
    names it and ends with 1.

    \b
    Example: kliping kibana export objects.ndjson
    """
    settings = context.settings()
    with kibana_errors():
        text = _kibana(settings, url).export_objects((each["type"], each["id"]) for each in saved_objects())
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        context.fail(f"{file} cannot be written: {error.strerror}. Choose another FILE.")
    typer.echo(f"{file} has {text.count(chr(10))} objects.")


@contextmanager
def kibana_errors() -> Iterator[None]:
    """Turn an error of Kibana into its sentences and status 1."""
    try:
        yield
    except KibanaError as error:
        context.fail("\n".join(error.sentences), context.NEEDS_ATTENTION)


def _kibana(settings: Settings, url: str) -> Kibana:
    key = settings.elasticsearch_api_key
    return Kibana(url, key.get_secret_value() if key else None, settings.elasticsearch_ca_certs)
