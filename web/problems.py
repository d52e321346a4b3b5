"""Errors as pages: a sentence for the reader, in the reader's language, never a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from starlette.exceptions import HTTPException

from archive.database import ArchiveError
from indexer.contract import NoIndexError, SearchError
from indexer.query import BadQueryError
from web.rendering import page, wording_of
from web.wording import LANGUAGES, PageWords, wording

API = "/api/"
_KEYS = {404: "not_found", 405: "method", 410: "forgotten", 403: "forbidden", 414: "too_long", 429: "busy"}
MOST_NAMED, LONGEST_NAMED = 60, 60
"""Known values that a refusal names, and characters of the unknown one."""


class PageError(Exception):
    """A refusal with a sentence: the status, and a key of the wording ("problems.KEY") with its values."""

    def __init__(self, status: int, key: str, *, headers: dict[str, str] | None = None, **values: Any) -> None:
        super().__init__(status, key)
        self.status = status
        self.key = key
        self.headers = headers
        self.values = values


def problem(request: Request, status: int, key: str, headers: dict[str, str] | None = None, **values: Any) -> Response:
    """The answer to what cannot be answered: a page, or of the API the problem details of RFC 9457."""
    words = words_for(request)
    known = {"detail": "", "seconds": 20} | values
    sentence = words(f"problems.{key}", **known)
    title = words("problems.title", status=status)
    if request.url.path.startswith(API):
        details = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": sentence}
        return JSONResponse(details, status, headers, media_type="application/problem+json")
    return page(request, "problem.html", {"title": title, "sentence": sentence}, status=status, headers=headers)


def refused_value(name: str, value: str, known: Iterable[object]) -> dict[str, Any]:
    """The values of the sentence "problems.unknown_value" about a parameter: its value, and those that there are."""
    texts = [str(each) for each in known]
    more = ["…"] if len(texts) > MOST_NAMED else []
    return {"name": name, "value": value[:LONGEST_NAMED], "known": ", ".join([*texts[:MOST_NAMED], *more]) or "–"}


def unreadable(words: PageWords, error: BadQueryError) -> str:
    """What is wrong with a query, and where."""
    said = words(f"sentences.{error.sentence.kind}", **error.sentence.values)
    return f"{said} {words('problems.at_character', n=error.position + 1)}" if error.position else said


def words_for(request: Request) -> PageWords:
    """The words of an answer: of the API English, unless it is asked for in another language."""
    asked = request.query_params.get("bahasa")
    english = request.url.path.startswith(API) and asked not in LANGUAGES
    return wording("en") if english else wording_of(request)


def _invalid_value(words: PageWords, error: Any) -> str:
    """What FastAPI could not read, as a sentence."""
    name, kind = str(error["loc"][min(1, len(error["loc"]) - 1)]), error["type"]
    if kind in ("enum", "literal_error"):
        known = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    elif kind == "bool_parsing":
        known = ["true", "false"]
    else:
        return f"{name}: {error['msg']}"
    return words("problems.unknown_value", **refused_value(name, str(error["input"]), known))


def add_handlers(app: FastAPI) -> None:
    """Let an app answer every error of the archive, the index and the framework with a page."""

    @app.exception_handler(PageError)
    def _refused(request: Request, error: PageError) -> Response:
        return problem(request, error.status, error.key, error.headers, **error.values)

    @app.exception_handler(HTTPException)
    def _of_framework(request: Request, error: HTTPException) -> Response:
        if error.status_code in _KEYS:
            return problem(request, error.status_code, _KEYS[error.status_code], dict(error.headers or {}))
        return problem(request, error.status_code, "bad_request", detail=str(error.detail))

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        found = "; ".join(_invalid_value(words_for(request), each) for each in error.errors()[:3])
        return problem(request, 400, "bad_request", detail=found)

    @app.exception_handler(NoIndexError)
    def _no_index(request: Request, _: NoIndexError) -> Response:
        return problem(request, 503, "no_index")

    @app.exception_handler(SearchError)
    def _search_down(request: Request, error: SearchError) -> Response:
        return problem(request, 503, "search_down", detail=str(error))

    @app.exception_handler(ArchiveError)
    def _archive_down(request: Request, error: ArchiveError) -> Response:
        return problem(request, 503, "archive_down", detail=str(error))

    @app.exception_handler(DatabaseError)
    def _database_down(request: Request, error: DatabaseError) -> Response:
        return problem(request, 503, "archive_down", detail=f"{error.orig}.")

    @app.exception_handler(NoConnectionError)
    def _busy(request: Request, _: NoConnectionError) -> Response:
        return problem(request, 503, "busy", {"Retry-After": "5"})
