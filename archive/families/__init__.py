"""Families: articles that tell one story in the same words, whoever ran them (docs/families.md, decision 0035)."""
