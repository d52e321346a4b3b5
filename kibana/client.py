"""A client of Kibana's saved-objects API: imports our objects, and exports them with the changes made in Kibana.

`POST /api/saved_objects/_import` and `_export` in Kibana's API documentation. An import can fail although the status is
200, so this reads the response: only objects that Kibana says it imported count.
"""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

SECONDS = 60.0
"""Timeout of one request. The first import into a new Kibana is slow."""


class KibanaError(Exception):
    """Kibana cannot be reached or refused something. Each of `sentences` describes one problem."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Kibana:
    """A Kibana and the credentials for it. `api_key` is the form that Elasticsearch calls "encoded"."""

    url: str
    api_key: str | None = None
    ca_certs: Path | None = None
    """The authority that signed its certificate, if `url` is https and the system does not know the authority."""

    def import_objects(self, ndjson: str) -> int:
        """Import objects, replacing those with the same ids. Returns how many. Raises KibanaError.

        Kibana imports what it can. The error has one sentence for each refused object; the others are imported.
        """
        sent = len(_lines(ndjson))
        body, content_type = _multipart("kliping.ndjson", ndjson)
        answer = _record(self._post("/api/saved_objects/_import?overwrite=true", body, content_type), self.url)
        refused = [_sentence(each) for each in answer.get("errors", ())]
        if refused:
            raise KibanaError(*refused)
        imported = answer.get("successCount")
        if answer.get("success") is not True or imported != sent:
            raise KibanaError(f"Kibana imported {imported} of {sent} objects and does not say why. See its log.")
        return sent

    def export_objects(self, objects: Iterable[tuple[str, str]]) -> str:
        """Export these objects (type, id) and everything they refer to, as NDJSON.

        Raises KibanaError if any is missing.
        """
        requested = [{"type": kind, "id": id_} for kind, id_ in objects]
        body = json.dumps({"objects": requested, "includeReferencesDeep": True}).encode()
        answer = self._post("/api/saved_objects/_export", body, "application/json")
        *lines, last = _lines(answer.decode())
        details = _record(last.encode(), self.url)
        missing = [*details.get("missingReferences", ()), *details.get("excludedObjects", ())]
        if missing:
            raise KibanaError(*(f"Kibana has no {each.get('type')} {each.get('id')}." for each in missing))
        if details.get("exportedCount") != len(lines):
            raise KibanaError(
                f"Kibana announced {details.get('exportedCount')} objects but sent {len(lines)}. Run the export again."
            )
        return "".join(line + "\n" for line in lines)

    def _post(self, path: str, body: bytes, content_type: str) -> bytes:
        url = self.url.rstrip("/") + path
        if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
            raise KibanaError(f"Kibana's address must begin with http:// or https://, not {self.url!r}.")
        headers = {"kbn-xsrf": "true", "Content-Type": content_type, "Accept": "*/*"}
        if self.api_key:
            headers["Authorization"] = f"ApiKey {self.api_key}"
        request = urllib.request.Request(url, body, headers, method="POST")
        try:
            with self._opener().open(request, timeout=SECONDS) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(self.url, HTTPStatus(error.code), error.read()) from None
        except ValueError:  # the original message would print the header with the key
            raise KibanaError(
                "The address or the API key has characters that HTTP cannot send. Correct it: the key is "
                "KLIPING_ELASTICSEARCH_API_KEY."
            ) from None
        except (OSError, http.client.HTTPException) as error:  # no connection, unknown host, TLS, incomplete response
            raise _unreachable(self.url, error) from error

    def _opener(self) -> urllib.request.OpenerDirector:
        """No redirects: they could send the key elsewhere or to a login page. No proxies, as with Elasticsearch."""
        trust = ssl.create_default_context(cafile=str(self.ca_certs) if self.ca_certs else None)
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust), _NoRedirects()
        )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Treat a redirect like any other status that is not 200."""
        return


def _lines(ndjson: str) -> list[str]:
    """The non-empty lines. Not with `splitlines`, because a JSON text may contain U+2028."""
    return [line for line in ndjson.split("\n") if line.strip()]


def _multipart(name: str, text: str) -> tuple[bytes, str]:
    """The body of a form with one file (RFC 7578), and its content type."""
    boundary = secrets.token_hex(16)
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/ndjson\r\n\r\n"
    )
    return f"{head}{text}\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _record(answer: bytes, url: str) -> dict[str, Any]:
    try:
        record = json.loads(answer)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise KibanaError(f"The server at {url} is not Kibana: its answer is not JSON. Check the address.")
    return record


def _unreachable(url: str, error: OSError | http.client.HTTPException) -> KibanaError:
    """The error for a request without a response. URLError has the error that it wraps as its `reason`."""
    inner = getattr(error, "reason", error)
    reason = str(getattr(inner, "strerror", None) or inner or type(error).__name__).rstrip(".")
    if isinstance(inner, ssl.SSLError):
        advice = (
            "Check the address. If your own authority signed Kibana's certificate, set "
            "KLIPING_ELASTICSEARCH_CA_CERTS to the file with the authority's certificate."
        )
    else:
        advice = "Start Kibana (docs/kibana.md shows how), or give its address with --url."
    return KibanaError(f"Kibana cannot be reached at {url}: {reason[:1].lower()}{reason[1:]}. {advice}")


def _refused(url: str, status: HTTPStatus, answer: bytes) -> KibanaError:
    """The error for a status that is not 200."""
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return KibanaError(f"Kibana at {url} does not know the API key. Check KLIPING_ELASTICSEARCH_API_KEY.")
        case HTTPStatus.FORBIDDEN:
            return KibanaError(
                "The API key may not import or export saved objects. Use the setup's `importer` key "
                "(KLIPING_ELASTICSEARCH_API_KEY)."
            )
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return KibanaError(f"Kibana at {url} is not ready yet. Try again in a minute.")
    message = ""
    try:
        record = json.loads(answer)
        message = str(record.get("message", "")) if isinstance(record, dict) else ""
        attributes = record.get("attributes") if isinstance(record, dict) else None
        found = attributes.get("objects", ()) if isinstance(attributes, dict) else ()
        missing = [each for each in found if isinstance(each, dict) and each.get("error")]
    except ValueError:
        missing = []
    if missing:
        return KibanaError(*(f"Kibana has no {each.get('type')} {each.get('id')}." for each in missing))
    return KibanaError(f"Kibana at {url} answered {status.value} {status.phrase}{': ' + message if message else ''}.")


_WHY = {
    "conflict": "another object has this id",
    "ambiguous_conflict": "several objects have this origin",
    "unsupported_type": "this Kibana does not know this type of object",
}


def _sentence(error: dict[str, Any]) -> str:
    """Why Kibana refused an object, as a sentence. Its documentation lists five values of `error.type`."""
    detail = error.get("error", {})
    title = error.get("meta", {}).get("title") or error.get("title") or error.get("id")
    match detail.get("type"):
        case "missing_references":
            lost = ", ".join(f"{each.get('type')} {each.get('id')}" for each in detail.get("references", ()))
            why = f"it refers to missing objects: {lost}"
        case "unknown":
            why = f"{detail.get('statusCode')} {detail.get('message')}"
        case other:
            why = _WHY.get(str(other), str(other))
    return f"Kibana refused the {error.get('type')} “{title}”: {why}."
