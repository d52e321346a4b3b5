"""Why an archive cannot be used."""

from __future__ import annotations


class ArchiveError(Exception):
    """The archive cannot be used; the message says why, and what to do if there is a remedy."""


class NoArchiveError(ArchiveError):
    """There is no archive, and there never was one here."""


class LostDatabaseError(ArchiveError):
    """The database is missing or empty, in a home that was not empty before."""


class DamagedDatabaseError(ArchiveError):
    """The file of the database is damaged."""


class ReadOnlyArchiveError(ArchiveError):
    """This process may read the archive, but not write it."""
