"""Conditional requests (RFC 9110, 13): every answer of the API has an ETag, and one that the client has is a 304."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute


class ConditionalRoute(APIRoute):
    """A route whose whole answers have an ETag made of their bytes."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route, with the ETag added."""
        answer = super().get_route_handler()

        async def conditional(request: Request) -> Response:
            return with_etag(request, await answer(request))

        return conditional


def with_etag(request: Request, response: Response) -> Response:
    """The answer with its ETag; a 304 without content if the client has it already."""
    if response.status_code != 200 or isinstance(response, StreamingResponse):
        return response
    tag = f'"{hashlib.blake2b(bytes(response.body), digest_size=12).hexdigest()}"'
    response.headers["ETag"] = tag
    if not _has(request.headers.getlist("if-none-match"), tag):
        return response
    kept = {name: value for name, value in response.headers.items() if name in ("etag", "cache-control", "vary")}
    return Response(status_code=304, headers=kept)


def _has(headers: list[str], tag: str) -> bool:
    """Whether one of the tags is this one; weak tags compare equal (RFC 9110, 13.1.2)."""
    named = (each.strip().removeprefix("W/") for header in headers for each in header.split(","))
    return any(each in ("*", tag) for each in named)
