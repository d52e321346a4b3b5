"""The OpenAPI description: what FastAPI makes of the routes, with the answers to what is refused as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from web.api.shapes import JsonFeed, ProblemDetails

PROBLEMS = {
    "400": "A parameter cannot be read.",
    "401": "The archive is for its owner. Send the token: `Authorization: Bearer …`.",
    "403": "Full texts are for the archive's owner.",
    "404": "There is none.",
    "410": "It was removed from the archive on request.",
    "414": "The address is too long.",
    "429": "Too many requests. `Retry-After` says how many seconds to wait.",
    "503": "The archive or the index cannot be read now, or not in time.",
}
"""The statuses of refusals, each with problem details."""
TEXT = "Searches, counts, articles and runs of this archive. docs/api.md tells more, and has examples."


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """A function that returns the description, made once."""

    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made(app)
        return app.openapi_schema

    return description


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title="Kliping", version=app.version, description=TEXT, routes=app.routes)
    schemas = made["components"]["schemas"]
    for shape in (ProblemDetails, JsonFeed):
        own = shape.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(own.pop("$defs", {}))
        schemas[shape.__name__] = own
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    for path in made["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            answers.pop("422", None)
            if "/export" not in str(operation.get("operationId")):
                answers["304"] = {"description": "The client has it already (`If-None-Match`)."}
            answers.update({status: {"description": text, "content": problem} for status, text in PROBLEMS.items()})
    made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{}, {"token": []}]
    return made
