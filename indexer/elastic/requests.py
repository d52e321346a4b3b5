"""The Elasticsearch client as we configure it, and a plain message for every error it raises.

Never sends `GET /`: a key of least privilege may not, and the test distribution does not serve it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, HeadApiResponse, TlsError, TransportError
from elasticsearch import ApiError, ConflictError, Elasticsearch, NotFoundError, UnsupportedProductError

from indexer.contract import SearchError, UnavailableError

TIMEOUT = 60.0
"""Seconds for one answer."""
OVERLOADED = frozenset({429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed a moment later."""

KEY_LOOKUP_FAILED = "encountered a failure"
"""In a 401: the index with the keys cannot be read yet, for a second or two after a start. Measured with 9.5.3;
Elasticsearch's pull request 157722 (August 2026) turns it into a 503."""

NOTHING_LOST = "Nothing is lost: `kliping index follow` goes on where it stopped."
UNREACHABLE_ADVICE = f"Check KLIPING_INDEX_URL and that the server runs. {NOTHING_LOST}"

_WRAPPED_REASON = re.compile(r"\(.*'([^']+)'\)\)")
"""urllib3's text of an error inside another, as in "('Connection aborted.', RemoteDisconnected('…'))"."""
_ERRNO = re.compile(r"\[Errno -?\d+\] ")


class OverloadedError(UnavailableError):
    """The cluster cannot accept a request now. The same request may be retried."""


class WrongAddressError(SearchError):
    """The client cannot use `INDEX_URL` or the settings that belong to it."""


class _Client(Elasticsearch):
    """Elasticsearch's client, which also requires that Elasticsearch answers where it does not look itself.

    It checks the header of successes only, and hands on whatever a page or another program says in its place.
    """

    def perform_request(self, *arguments: Any, **named: Any) -> Any:
        """Raises UnsupportedProductError for an answer that is not Elasticsearch's."""
        try:
            answer = super().perform_request(*arguments, **named)
        except ApiError as error:
            redirects = 300 <= error.status_code < 400
            means_something = isinstance(error, NotFoundError | ConflictError)  # to our callers
            if (redirects or means_something) and error.meta.headers.get("X-Elastic-Product") != "Elasticsearch":
                raise _not_elasticsearch(error.meta, error.body) from error
            raise
        path = named["path"] if "path" in named else arguments[1]
        expected = (Mapping, list) if path.startswith("/_cat/") else Mapping
        if not isinstance(answer, HeadApiResponse) and not isinstance(answer.body, expected):
            raise _not_elasticsearch(answer.meta, answer.body)
        return answer


def _not_elasticsearch(meta: Any, body: Any) -> UnsupportedProductError:
    return UnsupportedProductError("no answer of Elasticsearch", meta=meta, body=body, errors=())


def connect(url: str, *, api_key: str | None, ca_certs: str | None) -> Elasticsearch:
    """Create a client. Sends nothing yet. Raises WrongAddressError.

    `url` is the address of one node, or of several separated by commas. The nodes take turns, and if one cannot be
    reached the request goes to the next. There are no other retries here; the writer decides what to retry.
    """
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # our message reports a failed request, once
    try:
        nodes = addresses(url)
        if ca_certs and not Path(ca_certs).is_file():
            raise WrongAddressError(f"KLIPING_ELASTICSEARCH_CA_CERTS names {ca_certs}, but there is no such file.")
        tls: dict[str, Any] = {"ca_certs": ca_certs} if ca_certs else {}
        return _Client(
            nodes,
            api_key=api_key,
            request_timeout=TIMEOUT,
            max_retries=len(nodes) - 1,
            retry_on_timeout=True,
            retry_on_status=(),
            **tls,
        )
    except (ValueError, OSError) as error:
        raise WrongAddressError(
            f"These settings for Elasticsearch at {without_password(url)} do not work: {error}."
        ) from error


def addresses(url: str) -> list[str]:
    """The nodes in `KLIPING_INDEX_URL`. Raises WrongAddressError, or ValueError if a port is not a number."""
    nodes = [node.strip() for node in url.split(",")]
    parts = [urlsplit(node) for node in nodes]
    if not all(each.scheme in ("http", "https") and each.hostname and each.port for each in parts):
        raise WrongAddressError(
            f"KLIPING_INDEX_URL is {without_password(url)}. Set it to host and port, as in http://host:9200, of one "
            "node, or of several separated by commas."
        )
    if len({each.scheme for each in parts}) > 1:
        raise WrongAddressError(
            f"KLIPING_INDEX_URL is {without_password(url)}. Use either https:// or http:// for all nodes."
        )
    return nodes


def without_password(url: str) -> str:
    """An address, or several, without user and password, so that it may be printed."""
    parts = [urlsplit(node.strip()) for node in url.split(",")]
    return ",".join(each._replace(netloc=each.netloc.rpartition("@")[2]).geturl() for each in parts)


@contextmanager
def plain_errors(url: str) -> Iterator[None]:
    """Raise UnavailableError (or OverloadedError) for every error of the client, except a 404 or 409.

    Those two mean something different to every caller.
    """
    try:
        yield
    except TlsError as error:
        raise UnavailableError(
            f"No secure connection to {url} is possible ({_cause(error)}). If your own authority signed its "
            "certificate, set KLIPING_ELASTICSEARCH_CA_CERTS to the file with the authority's certificate."
        ) from error
    except ConnectionTimeout as error:
        raise OverloadedError(f"Elasticsearch at {url} did not answer within {TIMEOUT:.0f} seconds.") from error
    except NoConnection as error:
        raise OverloadedError(
            f"Elasticsearch at {url} cannot be reached: {_connection_problem(error)}. {UNREACHABLE_ADVICE}"
        ) from error
    except TransportError as error:
        raise UnavailableError(f"The answer from {url} cannot be understood: {_cause(error)}.") from error
    except UnsupportedProductError as error:
        page = " ".join(str(error.body).split())[:60] if isinstance(error.body, str) else ""
        raise UnavailableError(
            f"The server at {url} is not Elasticsearch: it answers {error.meta.status}"
            + (f" with a page ({page!r}…)" if page else "")
            + ". Check KLIPING_INDEX_URL: another program, or a proxy's login, may answer there."
        ) from error
    except ApiError as error:
        if error.status_code in (404, 409):
            raise
        raise error_for(url, error.status_code, error.body) from error


def error_for(url: str, status: int, body: Any) -> UnavailableError:
    """The error for a response: what its status means, and what to do about it."""
    kind, reason = cause(body)
    if status == 401:
        reason = _key_problem(body) or reason
        if KEY_LOOKUP_FAILED in reason:
            return OverloadedError(
                f"Elasticsearch at {url} cannot look up the API key now ({reason}); it may have just started. "
                f"{NOTHING_LOST}"
            )
        return UnavailableError(
            f"Elasticsearch at {url} does not accept the API key: {reason}. Set KLIPING_ELASTICSEARCH_API_KEY to a "
            "valid key that has not expired."
        )
    if kind == "cluster_block_exception" and status != 503:  # 503: the cluster has no master, or is just starting
        return UnavailableError(f"Elasticsearch at {url} blocks the request: {reason}. {_how_to_unblock(reason)}")
    if status == 403:
        return UnavailableError(
            f"The API key (KLIPING_ELASTICSEARCH_API_KEY) may not do this in Elasticsearch at {url}: {reason}."
        )
    if kind == "media_type_header_exception":
        return UnavailableError(f"Elasticsearch at {url} is not version 9, which this client needs: {reason}.")
    if kind == "index_closed_exception":
        return UnavailableError(
            f"An index in Elasticsearch at {url} is closed: {reason}. Open it (`POST /INDEX/_open`)."
        )
    if "too many nested clauses" in reason or "too_many_clauses" in kind:
        return UnavailableError(
            f"The query has more words than Elasticsearch at {url} takes: {reason}. Search with fewer words: 400 are "
            "always answered."
        )
    if status in OVERLOADED:
        return OverloadedError(f"Elasticsearch at {url} cannot accept the request now ({status}): {reason}.")
    return UnavailableError(f"Elasticsearch at {url} refused a request ({status}, {kind}): {reason}.")


def _key_problem(body: Any) -> str:
    """What a 401 says about the key: that it is unknown, wrong or expired, or could not be looked up; else "". The
    `reason` of a 401 is the same for all of these."""
    error = body.get("error") if isinstance(body, Mapping) else None
    problem = error.get("additional_unsuccessful_credentials") if isinstance(error, Mapping) else None
    return " ".join(str(problem or "").removeprefix("API key: ").split())[:500]


def _how_to_unblock(reason: str) -> str:
    if "flood" in reason or "disk" in reason:
        return f"Its disk is almost full: free space or add some, and it lifts the block by itself. {NOTHING_LOST}"
    return (
        "Somebody made the index read-only. To undo that: `PUT /INDEX/_settings` with "
        '{"index.blocks.write": null, "index.blocks.read_only": null}. Nothing is lost meanwhile.'
    )


def cause(body: Any) -> tuple[str, str]:
    """The type of a response's or item's `error`, and its reasons from the outermost to the root cause.

    A gateway in front of the cluster answers with a page instead of JSON. Then the reason is the start of the page.
    """
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if not isinstance(error, Mapping):
        return "error", " ".join(str(error).split())[:300] or "no reason was given"
    kind = str(error.get("type", "error"))
    reasons: list[str] = []
    inner: Any = error
    while isinstance(inner, Mapping) and len(reasons) < 4:
        reason = " ".join(str(inner.get("reason", "")).split())[:500]
        if reason and not any(reason in known for known in reasons):
            reasons.append(reason)
        roots = inner.get("root_cause") or [
            None
        ]  # in a search: the shard's reason, where the outer one is "all failed"
        inner = inner.get("caused_by") or (roots[0] if roots[0] != inner else None)
    return kind, ": ".join(reasons).rstrip(".") or kind


def _cause(error: TransportError) -> str:
    first = error.errors[0] if error.errors else error  # of several nodes, the one that was asked first
    return " ".join(str(getattr(first, "message", first)).split())


def _connection_problem(error: NoConnection) -> str:
    """Why there is no connection: the last part of the reason, without the address and number in front of it."""
    text = _cause(error)
    wrapped = _WRAPPED_REASON.search(text)
    reason = _ERRNO.sub("", wrapped[1] if wrapped else text.rpartition(": ")[2]).rstrip(".")
    return reason[:1].lower() + reason[1:]
