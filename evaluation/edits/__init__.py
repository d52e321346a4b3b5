"""Whether edits of pages make versions: cosmetic ones must not, real ones must (docs/archive.md)."""
