"""The faults that pages have, each a function that changes a page and what is expected of it."""

from __future__ import annotations

from evaluation.synthetic.faults import (
    body,
    bylines,
    captions,
    data_of_page,
    datelines,
    documents,
    incomplete,
    people_data,
    refusals,
    stamp_data,
    stamps,
    surroundings,
)
from evaluation.synthetic.faults.registry import FAULTS, PageFault

__all__ = ["FAULTS", "MODULES", "PageFault"]

MODULES = (
    body,
    datelines,
    captions,
    stamps,
    stamp_data,
    bylines,
    people_data,
    incomplete,
    surroundings,
    data_of_page,
    documents,
    refusals,
)
"""Importing them fills FAULTS."""
