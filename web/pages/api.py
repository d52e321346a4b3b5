"""The API under /api/v1 (docs/api.md)."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from web.api import articles, counts, operation, search
from web.api.limits import limited

router = APIRouter(prefix="/api/v1", dependencies=[Depends(limited)])
for part in (search, counts, articles, operation):
    router.include_router(part.router)
