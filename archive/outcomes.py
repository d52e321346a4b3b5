"""The table of outcomes: how an address, a file or a record can end (decision 4). Pure.

`python -m archive.outcomes` prints the table of docs/outcomes.md.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

OUTCOMES: Mapping[str, str] = {
    "stored": "A new article.",
    "updated": "A new version of an article that the archive had.",
    "unchanged": "The archive has the article, and its content is the same.",
    "blocked": "The publisher refused us: 401, 403, 451, or a page with a login or captcha. It is tried again later.",
    "gone": "The publisher answered 404 or 410 twice, some hours apart. The archive keeps the article.",
    # --- skipped: there was nothing to read, or the archive already has something better
    "skipped:robots": "robots.txt forbids the address.",
    "skipped:duplicate": "Another address of an article that the archive has.",
    "skipped:another-source": "The archive has the article, from another source.",
    "skipped:newer": "The article was fetched again while it was being re-extracted. The newer version stays.",
    "skipped:undated": (
        "The archive has the article with a known time of fetch, and this copy has none. "
        "Say with --fetched-at when the page was saved."
    ),
    "skipped:forgotten": (
        "The article was forgotten on purpose (`kliping archive forget`), and is not kept again. "
        "Its address is not in the report."
    ),
    "skipped:first-page-only": "The archive has the article, and this record has only its first page.",
    "skipped:later-page": "A later page of an article of several pages. The record of its first page is read.",
    "skipped:unknown-publisher": "The address belongs to no source that we know. `kliping import --all` reads it.",
    "skipped:no-article-address": "The address is the publisher's, but not that of an article.",
    "skipped:no-web-address": "The record has no http or https address.",
    "skipped:http-NNN": "The record keeps an HTTP answer other than 200, so it has no page.",
    "skipped:warcinfo": "A WARC record that describes its file.",
    "skipped:request": "A WARC record of a request. The page is in the record of the response.",
    "skipped:metadata": "A WARC record of metadata. The page is in the record of the response.",
    "skipped:revisit": "A WARC record that points to an earlier one with the same page.",
    "skipped:resource": "A WARC record of a file that is no page: a picture, a style sheet, a list.",
    "skipped:conversion": "A WARC record of a page converted to another format. It is not read.",
    "skipped:continuation": "A WARC record with a later part of a split record. It is not read.",
    "skipped:unknown": "A WARC record of a type that the format does not know.",
    # --- rejected: it was read, and gives no article
    "rejected:no-article": "No story was found. If it happens on many pages, the publisher has changed its layout.",
    "rejected:no-title": "There is no headline, or it is far too long to be one.",
    "rejected:no-date": "There is no publication time, or no text that can be read as one.",
    "rejected:bad-date": "The printed publication time cannot be read. `kliping read dates` explains why.",
    "rejected:date-contradicts": "Weekday and date of the printed publication time contradict each other.",
    "rejected:future-date": "The publication time is more than a day after the fetch.",
    "rejected:no-address": "A saved page that does not name its own address. Give it with --url.",
    "rejected:bad-address": "The address is not a valid web address.",
    "rejected:foreign-address": "The page's address is not on one of the source's domains.",
    "rejected:private-address": "The host resolves to a private or local network address, which is never fetched.",
    "rejected:paywall": "Only the beginning of the story is shown to readers who do not pay.",
    "rejected:blocked": "The page is a login, a captcha or a server's error, not a story.",
    "rejected:not-found": "The page says that there is nothing at its address.",
    "rejected:not-html": "The content is not an HTML page.",
    "rejected:not-text": "The clipping is not text: it is full of control characters.",
    "rejected:empty": "There is no content.",
    "rejected:too-large": "The page, file or row is larger than any article.",
    "rejected:too-deep": "The HTML is nested too deeply, or has too many attributes, to be parsed in a sensible time.",
    "rejected:too-complex": (
        "The page took longer to read than any article, or has more elements side by side than a selector can count."
    ),
    "rejected:reader-died": (
        "The processes that read the page died, the last of them while it read nothing else. All other pages are read."
    ),
    "rejected:endless-pages": "The article goes on over more pages than any article has.",
    "rejected:unknown-kind": "The name of the file ends in none of the kinds that can be imported.",
    "rejected:bad-row": "The row of the export cannot be read, or has a value of a kind that no field has.",
    "rejected:uneven-row": "The row of the CSV has more or fewer values than there are columns.",
    "rejected:truncated": "The WARC record says that the page was cut off when it was fetched.",
    "rejected:no-warc-date": "The WARC record has no valid WARC-Date, so the time of the fetch is not known.",
    # --- error: it could not be fetched, read or saved. A crawl tries its addresses again, less and less often.
    "error:http-304": "'Not modified', but the archive lacks the article. The next request asks for the whole page.",
    "error:http-NNN": "The publisher answered with this HTTP status.",
    "error:asked-to-wait": "The publisher asked us to wait longer than this run lasts. The address stays queued.",
    "error:host-blocks": "The host refuses us, so the address was not asked for. It stays queued.",
    "error:robots-unavailable": "robots.txt could not be fetched, so nothing of this host was.",
    "error:timeout": "The server did not answer in time.",
    "error:connection": "The connection failed.",
    "error:connection-refused": "The server refused the connection.",
    "error:no-such-host": "The host name could not be resolved. Check the network and DNS.",
    "error:cut-off": "The connection ended before the whole page had come.",
    "error:redirects": "Too many redirects.",
    "error:ignored": "Scrapy dropped the request. The detail says why.",
    "error:missing-part": "A later page of the article could not be fetched, so the article was not saved.",
    "error:stopped": "The run ended before it came to this address. The next run goes on here.",
    "error:interrupted": "The process of the run died before it came to this address. The next run goes on here.",
    "error:unexpected": "A bug of Kliping. The detail and the log of the run say more; please report it.",
    "error:unreadable": "The file cannot be opened. The detail says why.",
    "error:unreadable-page": (
        "The kept page is missing or damaged, so the article stays as it was. Run `kliping archive verify`."
    ),
    "error:too-large": "The WARC record is larger than any page.",
    "error:torn-record": "The WARC record is cut off or broken. Get the file again, and check its size.",
    "error:wrong-digest": "The WARC record does not match its checksum: it was changed or damaged.",
    "error:no-http-head": "The WARC record does not begin with the head of an HTTP answer.",
    "error:undecodable": "The page cannot be decompressed, whatever coding its headers or its bytes speak of.",
}
"""Each outcome with what happened and, where there is something to do, what. NNN is any HTTP status."""

HARVEST = ("stored", "updated", "unchanged")
"""The outcomes of an address that gave an article."""

_STATUS = re.compile(r"(?<=:http-)-?[0-9]+\Z")  # servers send statuses that no RFC knows: 0, 999, 1020


class UnknownOutcomeError(ValueError):
    """An outcome that is not in the table: a programmer's error."""


def require_known(outcome: str) -> None:
    """Raises UnknownOutcomeError for an outcome that is not in the table."""
    if sentence_of(outcome) is None:
        raise UnknownOutcomeError(f"{outcome!r} is not in the table of archive/outcomes.py.")


def sentence_of(outcome: str) -> str | None:
    """What an outcome means, for people; None for one that is not in the table, as of a run of another version."""
    return OUTCOMES.get(outcome) or OUTCOMES.get(_STATUS.sub("NNN", outcome))


def explanation(outcome: str) -> str | None:
    """`sentence_of` for reports; None for the harvest too, which needs no explanation."""
    return None if outcome in HARVEST else sentence_of(outcome)


def table() -> str:
    """The outcomes as a Markdown table, one a row, each line ended."""
    rows = [("outcome", "what it means"), ("---", "---"), *((f"`{name}`", text) for name, text in OUTCOMES.items())]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    sys.stdout.write(table())
