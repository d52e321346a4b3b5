"""Measures the readers: corpora of our own with known answers, and their scorers. Nothing else imports this room."""
