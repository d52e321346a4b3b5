"""What every site has: robots.txt, which bars all."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

router = APIRouter(include_in_schema=False)


@router.get("/robots.txt")
def robots() -> PlainTextResponse:
    """Bar every robot: the archive is private."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
