"""Text that others wrote, made fit to be shown: titles, names and bodies come from pages that anybody may have made.

Escaping is Jinja's work, and every value of a template passes through `shown` as well (`web.rendering`). Pure.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from markupsafe import Markup

MOST_SHOWN = 300_000
"""Characters of one value that are shown. A longer one is cut, and says so."""
LONGEST_LINK = 4_000

_TURNING = "\u202a-\u202e\u2066-\u2069"
"""Characters that turn the direction of the text around them, so that a title shows another (Unicode TR 36)."""
_UNSEEN = "\u200b\u200e\u200f\u061c\u2060\ufeff\u00ad"
"""Characters without a width or meaning in Indonesian text."""
_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_UNFIT = re.compile(f"[{_TURNING}{_UNSEEN}{_CONTROLS}]")
_BAD_LINK = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


def shown(text: str) -> str:
    """A text without characters that would change how other text is shown.

    What turns the direction of writing is made visible ("⟦U+202E⟧"), controls and halves of surrogate pairs become
    U+FFFD, and characters of no width are left out. Line breaks and tabs stay. Of Markup, Markup.
    """
    cut = len(text) > MOST_SHOWN
    if not cut and (text.isascii() and text.isprintable()):
        return text
    fit = _UNFIT.sub(_fit, text[:MOST_SHOWN].replace("\r\n", "\n"))
    if isinstance(text, Markup):
        return Markup(fit)
    return f"{fit} … [{len(text) - MOST_SHOWN:,} more characters]" if cut else fit


def _fit(found: re.Match[str]) -> str:
    sign = found[0]
    if "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069":
        return f"⟦U+{ord(sign):04X}⟧"
    return "" if sign in _UNSEEN else "\n" if sign in "\r\x0b\x0c\u2028\u2029\x85" else "\ufffd"


def web_link(url: str | None) -> str | None:
    """An address that a link may have: http or https, with a host and without a user's name. None for others."""
    if not url or len(url) > LONGEST_LINK or _BAD_LINK.search(url) or _UNFIT.search(url):
        return None
    try:
        parts = urlsplit(url)
        fine = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.username is None
        parts.port  # noqa: B018  raises ValueError for what is no port
    except ValueError:
        return None
    return url if fine else None


def file_name(text: str, ending: str) -> str:
    """The name of a file to download, from any text: ASCII letters and digits between hyphens, and an ending."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()[:60].strip("-")
    return f"{plain or 'kliping'}{ending}"
