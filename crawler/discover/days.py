"""The day of a listed story, for publishers whose past only sitemaps list."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from archive.records import Listing
from crawler.discover.sitemap import ChildSitemap

# "/2015/12/18/" and "/2015-12-18/". A number without separators ("/20151218") may be an id.
_DAY = re.compile(r"/((?:19|20)\d\d)([/-])(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=[/_-]|$)")
_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_/]?(0[1-9]|1[0-2])(?!\d)")
_MARGIN = timedelta(days=1)
"""Added on both sides of a sitemap's month: the publisher may count days in another zone."""


def day_of(listing: Listing, zone: tzinfo) -> date | None:
    """The story's day in the source's zone: of its listed publication, else in its address, else of its last change."""
    published = listing.published_at
    if published is not None:
        return published.astimezone(zone).date() if isinstance(published, datetime) else published
    if found := _DAY.search(listing.url):
        try:
            return date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:  # "/2015/02/31/"
            pass
    return listing.changed_at.astimezone(zone).date() if listing.changed_at else None


def may_hold(child: ChildSitemap, first: date, last: date, zone: tzinfo) -> bool:
    """Whether a sitemap named by a sitemap index may list stories of these days.

    It cannot if nothing in it changed since the day before the first, or if its file name has another month
    ("sitemap-2015-12.xml").
    """
    if child.changed_at is not None and child.changed_at < datetime.combine(first, time.min, zone) - _MARGIN:
        return False
    months = _MONTH.findall(child.url.rpartition("/")[2])
    if len(months) != 1:
        return True
    begin = date(int(months[0][0]), int(months[0][1]), 1)
    end = (begin + timedelta(days=31)).replace(day=1)
    return begin - _MARGIN <= last and first <= end
