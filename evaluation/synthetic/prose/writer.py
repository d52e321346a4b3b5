"""Fills the sentences of a topic: one writer a story."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from random import Random

from evaluation.synthetic.printed.calendar import MONTHS, WEEKDAYS
from evaluation.synthetic.prose.names import person
from evaluation.synthetic.prose.places import DISTRICTS, STREETS, StoryPlace
from evaluation.synthetic.prose.topics import SHARED_FACTS, SHARED_QUOTES, Topic

_SLOT = re.compile(r"\{(\w+)\}")
_SAYS = ("kata", "ujar", "tutur", "jelas", "ucap", "imbuh", "tambah", "papar")
_OFFICES = ("Kepala {}", "Sekretaris {}", "Juru bicara {}", "Pelaksana tugas Kepala {}", "Kepala Bidang Umum {}")


class ProseWriter:
    """Writes headline, paragraphs and captions of one story. The same `rng` state gives the same words."""

    def __init__(self, rng: Random, topic: Topic, place: StoryPlace, moment: datetime, *, curly: bool) -> None:
        self._rng = rng
        self._topic = topic
        self._place = place
        self._moment = moment
        self._quotes = ("“", "”") if curly else ('"', '"')
        self._cast = [person(rng) for _ in range(6)]
        self._offices = [f"{rng.choice(_OFFICES).format(office)} {place.name}" for office in topic.offices]
        self._facts: list[str] = []
        self._said: list[str] = []
        self._introduced: set[str] = set()

    def title(self) -> str:
        """The headline."""
        return self.fill(self._rng.choice(self._topic.titles))

    def lede(self) -> str:
        """The first paragraph."""
        return f"{self.fill(self._rng.choice(self._topic.ledes))} {self._sentence()}"

    def paragraph(self) -> str:
        """A paragraph of one to three sentences, or a quote with its speaker."""
        if self._rng.random() < 0.35:
            return self._quote()
        return " ".join(self._sentence() for _ in range(self._rng.choice((1, 1, 2, 2, 2, 3))))

    def subhead(self) -> str:
        """A subhead, without a full stop."""
        head = self._rng.choice(self._topic.subheads)
        return head if self._rng.random() < 0.5 else f"{head} di {self._word('kecamatan')}"

    def caption(self) -> str:
        """The sentence under a picture, without its credit; it ends with a full stop."""
        forms = (
            "Petugas {instansi} memeriksa {benda} di Kecamatan {kecamatan}, {tempat}, {hari}.",
            "Warga Desa {kecamatan} berkumpul di Jalan {jalan}, {tempat}, pada {hari}.",
            "{nama} berbicara kepada warga di Kecamatan {kecamatan}, {hari}.",
            "Suasana di sekitar Jalan {jalan} Nomor {nomor}, {tempat}, pada {hari}.",
        )
        return self.fill(self._rng.choice(forms))

    def items(self) -> list[str]:
        """The lines of a list."""
        forms = (
            "{angka} {benda} di Kecamatan {kecamatan}",
            "Desa {kecamatan}: {angka} {benda}",
            "Jalan {jalan} Nomor {nomor}, {angka} orang",
            "{benda} senilai {rupiah} untuk {kecamatan}",
        )
        form = self._rng.choice(forms)
        lines = dict.fromkeys(self.fill(form) for _ in range(self._rng.randint(3, 7)))
        return [line[0].upper() + line[1:] for line in lines]

    def rows(self) -> list[list[str]]:
        """The rows of a table, its head first."""
        head = ["Kecamatan", "Jumlah", "Nilai"]
        return [head, *([self.fill(f"{{{slot}}}") for slot in ("kecamatan", "angka", "rupiah")] for _ in range(4))]

    def fill(self, template: str) -> str:
        """The template with each slot replaced."""
        return _SLOT.sub(lambda slot: self._word(slot[1]), template)

    def _sentence(self) -> str:
        if not self._facts:
            self._facts = [*self._topic.facts, *SHARED_FACTS]
            self._rng.shuffle(self._facts)
        return self.fill(self._facts.pop())

    def _quote(self) -> str:
        if not self._said:
            self._said = [*self._topic.quotes, *SHARED_QUOTES]
            self._rng.shuffle(self._said)
        words, says = self.fill(self._said.pop()), self._rng.choice(_SAYS)
        opened, closed = self._quotes
        at = self._rng.randrange(3)
        name = self._cast[at]
        speaker = name.split()[0] if name in self._introduced else f"{self._offices[at]}, {name}"
        self._introduced.add(name)
        ends = (f" {says} {speaker}.", f" {says} {speaker} di {self._place.name}, {self._word('hari')}.")
        return f"{opened}{words},{closed}{self._rng.choice(ends)}"

    def _word(self, slot: str) -> str:
        rng = self._rng
        match slot:
            case "tempat":
                return self._place.name
            case "kecamatan":
                return rng.choice(DISTRICTS)
            case "jalan":
                return rng.choice(STREETS)
            case "instansi":
                return f"{rng.choice(self._topic.offices)} {self._place.name}"
            case "benda":
                return rng.choice(self._topic.things)
            case "nama":
                return rng.choice(self._cast[3:]) if rng.random() < 0.3 else person(rng)
            case "inisial":
                return "".join(rng.choice("ABDHKMRST") for _ in range(2))
            case "angka":
                return f"{rng.randint(11, 9_890):,}".replace(",", ".")
            case "nomor":
                return str(rng.randint(2, 9))
            case "ribuan":
                return f"{rng.randint(3, 98)}.{rng.choice(('000', '500', '250', '750'))}"
            case "persen":
                return f"{rng.randint(1, 88)},{rng.randint(1, 9)} persen"
            case "rupiah":
                return f"Rp{rng.randint(1, 97)},{rng.randint(1, 9)} {rng.choice(('juta', 'miliar'))}"
            case "bulan":
                return rng.choice(MONTHS)
            case "tahun":
                return str(self._moment.year - rng.randint(1, 4))
            case "hari":
                return self._day()
        raise KeyError(slot)

    def _day(self) -> str:
        """A day shortly before the publication, as stories mention it."""
        day = self._moment - timedelta(days=self._rng.choice((0, 0, 0, 1, 1, 2)))
        weekday = WEEKDAYS[day.weekday()]
        return self._rng.choice((f"{weekday} ({day.day}/{day.month}/{day.year})", f"{weekday} ({day.day}/{day.month})"))
