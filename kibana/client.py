"""Kibana's saved-objects API: bringing our objects in, and taking them out as somebody has changed them.

`POST /api/saved_objects/_import` and `_export` of Kibana's API documentation. An import may be answered with status 200
and have failed all the same, so the answer is read: only what Kibana says it took counts.
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
"""How long one answer may take; the first import into a new Kibana is slow."""


class KibanaError(Exception):
    """Kibana cannot be reached or refuses; each of `sentences` says one thing that is wrong."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Kibana:
    """A Kibana, and what opens it. `api_key` is the encoded form ("encoded") of Elasticsearch's API keys."""

    url: str
    api_key: str | None = None
    ca_certs: Path | None = None
    """The authority that signed its certificate, where `url` is https and the system does not know it."""

    def import_objects(self, ndjson: str) -> int:
        """Take objects in, over those that are there under the same ids; gives how many. Raises KibanaError.

        Kibana takes what it can: of the objects that it refuses, each has a sentence, and the rest are in.
        """
        sent = len(_lines(ndjson))
        body, content_type = _multipart("kliping.ndjson", ndjson)
        answer = _record(self._post("/api/saved_objects/_import?overwrite=true", body, content_type), self.url)
        wrong = [_sentence(each) for each in answer.get("errors", ())]
        if wrong:
            raise KibanaError(*wrong)
        taken = answer.get("successCount")
        if answer.get("success") is not True or taken != sent:
            raise KibanaError(f"Kibana took {taken} of {sent} objects and does not say why.")
        return sent

    def export_objects(self, objects: Iterable[tuple[str, str]]) -> str:
        """These objects (type, id) and all that they refer to, as NDJSON. Raises KibanaError where any is missing."""
        wanted = [{"type": kind, "id": id_} for kind, id_ in objects]
        question = {"objects": wanted, "includeReferencesDeep": True}
        answer = self._post("/api/saved_objects/_export", json.dumps(question).encode(), "application/json")
        *lines, last = _lines(answer.decode())
        details = _record(last.encode(), self.url)
        missing = [*details.get("missingReferences", ()), *details.get("excludedObjects", ())]
        if missing:
            raise KibanaError(*(f"Kibana has no {each.get('type')} {each.get('id')}." for each in missing))
        if details.get("exportedCount") != len(lines):
            raise KibanaError(f"Kibana speaks of {details.get('exportedCount')} objects and sent {len(lines)}.")
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
                whole: bytes = answer.read()
                return whole
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(self.url, HTTPStatus(error.code), error.read()) from None
        except ValueError:  # its own message would print the header, and the key with it
            raise KibanaError("The address or the API key has characters that HTTP cannot send.") from None
        except (OSError, http.client.HTTPException) as error:  # no connection, no such name, TLS, an answer cut off
            reason = getattr(error, "reason", error) or type(error).__name__
            raise KibanaError(f"Kibana cannot be reached at {self.url}: {reason}.") from error

    def _opener(self) -> urllib.request.OpenerDirector:
        """No redirects: they would lead a key elsewhere, or to a login page. No proxies, as Elasticsearch's client."""
        trust = ssl.create_default_context(cafile=str(self.ca_certs) if self.ca_certs else None)
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust), _NoRedirects()
        )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """A redirect is an answer like any other that is not 200."""
        return


def _lines(ndjson: str) -> list[str]:
    """Not `splitlines`: U+2028 may stand within a JSON text."""
    return [line for line in ndjson.split("\n") if line.strip()]


def _multipart(name: str, text: str) -> tuple[bytes, str]:
    """A form with one file, as RFC 7578 has it: the body, and its content type."""
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
        raise KibanaError(f"What answers at {url} is no Kibana: its answer is not JSON.")
    return record


def _refused(url: str, status: HTTPStatus, answer: bytes) -> KibanaError:
    """The sentence for a status that is not 200."""
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return KibanaError(f"Kibana at {url} does not know the API key; KLIPING_ELASTICSEARCH_API_KEY names it.")
        case HTTPStatus.FORBIDDEN:
            return KibanaError("The API key may not import or export saved objects; the setup's `importer` key may.")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return KibanaError(f"Kibana at {url} is not ready yet; try again in a minute.")
    said = ""
    try:
        record = json.loads(answer)
        said = str(record.get("message", "")) if isinstance(record, dict) else ""
        attributes = record.get("attributes") if isinstance(record, dict) else None
        found = attributes.get("objects", ()) if isinstance(attributes, dict) else ()
        missing = [each for each in found if isinstance(each, dict) and each.get("error")]
    except ValueError:
        missing = []
    if missing:
        return KibanaError(*(f"Kibana has no {each.get('type')} {each.get('id')}." for each in missing))
    return KibanaError(f"Kibana at {url} answered {status.value} {status.phrase}{': ' + said if said else ''}.")


_WHY = {
    "conflict": "another object of this id is in the way",
    "ambiguous_conflict": "several objects of this origin are in the way",
    "unsupported_type": "this Kibana knows no such kind of object",
}


def _sentence(error: dict[str, Any]) -> str:
    """What Kibana has against one object, in a sentence. `error.type` is one of five, by its documentation."""
    detail = error.get("error", {})
    title = error.get("meta", {}).get("title") or error.get("title") or error.get("id")
    match detail.get("type"):
        case "missing_references":
            lost = ", ".join(f"{each.get('type')} {each.get('id')}" for each in detail.get("references", ()))
            why = f"it refers to what is not there: {lost}"
        case "unknown":
            why = f"{detail.get('statusCode')} {detail.get('message')}"
        case other:
            why = _WHY.get(str(other), str(other))
    return f"Kibana refused the {error.get('type')} “{title}”: {why}."
