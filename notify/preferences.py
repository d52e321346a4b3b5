"""How people want to be told: targets, language, quiet hours, digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo

from archive.outbox import Recipient
from kliping.config import Settings
from notify.hours import QuietHours, clock_time
from notify.wording import Language

DAILY_AT = time(7, 0)
"""When daily watches are told, if no digest has a time of its own."""
QUIET_BUNDLE = "quiet"
"""The bundle of what was held back in quiet hours: one message says it all."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """How people want to be told. `targets` are Apprise URLs by name, and secrets: they are never shown.

    `changes`: each change is told in a message of its own. `digest` is when a message a day tells how all stands.
    """

    targets: Mapping[str, str] = field(repr=False)
    zone: tzinfo
    language: Language = Language.ENGLISH
    quiet: QuietHours | None = None
    digest: time | None = None
    changes: bool = True

    @classmethod
    def of(cls, settings: Settings) -> Preferences:
        """Those of the settings."""
        return cls(
            targets={name: url.get_secret_value() for name, url in settings.notify.items()},
            zone=settings.zone,
            language=Language(settings.notify_language),
            quiet=QuietHours.read(settings.notify_quiet_hours) if settings.notify_quiet_hours else None,
            digest=clock_time(settings.notify_digest) if settings.notify_digest else None,
            changes=settings.notify_changes,
        )

    @property
    def daily_at(self) -> time:
        """When daily messages are sent."""
        return self.digest or DAILY_AT

    def recipient(self, target: str, moment: datetime, bundle: str | None = None) -> Recipient:
        """A delivery to a target from this moment on, or after the quiet hours."""
        after = self.quiet.over(moment, self.zone) if self.quiet else moment
        held = after > moment and bundle is None
        return Recipient(target, after, QUIET_BUNDLE if held else bundle)
