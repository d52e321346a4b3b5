"""The way in and out: one account, one password."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from web.access import FORM_COOKIE, LOG_IN, LOG_OUT, SESSION_COOKIE, SESSION_SECONDS, Account, Reading
from web.problems import PageError
from web.rendering import page

router = APIRouter(include_in_schema=False)


@router.get(LOG_IN)
def log_in(request: Request, reader: Reading, ke: str = "/") -> Response:
    """The form of the log-in."""
    if not reader.can_log_in:
        raise PageError(404, "not_found")
    return _form(request, ke)


@router.post(LOG_IN)
def logged_in(
    request: Request,
    password: Annotated[str, Form()] = "",
    ke: Annotated[str, Form()] = "/",
    form: Annotated[str, Form()] = "",
) -> Response:
    """Check the password, and begin a session."""
    account = _checked(request, form)
    address = request.client.host if request.client else ""
    if not account.check_password(password, address):
        return _form(request, ke, wrong=True)
    response = RedirectResponse(own_address(ke), 303)
    response.set_cookie(
        SESSION_COOKIE,
        account.session(),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.post(LOG_OUT)
def logged_out(request: Request, form: Annotated[str, Form()] = "") -> Response:
    """End the session in this browser."""
    _checked(request, form)
    response = RedirectResponse("/", 303)
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")
    return response


def own_address(text: str) -> str:
    """A path of this server that a form may lead to; "/" for any other address."""
    fine = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    return text if fine else "/"


def _checked(request: Request, form: str) -> Account:
    account: Account = request.app.state.account
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise PageError(403, "forbidden")
    if not account.is_form(request.cookies.get(FORM_COOKIE), form):
        raise PageError(403, "forbidden")
    return account


def _form(request: Request, back: str, *, wrong: bool = False) -> Response:
    account: Account = request.app.state.account
    cookie = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    values = {"back": own_address(back), "wrong": wrong, "form_token": account.form_token(cookie)}
    response = page(request, "log_in.html", values, status=403 if wrong else 200)
    secure = request.url.scheme == "https"
    response.set_cookie(FORM_COOKIE, cookie, max_age=SESSION_SECONDS, httponly=True, samesite="strict", secure=secure)
    return response
