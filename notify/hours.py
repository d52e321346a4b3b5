"""When messages may be sent: quiet hours, and the hours of hourly and daily ones. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A span of every day in which nothing is sent; over midnight if it ends before it begins."""

    begin: time
    end: time

    @classmethod
    def read(cls, text: str) -> QuietHours:
        """From "22:00-06:00". Raises ValueError."""
        begin, _, end = text.partition("-")
        return cls(clock_time(begin), clock_time(end))

    def over(self, moment: datetime, zone: tzinfo) -> datetime:
        """The first moment from this one on that is not quiet (aware)."""
        local = moment.astimezone(zone)
        clock = local.time().replace(tzinfo=None)
        if self.begin <= self.end:
            quiet, ends_tomorrow = self.begin <= clock < self.end, False
        else:
            quiet, ends_tomorrow = clock >= self.begin or clock < self.end, clock >= self.begin
        if not quiet:
            return moment
        day = local.date() + timedelta(days=ends_tomorrow)
        return datetime.combine(day, self.end, tzinfo=zone)


def clock_time(text: str) -> time:
    """From "06:30". Raises ValueError."""
    hour, _, minute = text.strip().partition(":")
    return time(int(hour), int(minute))


def next_hour(moment: datetime) -> datetime:
    """The next full hour (aware)."""
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def next_day(moment: datetime, clock: time, zone: tzinfo) -> datetime:
    """The next moment at which the clock shows this time in a zone (aware), after this one."""
    local = moment.astimezone(zone)
    today = datetime.combine(local.date(), clock, tzinfo=zone)
    return today if today > moment else datetime.combine(local.date() + timedelta(days=1), clock, tzinfo=zone)


def last_day(moment: datetime, clock: time, zone: tzinfo) -> datetime:
    """The latest moment up to this one at which the clock showed this time in a zone (aware)."""
    local = moment.astimezone(zone)
    today = datetime.combine(local.date(), clock, tzinfo=zone)
    return today if today <= moment else datetime.combine(local.date() - timedelta(days=1), clock, tzinfo=zone)
