"""Synthetic news pages with their labels: layout families x eras x faults, the same for the same seed."""
