"""The families that are held out: whoever changes a reader does not look in here."""
