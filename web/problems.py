"""Errors as pages: a sentence for the reader, in the reader's language, never a traceback."""

from __future__ import annotations

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
from web.rendering import page, wording_of
from web.wording import wording

API = "/api/"
_KEYS = {404: "not_found", 405: "method", 410: "forgotten", 403: "forbidden", 414: "too_long", 429: "busy"}


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
    api = request.url.path.startswith(API)
    words = wording("en") if api and "bahasa" not in request.query_params else wording_of(request)
    known = {"detail": "", "seconds": 20} | values
    sentence = words(f"problems.{key}", **known)
    title = words("problems.title", status=status)
    if api:
        details = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": sentence}
        return JSONResponse(details, status, headers, media_type="application/problem+json")
    return page(request, "problem.html", {"title": title, "sentence": sentence}, status=status, headers=headers)


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
        found = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()[:3])
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
