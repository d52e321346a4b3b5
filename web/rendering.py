"""Pages as HTML: Jinja's environment, the language of a reader, and what every template knows."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from web import pages
from web.untrusted import shown, web_link
from web.wording import LANGUAGES, PageWords, wording

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "bahasa"


@dataclass(frozen=True, slots=True, order=True)
class MenuEntry:
    """A page in the menu: its place there, its path, and its name in the wording ("menu.NAME")."""

    place: int
    path: str
    name: str


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_finalized,
    )
    environment.filters["link"] = web_link
    environment.filters["code"] = with_code
    environment.globals["static"] = static
    environment.globals["menu"] = menu
    return environment


def with_code(text: str | None) -> Markup:
    """A sentence in which `commands` stand between backticks: as <code>."""
    parts = re.split(r"`([^`\n]{1,500})`", shown(text or ""))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _finalized(value: Any) -> Any:
    """What a template shows of a value: nothing of None, and of texts what is fit to be shown."""
    if value is None:
        return ""
    return shown(value) if isinstance(value, str) else value


@cache
def menu() -> tuple[MenuEntry, ...]:
    """The menu: the entry MENU of each module of `web.pages` that has one."""
    modules = [import_module(f"{pages.__name__}.{each.name}") for each in pkgutil.iter_modules(pages.__path__)]
    return tuple(sorted(module.MENU for module in modules if hasattr(module, "MENU")))


@cache
def static(name: str) -> str:
    """The address of a file of `web/static`, which changes with its content."""
    return f"/static/{name}?v={sha256((HERE / 'static' / name).read_bytes()).hexdigest()[:12]}"


def language_of(request: Request) -> str:
    """The language of a reader: `?bahasa=`, else the cookie, else Indonesian."""
    for asked in (request.query_params.get("bahasa"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return str(asked)
    return LANGUAGES[0]


def wording_of(request: Request) -> PageWords:
    """The words for a reader."""
    return wording(language_of(request))


def with_language(request: Request, language: str) -> str:
    """The address of this page in another language."""
    kept = [pair for pair in parse_qsl(request.url.query, keep_blank_values=True) if pair[0] != "bahasa"]
    return f"{request.url.path}?{urlencode([*kept, ('bahasa', language)])}"


def page(
    request: Request,
    template: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page made from a template of `web/templates`.

    Every template knows `t` (the `PageWords`), `request`, `reader` (`web.access.Visitor`), `other_language` and
    `language_address`.
    """
    words = wording_of(request)
    other = next(each for each in LANGUAGES if each != words.language)
    known = {
        "t": words,
        "request": request,
        "path": request.url.path,
        "reader": getattr(request.state, "reader", None),
        "other_language": other,
        "language_address": with_language(request, other) if request.method in ("GET", "HEAD") else f"/?bahasa={other}",
    }
    html = _environment().get_template(template).render(known | dict(values))
    response = HTMLResponse(html, status, dict(headers or {}))
    if request.query_params.get("bahasa") == words.language:
        response.set_cookie(LANGUAGE_COOKIE, words.language, max_age=366 * 86400, httponly=True, samesite="lax")
    return response
