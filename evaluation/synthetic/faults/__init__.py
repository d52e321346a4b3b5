"""The faults that pages have, each a function that changes a page and what is expected of it."""

from __future__ import annotations

from evaluation.synthetic.faults import body, bylines, stamps
from evaluation.synthetic.faults.registry import FAULTS, Fault

__all__ = ["FAULTS", "MODULES", "Fault"]

MODULES = (body, stamps, bylines)
"""Importing them fills FAULTS."""
