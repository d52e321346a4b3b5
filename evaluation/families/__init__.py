"""How well copies of one story are found (docs/evaluation.md)."""
