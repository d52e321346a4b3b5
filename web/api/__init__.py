"""The API under /api/v1: its answers' types, its limits, and its description (docs/api.md)."""
