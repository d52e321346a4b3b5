"""What messages say, in Indonesian and in English. One table a fact; sentences of `doctor` stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from archive.clock import duration
from notify.conditions import HEALTHY, StateChange


class Language(StrEnum):
    """The language of messages."""

    ENGLISH = "en"
    INDONESIAN = "id"


class _Words(StrEnum):
    """Sentences of messages, by name."""

    AGAIN = "again"
    WAS = "was"
    WAS_FIRST = "was first"
    LASTED = "lasted"
    DETAIL = "detail"
    TO_DO = "to do"
    SEEN = "seen"
    MESSAGES = "messages"
    MORE = "more"
    MORE_FOUND = "more found"
    ARTICLES = "articles"
    ALL_GOOD = "all good"
    ONE_WRONG = "one wrong"
    WRONG = "wrong"
    SINCE = "since"
    HARVEST = "harvest"
    NOW_WRONG = "now wrong"
    CHANGED = "changed"
    NO_CHANGE = "no change"
    NEW = "new"
    CORRECTED = "corrected"
    FOUND = "found"
    PUBLISHED = "published"
    TOO_MANY = "too many"
    TEST = "test"
    TEST_BODY = "test body"
    UNUSABLE = "unusable"
    USABLE = "usable"


_ENGLISH: Mapping[str, str] = {
    _Words.AGAIN: "{subject}: healthy again",
    _Words.WAS: "It was {state} since {since}.",
    _Words.WAS_FIRST: "It was not judged before.",
    _Words.LASTED: "It was {state} from {since} on, for {span}.",
    _Words.DETAIL: "{sentence}",
    _Words.TO_DO: "→ {remedy}",
    _Words.SEEN: "Seen {at}.",
    _Words.MESSAGES: "{count} messages",
    _Words.MORE: "… and {count} more: kliping notify list",
    _Words.MORE_FOUND: "… and {count} more: kliping watch feed {watch}",
    _Words.ARTICLES: "{count} articles",
    _Words.ALL_GOOD: "good, nothing is missing",
    _Words.ONE_WRONG: "one thing needs a look",
    _Words.WRONG: "{count} things need a look",
    _Words.SINCE: "Since {since}:",
    _Words.HARVEST: "{new} new articles and {corrected} corrected ones, in {runs} crawls.",
    _Words.NOW_WRONG: "Wrong now:",
    _Words.CHANGED: "What changed:",
    _Words.NO_CHANGE: "Nothing changed.",
    _Words.NEW: "New",
    _Words.CORRECTED: "Corrected",
    _Words.FOUND: "{query}: {title}",
    _Words.PUBLISHED: "{source}, {published}",
    _Words.TOO_MANY: "More than {count} articles at once; only the newest are told. All: kliping search {quoted}",
    _Words.TEST: "a test message",
    _Words.TEST_BODY: "If you can read this, the target {target} works. Sent {at}.",
    _Words.UNUSABLE: "the archive cannot be used",
    _Words.USABLE: "the archive can be used again",
}
_INDONESIAN: Mapping[str, str] = {
    _Words.AGAIN: "{subject}: sehat kembali",
    _Words.WAS: "Sebelumnya {state} sejak {since}.",
    _Words.WAS_FIRST: "Belum pernah dinilai sebelumnya.",
    _Words.LASTED: "Keadaannya {state} sejak {since}, selama {span}.",
    _Words.DETAIL: "Rincian (bahasa Inggris): {sentence}",
    _Words.TO_DO: "→ {remedy}",
    _Words.SEEN: "Diketahui {at}.",
    _Words.MESSAGES: "{count} pesan",
    _Words.MORE: "… dan {count} lagi: kliping notify list",
    _Words.MORE_FOUND: "… dan {count} lagi: kliping watch feed {watch}",
    _Words.ARTICLES: "{count} artikel",
    _Words.ALL_GOOD: "baik, tidak ada yang kurang",
    _Words.ONE_WRONG: "satu hal perlu dilihat",
    _Words.WRONG: "{count} hal perlu dilihat",
    _Words.SINCE: "Sejak {since}:",
    _Words.HARVEST: "{new} artikel baru dan {corrected} artikel diralat, dalam {runs} perayapan.",
    _Words.NOW_WRONG: "Bermasalah sekarang:",
    _Words.CHANGED: "Yang berubah:",
    _Words.NO_CHANGE: "Tidak ada yang berubah.",
    _Words.NEW: "Baru",
    _Words.CORRECTED: "Diralat",
    _Words.FOUND: "{query}: {title}",
    _Words.PUBLISHED: "{source}, {published}",
    _Words.TOO_MANY: "Lebih dari {count} artikel sekaligus; hanya yang terbaru dikirim. Semua: kliping search {quoted}",
    _Words.TEST: "pesan percobaan",
    _Words.TEST_BODY: "Jika pesan ini terbaca, tujuan {target} berfungsi. Dikirim {at}.",
    _Words.UNUSABLE: "arsip tidak dapat dipakai",
    _Words.USABLE: "arsip dapat dipakai kembali",
}
_TEXTS = {Language.ENGLISH: _ENGLISH, Language.INDONESIAN: _INDONESIAN}

_STATES: Mapping[str, tuple[str, str]] = {
    HEALTHY: ("healthy", "sehat"),
    "poor": ("poor", "kurang baik"),
    "empty": ("empty", "kosong"),
    "blocked": ("blocked", "diblokir"),
    "broken": ("broken", "rusak"),
    "overdue": ("overdue", "terlambat"),
    "trouble": ("needs a look", "bermasalah"),
}
_SUBJECTS: Mapping[str, tuple[str, str]] = {
    "index": ("search index", "indeks pencarian"),
    "disk": ("disk", "disk"),
    "archive": ("archive", "arsip"),
    "scheduler": ("scheduler", "penjadwal"),
    "clock": ("clock", "jam"),
    "backup": ("backup", "cadangan"),
}
_MEANINGS: Mapping[str, str] = {
    "poor": "Perayapan terakhir ada hasilnya, tetapi ada yang perlu dilihat.",
    "empty": "Perayapan terakhir tidak menemukan satu artikel pun.",
    "blocked": "Penerbit menolak permintaan kami.",
    "broken": "Halaman terbitan tidak terbaca, atau perayapan terhenti di tengah jalan.",
    "overdue": "Perayapan yang seharusnya sudah berjalan tidak ada hasilnya.",
    "trouble": "Ada yang perlu dilihat.",
}
"""What a state means, for readers of Indonesian: the sentences of `doctor` are English."""
_MEANINGS_OF: Mapping[str, str] = {"backup": "Cadangan terakhir gagal, terlalu lama, atau tidak utuh."}
"""What it means of a subject of which that can be said more exactly."""


class Wording:
    """Writes messages in one language; moments are told in one zone."""

    def __init__(self, language: Language, zone: tzinfo) -> None:
        self._language = language
        self._zone = zone

    # -- states -------------------------------------------------------------------------------------------------------

    def state(self, state: str) -> str:
        """A state's name."""
        return self._of(_STATES, state)

    def subject(self, subject: str) -> str:
        """A subject's name: that of a source as it is."""
        return self._of(_SUBJECTS, subject.removeprefix("source:"))

    def change(self, change: StateChange) -> tuple[str, str]:
        """Title and body of the message about a change."""
        subject, state = self.subject(change.seen.subject), str(change.seen.state)
        at = self.moment(change.since)
        if change.recovers:
            began = change.before_since or change.since
            span = duration(max(change.since - began, timedelta()))
            lasted = self._say(
                _Words.LASTED, state=self.state(change.before or state), since=self.moment(began), span=span
            )
            return self._titled(self._say(_Words.AGAIN, subject=subject)), f"{lasted}\n{self._say(_Words.SEEN, at=at)}"
        lines = []
        if self._language is Language.INDONESIAN:
            lines.append(_MEANINGS_OF.get(change.seen.subject) or _MEANINGS.get(state, _MEANINGS["trouble"]))
        if change.seen.sentence:
            lines.append(self._say(_Words.DETAIL, sentence=change.seen.sentence))
        if change.seen.remedy:
            lines.append(self._say(_Words.TO_DO, remedy=change.seen.remedy))
        if change.before is not None and change.before_since is not None:
            was = self._say(_Words.WAS, state=self.state(change.before), since=self.moment(change.before_since))
        else:
            was = self._say(_Words.WAS_FIRST)
        lines.append(f"{was} {self._say(_Words.SEEN, at=at)}")
        return self._titled(f"{subject}: {self.state(state)}"), "\n".join(lines)

    # -- the digest ---------------------------------------------------------------------------------------------------

    def digest(
        self,
        since: datetime,
        wrong: Sequence[tuple[str, str, datetime, str | None]],
        changes: Sequence[tuple[datetime, str]],
        *,
        new: int,
        corrected: int,
        runs: int,
    ) -> tuple[str, str]:
        """Title and body of the daily message.

        `wrong` has subject, state, since when, and the sentence of all that is not healthy; `changes` the moments and
        titles of what was told since.
        """
        if not wrong:
            headline = self._say(_Words.ALL_GOOD)
        elif len(wrong) == 1:
            headline = self._say(_Words.ONE_WRONG)
        else:
            headline = self._say(_Words.WRONG, count=len(wrong))
        harvest = self._say(_Words.HARVEST, new=new, corrected=corrected, runs=runs)
        lines = [f"{self._say(_Words.SINCE, since=self.moment(since))} {harvest}"]
        if wrong:
            lines.append(self._say(_Words.NOW_WRONG))
            for subject, state, began, sentence in wrong:
                told = f": {sentence}" if sentence else ""
                lines.append(f"- {self.subject(subject)}, {self.state(state)}, {self.moment(began)}{told}")
        lines.append(self._say(_Words.CHANGED) if changes else self._say(_Words.NO_CHANGE))
        lines += [f"- {self.moment(at)} {title.removeprefix(_PREFIX)}" for at, title in changes]
        return self._titled(headline), "\n".join(lines)

    # -- watches ------------------------------------------------------------------------------------------------------

    def hit(self, title: str, source: str, published: str, url: str | None, *, corrects: bool) -> str:
        """The body of the message about an article that a watch has found."""
        told = self._say(_Words.PUBLISHED, source=source, published=published)
        kind = self._say(_Words.CORRECTED if corrects else _Words.NEW)
        return "\n".join(filter(None, [f"{kind}: {title}", told, url]))

    def hit_title(self, query: str, title: str, *, corrects: bool) -> str:
        """Its title."""
        found = self._say(_Words.FOUND, query=query, title=title)
        return self._titled(f"{self._say(_Words.CORRECTED)}: {found}" if corrects else found)

    def found(self, query: str, hits: Sequence[str], count: int, watch_id: int) -> tuple[str, str]:
        """Title and body of one message about `count` articles that a watch has found, some told as `hit` does."""
        told = [*hits]
        if count > len(hits):
            told.append(self._say(_Words.MORE_FOUND, count=count - len(hits), watch=watch_id))
        return self._titled(f"{query}: {self._say(_Words.ARTICLES, count=count)}"), "\n\n".join(told)

    def too_many(self, query: str, count: int) -> str:
        """What is said where a watch found more than it tells."""
        quoted = "'" + query.replace("'", "'\\''") + "'"
        return self._say(_Words.TOO_MANY, count=count, quoted=quoted)

    # -- messages -----------------------------------------------------------------------------------------------------

    def joined(self, titles_and_bodies: Sequence[tuple[str, str]], most: int) -> tuple[str, str]:
        """Title and body of one message for several."""
        told = [f"• {title.removeprefix(_PREFIX)}\n{body}" for title, body in titles_and_bodies[:most]]
        if len(titles_and_bodies) > most:
            told.append(self._say(_Words.MORE, count=len(titles_and_bodies) - most))
        return self._titled(self._say(_Words.MESSAGES, count=len(titles_and_bodies))), "\n\n".join(told)

    def test(self, name: str, at: datetime) -> tuple[str, str]:
        """Title and body of a test message to a target."""
        return self._titled(self._say(_Words.TEST)), self._say(_Words.TEST_BODY, target=name, at=self.moment(at))

    def archive_unusable(self, sentence: str) -> tuple[str, str]:
        """Title and body where nothing can be recorded."""
        return self._titled(self._say(_Words.UNUSABLE)), self._say(_Words.DETAIL, sentence=sentence)

    def archive_usable(self, at: datetime) -> tuple[str, str]:
        """Title and body of its recovery."""
        return self._titled(self._say(_Words.USABLE)), self._say(_Words.SEEN, at=self.moment(at))

    def moment(self, at: datetime) -> str:
        """A moment in the user's zone."""
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M %Z")

    def _say(self, name: str, /, **values: object) -> str:
        return _TEXTS[self._language][name].format(**values)

    def _of(self, table: Mapping[str, tuple[str, str]], name: str) -> str:
        english, indonesian = table.get(name, (name, name))
        return indonesian if self._language is Language.INDONESIAN else english

    @staticmethod
    def _titled(text: str) -> str:
        return f"{_PREFIX}{text}"


_PREFIX = "Kliping: "
