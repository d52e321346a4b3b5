"""Doctor: everything that `kliping doctor` finds, by the same code."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from web.holdings import Opened
from web.rendering import MenuEntry, page

router = APIRouter(include_in_schema=False)
MENU = MenuEntry(70, "/doctor", "doctor")


@router.get("/doctor")
def doctor(request: Request, holdings: Opened) -> Response:
    """What is wrong first, each with its remedy; then what is fine."""
    findings = holdings.operations.findings()
    values = {
        "wrong": [each for each in findings if not each.fine],
        "fine": [each for each in findings if each.fine],
    }
    return page(request, "doctor.html", values)
