"""Talking to Elasticsearch: the client as we set it up, and a plain sentence for whatever goes wrong.

The test distribution serves no `GET /`, and a key of least privilege may not ask it: nothing here does.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError

from indexer.contract import SearchError, UnavailableError

TIMEOUT = 60.0
"""Seconds for one answer."""
OVERLOADED = frozenset({429, 500, 502, 503, 504})
"""Statuses after which the same request may be taken a moment later."""

LOOK_UP_FAILED = "encountered a failure"
"""In a 401: the index that keeps the keys cannot be read, as for a second or two after a start. Measured with 9.5.3;
Elasticsearch's pull request 157722 (August 2026) makes a 503 of it."""


class OverloadedError(UnavailableError):
    """The cluster cannot take a request now; the same one may be sent again."""


class WrongAddressError(SearchError):
    """`INDEX_URL`, or what goes with it, is nothing that a client can use."""


def connect(url: str, *, api_key: str | None, ca_certs: str | None) -> Elasticsearch:
    """A client; nothing is sent yet. Raises WrongAddressError.

    `url` is the address of a node, or several with commas between them: the nodes are asked in turn, and a request that
    one cannot be given goes to the next. Beyond that none is repeated here: what may be sent again, and how long, is
    for the writer to say.
    """
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # a failed request is told once, by our sentence
    try:
        nodes = addresses(url)
        if ca_certs and not Path(ca_certs).is_file():
            raise WrongAddressError(f"KLIPING_ELASTICSEARCH_CA_CERTS names {ca_certs}, and there is no such file.")
        tls: dict[str, Any] = {"ca_certs": ca_certs} if ca_certs else {}
        return Elasticsearch(
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
            f"Elasticsearch at {shown(url)} cannot be asked with these settings: {error}."
        ) from error


def addresses(url: str) -> list[str]:
    """The nodes that `KLIPING_INDEX_URL` names.

    Raises WrongAddressError, or ValueError for a port that is no number.
    """
    nodes = [node.strip() for node in url.split(",")]
    parts = [urlsplit(node) for node in nodes]
    if not all(each.scheme in ("http", "https") and each.hostname and each.port for each in parts):
        raise WrongAddressError(
            f"KLIPING_INDEX_URL is {shown(url)}; it must name host and port, as in http://host:9200, of one node or of "
            "several with commas between them."
        )
    if len({each.scheme for each in parts}) > 1:
        raise WrongAddressError(f"KLIPING_INDEX_URL is {shown(url)}; either all of it begins with https:// or none.")
    return nodes


def shown(url: str) -> str:
    """An address, or several, as they may be printed: without a password."""
    parts = [urlsplit(node.strip()) for node in url.split(",")]
    return ",".join(each._replace(netloc=each.netloc.rpartition("@")[2]).geturl() for each in parts)


@contextmanager
def in_sentences(url: str) -> Iterator[None]:
    """Raise UnavailableError (or OverloadedError) for whatever the client raises; a 404 or 409 passes as it is.

    Those two mean something else to every caller.
    """
    try:
        yield
    except TlsError as error:
        raise UnavailableError(
            f"No secure connection to {url} could be made ({_cause(error)}). If its certificate is signed by an "
            "authority of your own, KLIPING_ELASTICSEARCH_CA_CERTS must name the file with its certificate."
        ) from error
    except ConnectionTimeout as error:
        raise OverloadedError(f"Elasticsearch at {url} did not answer within {TIMEOUT:.0f} seconds.") from error
    except NoConnection as error:
        raise OverloadedError(
            f"Elasticsearch at {url} cannot be reached ({_cause(error)}). Nothing is lost: `kliping index follow` goes "
            "on where it stopped once it answers."
        ) from error
    except TransportError as error:
        raise UnavailableError(f"What answers at {url} cannot be understood: {_cause(error)}.") from error
    except UnsupportedProductError as error:
        raise UnavailableError(f"What answers at {url} is no Elasticsearch.") from error
    except ApiError as error:
        if error.status_code in (404, 409):
            raise
        raise sentence(url, error.status_code, error.body) from error


def sentence(url: str, status: int, body: Any) -> UnavailableError:
    """What an answer with this status means, and what to do about it."""
    kind, reason = cause(body)
    if status == 401:
        reason = _unaccepted(body) or reason
        if LOOK_UP_FAILED in reason:
            return OverloadedError(
                f"Elasticsearch at {url} cannot look up the API key now ({reason}), as when it has just started. "
                "Nothing is lost: `kliping index follow` goes on where it stopped."
            )
        return UnavailableError(
            f"Elasticsearch at {url} does not accept the API key: {reason}. KLIPING_ELASTICSEARCH_API_KEY must be a "
            "key that is valid and has not expired."
        )
    if kind == "cluster_block_exception" and status != 503:  # 503: the cluster has no master, or is just starting
        return UnavailableError(f"Elasticsearch at {url} blocks the request: {reason}. {_unblock(reason)}")
    if status == 403:
        return UnavailableError(
            f"The API key (KLIPING_ELASTICSEARCH_API_KEY) may not do this in Elasticsearch at {url}: {reason}."
        )
    if kind == "media_type_header_exception":
        return UnavailableError(f"Elasticsearch at {url} is not of version 9, which this client speaks: {reason}.")
    if kind == "index_closed_exception":
        return UnavailableError(
            f"An index in Elasticsearch at {url} is closed: {reason}. Open it (`POST /INDEX/_open`)."
        )
    if status in OVERLOADED:
        return OverloadedError(f"Elasticsearch at {url} cannot take the request now ({status}): {reason}.")
    return UnavailableError(f"Elasticsearch at {url} refused a request ({status}, {kind}): {reason}.")


def _unaccepted(body: Any) -> str:
    """What a 401 says of the key itself, where it says anything: that it is unknown, wrong or expired, or that it could
    not be looked up. The reason beside it is the same for all of them."""
    error = body.get("error") if isinstance(body, Mapping) else None
    said = error.get("additional_unsuccessful_credentials") if isinstance(error, Mapping) else None
    return " ".join(str(said or "").removeprefix("API key: ").split())[:500]


def _unblock(reason: str) -> str:
    if "flood" in reason or "disk" in reason:
        return (
            "Its disk is almost full: free space or add some. It lifts the block by itself then; nothing is lost, and "
            "`kliping index follow` goes on where it stopped."
        )
    return (
        "Somebody made the index read-only. `PUT /INDEX/_settings` with "
        '{"index.blocks.write": null, "index.blocks.read_only": null} lifts that; nothing is lost meanwhile.'
    )


def cause(body: Any) -> tuple[str, str]:
    """The type of an error and its reasons, from the outermost to the cause, out of an answer's or an item's `error`.

    A gateway that stands before the cluster answers with a page, not with JSON: its beginning is the reason then.
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
        roots = inner.get("root_cause") or [None]  # of a search: what a shard said, where the whole says "all failed"
        inner = inner.get("caused_by") or (roots[0] if roots[0] != inner else None)
    return kind, ": ".join(reasons).rstrip(".") or kind


def _cause(error: TransportError) -> str:
    return " ".join(str(error.errors[0] if error.errors else error.message).split())
