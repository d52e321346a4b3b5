"""The reading room as an ASGI app: `create_app` joins the pages, what surrounds them, and the archive they read."""

from __future__ import annotations

import pkgutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi import Depends, FastAPI, Response
from fastapi.staticfiles import StaticFiles

from web import pages
from web.access import Account, Doorkeeper, key_in
from web.api.describe import described
from web.api.limits import TokenBuckets
from web.choosing import known_language
from web.holdings import Holdings
from web.problems import add_handlers, problem
from web.security import REQUEST_SECONDS, Guard, HostNames

STATIC = Path(__file__).parent / "static"
THREADS = 12
"""Requests that are worked on at once. Others wait: more threads would only share the same processors."""


class LastingFiles(StaticFiles):
    """Files whose addresses change with their content (`rendering.static`): browsers keep them for a year."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        """See StaticFiles."""
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create_app(
    holdings: Holdings, *, bound_to: str = "127.0.0.1", hosts: Iterable[str] = (), seconds: float = REQUEST_SECONDS
) -> FastAPI:
    """The app that reads these holdings. `bound_to` is the address of the server, `hosts` are its other names.

    A page is a module of `web.pages` with a `router`; all are included here.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await to_thread.run_sync(lambda: holdings.titles)  # reads all sources: the first reader does not wait for it
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield

    app = FastAPI(
        title="Kliping",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
        dependencies=[Depends(known_language)],
    )
    app.openapi = described(app)  # type: ignore[method-assign]  # as FastAPI's manual says
    app.state.holdings = holdings
    app.state.api_limits = TokenBuckets(holdings.settings.web_api_per_minute)
    app.state.account = account = Account(holdings.settings, key_in(holdings.settings.home))
    add_handlers(app)
    app.mount("/static", LastingFiles(directory=STATIC), name="static")
    for module in pkgutil.iter_modules(pages.__path__):
        app.include_router(import_module(f"{pages.__name__}.{module.name}").router)
    app.add_middleware(Doorkeeper, account=account)
    names = HostNames(bound_to, hosts)
    app.add_middleware(Guard, hosts=names, problem=problem, seconds=seconds)
    return app
