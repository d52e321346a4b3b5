"""The consents: what was shown to the person who enabled a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from archive.database import Archive
from archive.tables import consents


@dataclass(frozen=True, slots=True)
class Consent:
    """When a source was enabled, the terms and robots.txt shown (None: not available), and how it was confirmed."""

    at: datetime
    terms: str
    robots: str | None
    confirmed: str


def save_consent(archive: Archive, source: str, consent: Consent) -> None:
    """Save a consent."""
    with archive.writing() as connection:
        connection.execute(
            insert(consents).values(
                source=source,
                at=consent.at,
                terms=consent.terms,
                robots=consent.robots,
                confirmed=consent.confirmed,
            )
        )


def latest_consent(archive: Archive, source: str) -> Consent | None:
    """The latest consent to a source; None if there is none."""
    with archive.reading() as connection:
        row = connection.execute(
            select(consents).where(consents.c.source == source).order_by(consents.c.at.desc()).limit(1)
        ).first()
    return Consent(row.at, row.terms, row.robots, row.confirmed) if row else None
