"""The day that a listed story belongs to, for publishers whose past is known by sitemaps alone."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from archive.records import Listing
from crawler.discover.sitemap import ChildSitemap

# "/2015/12/18/" and "/2015-12-18/": a number that merely looks so ("/20151218") may be an id
_DAY = re.compile(r"/((?:19|20)\d\d)([/-])(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=[/_-]|$)")
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_/]?(0[1-9]|1[0-2])(?!\d)")
_MARGIN = timedelta(days=1)
"""Around a sitemap's month: its maker may count days in another zone."""


def day_of(listing: Listing, zone: tzinfo) -> date | None:
    """The day in the source's zone: that of the publication told, else the address's, else that of the last change."""
    told = listing.published_at
    if told is not None:
        return told.astimezone(zone).date() if isinstance(told, datetime) else told
    if found := _DAY.search(listing.url):
        try:
            return date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:  # "/2015/02/31/" is no day, whatever else it is
            pass
    return listing.changed_at.astimezone(zone).date() if listing.changed_at else None


def may_hold(further: ChildSitemap, first: date, last: date, zone: tzinfo) -> bool:
    """Whether a sitemap that an index names may list stories of these days.

    Not where nothing in it has changed since the day before the first, and not where its name bears a month and that
    is another one ("sitemap-2015-12.xml").
    """
    if further.changed_at is not None and further.changed_at < datetime.combine(first, time.min, zone) - _MARGIN:
        return False
    months = _MONTH.findall(further.url.rpartition("/")[2])
    if len(months) != 1:
        return True
    begin = date(int(months[0][0]), int(months[0][1]), 1)
    end = (begin + timedelta(days=31)).replace(day=1)
    return begin - _MARGIN <= last and first <= end
