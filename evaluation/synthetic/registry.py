"""Finds the families: each module of `families` and `held_out` has one as FAMILY."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from functools import cache

from evaluation.synthetic import families, held_out
from evaluation.synthetic.family import Family


@cache
def all_families() -> tuple[Family, ...]:
    """All families, by name within tuned and held-out."""
    found: list[Family] = []
    for package in (families, held_out):
        for module in sorted(each.name for each in pkgutil.iter_modules(package.__path__)):
            family: Family = importlib.import_module(f"{package.__name__}.{module}").FAMILY
            found.append(replace(family, held_out=package is held_out))
    return tuple(found)
