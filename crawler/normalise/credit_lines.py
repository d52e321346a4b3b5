"""The forms in which a line prints by-lines, credits and sources. Each reader takes one form, and tells whether it did.

Facts of the forms: "Rep: …/ Red: …" is republika.co.id's, "… - detikNews" detik.com's, "A | B" tempo.co's and
kompas.com's, "…, Jurnalis" okezone.com's, "Laporan Wartawan …" that of the Tribun network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from crawler.normalise.datelines import read_dateline
from crawler.normalise.names import canonical_agency, is_initials, is_outlet, people, person
from crawler.normalise.photo_credits import Segments, closing_credit, read_segments
from lexicon.credits import WORDS


@dataclass(slots=True)
class Gathered:
    """What the lines have given so far (see `credits.Credits`)."""

    publisher: str
    dateline_place: str | None = None
    dateline_agency: str | None = None
    authors: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    photographer: str | None = None
    agency: list[str] = field(default_factory=list)
    handout_of: str | None = None
    source_credit: str | None = None
    copyright_year: int | None = None
    initials: list[str] = field(default_factory=list)

    @staticmethod
    def add(where: list[str], names: Iterable[str]) -> None:
        """Add the names that are not there yet."""
        where.extend(name for name in names if name not in where)

    def source(self, name: str) -> None:
        """Take a medium as the story's source; the first one counts."""
        self.source_credit = self.source_credit or name


_ROLES = {name: role for role in ("author", "editor", "translator", "photographer", "source") for name in WORDS[role]}
_LABEL_WORDS = "|".join(sorted((re.escape(name).replace(r"\ ", r"\s+") for name in _ROLES), key=len, reverse=True))
# A label at the head of a line, after a separator, or glued to the name before it ("MelkyEditor: Oki Budiman")
LABEL = re.compile(
    rf"(?:(?<![^\s/|(,;.&])|(?<=[a-z])(?=[A-Z]))(?P<label>(?i:{_LABEL_WORDS})(?:\s*[&/]\s*(?i:{_LABEL_WORDS}))?)\s*[:：]\s*"
)
EMPTY_LABEL = re.compile(rf"\s*(?i:{_LABEL_WORDS})\s*[:：]\s*")
# A label without a colon, in a short line: "Oleh Eko Huda", "EditorEgidius Patnistik", "Penulis Singgih | Editor Icha"
_BARE_LABEL = re.compile(
    r"[(\s]*(?P<label>(?i:oleh|penulis|editor|reporter|pewarta|wartawan|redaktur|penerjemah))(?:\s+(?=[^\W\d_])|(?=[A-Z]))(?P<name>[^:|]{3,50})"
)


def read_line(line: str, got: Gathered) -> bool:
    """Whether one of the forms took the line."""
    return any(form(line, got) for form in _FORMS)


_COPYRIGHT = re.compile(
    r"(?:©|\bcopyright\b|\bhak cipta\b|\(c\))[^\n]{0,60}?\b(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE
)
_COPYRIGHT_SIGN = re.compile(r"\s*(?:©|copyright\b|hak cipta\b|\(c\)|all rights?\b)", re.IGNORECASE)


def _copyright(line: str, got: Gathered) -> bool:
    match = _COPYRIGHT.search(line)
    if match is None:
        return bool(_COPYRIGHT_SIGN.match(line)) and "/" not in line
    got.copyright_year = got.copyright_year or int(match["year"])
    before = line[: match.start()].strip()
    if before:
        read_line(before, got)  # "Editor: Suryanto Copyright © ANTARA 2025"
    return True


_REPORT = re.compile(
    r"laporan\s+(?:wartawan|reporter|kontributor|koresponden|jurnalis)\s+(?P<outlet>[^,]{3,40}?)\s*,\s*(?P<name>[^\n]{3,120})",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"\s(?=(?:[\w-]+\.)+(?:com|co\.id|id|co)\b)", re.IGNORECASE)


def _report(line: str, got: Gathered) -> bool:
    match = _REPORT.match(line)
    if match is None:
        return False
    name, *rest = _DOMAIN.split(match["name"], maxsplit=1)
    got.add(got.authors, people(name))
    got.source(match["outlet"].strip())
    if rest:
        _dateline(rest[0], got)
    return True


def _dateline(line: str, got: Gathered) -> bool:
    dateline, rest = read_dateline(line)
    if dateline is None:
        return False
    got.dateline_place = dateline.place
    if dateline.outlet is not None:
        first, *others = dateline.outlet.split("/")
        canonical = canonical_agency(first)
        lost_dot = re.sub(r" (?=(?:com|co\.id|id)$)", ".", first.strip())
        got.dateline_agency = canonical if canonical == "ANTARA" else lost_dot
        got.add(got.agency, [agency for each in others if (agency := canonical_agency(each)) is not None])
    if rest:
        _attribution(rest, got)
    return True


_ELSEWHERE = re.compile(
    r"artikel ini (?:telah|sudah|pernah|juga)\b[^\n]{0,60}?\bdi\s?"
    r"(?P<outlet>[\w-]+(?:\.[a-z]+)*(?: (?:TV|News|Indonesia|Jogja|Jatim))?)",
    re.IGNORECASE,
)
_MADE_BY = re.compile(
    r"artikel ini diproduksi oleh (?P<name>[^\n]{3,60}?) dari (?P<outlet>[^\n.]{2,40})", re.IGNORECASE
)


def read_elsewhere(line: str, got: Gathered) -> bool:
    if (made := _MADE_BY.search(line)) is not None:
        got.add(got.authors, people(made["name"]))
        got.source(made["outlet"].strip())
        return True
    match = _ELSEWHERE.search(line)
    if match is None:
        return False
    got.source(match["outlet"].strip(" ."))
    return True


def _labels(line: str, got: Gathered) -> bool:
    """ "Rep: Gita Amanda/ Red: Hazliansyah", "(Reporter: … | Editor: …)", "Sumber: RandomEditor: Oki Budiman"."""
    matches = list(LABEL.finditer(line))
    if not matches or matches[0].start() > 60:
        return False
    for index, match in enumerate(matches):
        stop = matches[index + 1].start() if index + 1 < len(matches) else len(line)
        value = line[match.end() : stop].strip(" \t|/(),;•")
        for name in re.split(r"\s*[&/]\s*", match["label"].casefold()):
            _give(_ROLES.get(" ".join(name.split()), ""), value, got)
    return True


def _give(role: str, value: str, got: Gathered) -> None:
    if role in ("author", "editor"):
        # "Khazim Mahrur / Madrasah Diniyah …": an affiliation follows the blank and slash
        names = people(re.split(r"\s+/\s+(?=[^/]{25,})", value)[0])
        got.add(got.authors if role == "author" else got.editors, names)
    elif role == "photographer":
        got.photographer = got.photographer or next(iter(people(value)), None)
    elif role == "source":
        _source(value, got)


def _source(value: str, got: Gathered) -> None:
    value = value.strip(" .()[]•")
    if not value:
        return
    found = read_segments(value)
    got.add(got.agency, found.agencies)
    if found.handout_of and found.marked:
        got.handout_of = found.handout_of
        value = " / ".join(found.outlets) or value
    got.source(value)


_GAMBAR = re.compile(r"sumber gambar\s*[,:]\s*(?P<whose>.+)", re.IGNORECASE)
_CREDIT = re.compile(r"(?:credit|kredit)\s*:?\s+(?P<whose>.{2,40})", re.IGNORECASE)
PHOTO = re.compile(r"[/(\[\s]*(?:foto|photo)\s*[:/]\s*(?P<rest>.+)", re.IGNORECASE)


def _credit(line: str, got: Gathered) -> bool:
    if (match := _GAMBAR.fullmatch(line)) is not None:
        agency = canonical_agency(match["whose"])
        got.add(got.agency, [agency] if agency else [])
        got.source(match["whose"].strip())
        return True
    match = _CREDIT.fullmatch(line)
    agency = canonical_agency(match["whose"]) if match is not None else None
    if agency is None:
        return False
    got.add(got.agency, [agency])
    return True


def read_photo_line(line: str, got: Gathered) -> bool:
    """A line that is a photo credit: "Foto: Faiq Azmi/detikJatim", "TRIBUNNEWS/HERUDIN", "… . AP/Mast Irham"."""
    labelled = PHOTO.fullmatch(line) is not None
    bracketed = line.startswith(("(", "["))
    text = line if labelled or bracketed else closing_credit(line)
    if text is None or (not labelled and text.startswith(("(", "[")) and not bracketed):
        return False
    found = read_segments(text)
    if not labelled and not (
        found.agencies or (found.outlets and not bracketed) or (found.handout_of and found.marked)
    ):
        return False
    if not labelled and not bracketed and not (found.persons or found.handout_of):
        return False
    _take_photo(found, got, labelled=labelled or not bracketed)
    return True


def _take_photo(found: Segments, got: Gathered, *, labelled: bool) -> None:
    got.add(got.agency, found.agencies)
    if labelled:
        got.add(got.agency, found.outlets)
    for name in [*found.outlets, *found.sources]:
        got.source(name)
    if found.persons and (found.agencies or found.outlets or labelled):
        got.photographer = got.photographer or found.persons[0]
    got.handout_of = got.handout_of or found.handout_of
    got.initials.extend(found.initials)


_BRACKETED = re.compile(r"[(\[](?P<inner>[^()\[\]]{1,160})[)\]][\s.]*")


def _bracket(line: str, got: Gathered) -> bool:
    """A sign-off in brackets: initials, the writer and the house, a source."""
    match = _BRACKETED.fullmatch(line)
    if match is None:
        return False
    inner = match["inner"].strip()
    codes = [code.strip() for code in inner.split("/")]
    if len(codes) > 1 and all(map(is_initials, codes)):
        got.initials.extend(codes)  # "(Eks/Sss)"
        return True
    found = read_segments(inner)
    if found.unknown and not (found.agencies or found.outlets):
        return bool(found.initials)
    if found.agencies and (found.outlets or not found.persons):
        got.add(got.agency, found.agencies)
        got.source(found.sources[0] if found.sources else inner)
        got.initials.extend(found.initials)
        return True
    got.initials.extend(found.initials)
    for name in found.outlets:
        got.source(name)
    if found.persons:
        lone = len(found.persons) == 1 and not found.outlets
        if lone and (" " not in found.persons[0] or inner.isupper()):
            return False  # "(IEU-CEPA)", "(Putri)": no credit that can be placed
        got.add(got.editors if lone and "okezone" in got.publisher else got.authors, found.persons)
    return bool(found.initials or found.outlets or found.persons)


def _pipes(line: str, got: Gathered) -> bool:
    """ "REUTERS | WASHINGTON POST | DWI ARJANTO" (tempo.co), "Penulis Singgih | Editor Icha" (kompas.com)."""
    if "|" not in line or len(line) > 140:
        return False
    parts = [part.strip(" ()") for part in line.split("|")]
    took = False
    for part in parts:
        if (bare := _BARE_LABEL.fullmatch(part)) is not None:
            _give(_ROLES[bare["label"].casefold()], bare["name"], got)
            took = True
        elif (agency := canonical_agency(part)) is not None:
            got.add(got.agency, [agency])
            took = True
        elif is_outlet(part):
            got.source(part)
            took = True
        elif part.isupper() and (name := person(part)) is not None:
            got.add(got.authors, [name])
            took = True
    return took


_JOURNALIST = re.compile(r"(?P<name>[^,\d]{3,60}?)\s*,\s*jurnalis\b(?:\s*[-–·|,]|\s*$)", re.IGNORECASE)
HOUSE = re.compile(r"(?P<name>[^\d:/|]{3,60}?)\s+[-–—]\s?(?P<outlet>[\w.]+(?: \w+)?)")
_NAME_OUTLET = re.compile(r"(?P<name>[^\d:/|,]{3,50}?)\s+(?P<outlet>(?:[\w-]+\.)+\w+|\w+\.\w+)")


def _byline(line: str, got: Gathered) -> bool:
    """ "Awaludin , Jurnalis-…", "Andi Hidayat - detikFinance", "Dythia Novianty Suara.Com", "Oleh Eko Huda"."""
    if len(line) > 140:
        return False
    if (journalist := _JOURNALIST.match(line)) is not None and people(journalist["name"]):
        got.add(got.authors, people(journalist["name"]))
        return True
    for pattern in (HOUSE, _NAME_OUTLET):
        match = pattern.fullmatch(line)
        if match is not None and is_outlet(match["outlet"]) and people(match["name"]):
            got.add(got.authors, people(match["name"]))
            got.source(match["outlet"])
            return True
    bare = _BARE_LABEL.fullmatch(line)
    if bare is not None and (names := people(bare["name"])) and len(line) <= 70:
        got.add(got.editors if _ROLES.get(bare["label"].casefold()) == "editor" else got.authors, names)
        return True
    return False


_CITING = "|".join(sorted((re.escape(verb).replace(r"\ ", r"\s+") for verb in WORDS["citing"]), key=len, reverse=True))
_CITED = re.compile(
    rf"\b(?i:{_CITING})\s*(?i:dari|oleh|laman|kantor\s+berita|media|situs)?"
    rf"\s*(?i:kantor\s+berita)?\s*(?P<name>[A-Z][\w-]*(?: [A-Z][\w-]*){{0,3}})"
)
_TOLD = re.compile(r"\b(?P<name>[A-Z]\w+)\s+(?:melaporkan|mewartakan|memberitakan)\b")  # "demikian Xinhua melaporkan"
_LOOK = 400


def _attribution(line: str, got: Gathered) -> bool:
    """ "dilansir Reuters, Jumat", "dikutip dariAntara", "kantor berita Anadolu melaporkan"."""
    took = False
    for match in _TOLD.finditer(line[: _LOOK * 4]):
        if (agency := canonical_agency(match["name"])) is not None:
            got.add(got.agency, [agency])
            took = True
    for match in _CITED.finditer(line[: _LOOK * 4]):
        words = match["name"].split()
        for length in range(len(words), 0, -1):
            name = " ".join(words[:length])
            if (agency := canonical_agency(name)) is not None:
                got.add(got.agency, [agency])
                took = True
                break
            if is_outlet(name):
                got.source(name)
                took = True
                break
    return took


_ENDING = re.compile(r"\S\s*[(\[](?P<inner>[^()\[\]]{2,60})[)\]][\s.]*$")


def _ending(line: str, got: Gathered) -> bool:
    """A source in the bracket that ends a paragraph: "ujar Obama. (AFP)"."""
    match = _ENDING.search(line[-200:])
    if match is None or line[-200:][: match.start() + 1].rstrip()[-1:] not in '.!?"”':
        return False
    return _bracket(f"({match['inner']})", got)


def _names(line: str, got: Gathered) -> bool:
    """A line of names alone: "Ade Irma J, Mecca Yumna"."""
    parts = [part for part in line.split(",") if part.strip()]
    if len(parts) < 2 or len(line) > 120 or any(mark in line for mark in ".:;()/|") or not all(map(person, parts)):
        return False
    if any(len(part.split()) < 2 for part in parts):
        return False
    got.add(got.authors, people(line))
    return True


_Form = Callable[[str, Gathered], bool]
_FORMS: tuple[_Form, ...] = (
    _copyright, _report, read_elsewhere, _credit, read_photo_line, _labels, _bracket, _pipes, _byline, _dateline,
    _names, _ending, _attribution,
)  # fmt: skip
WHOLE_LINE: tuple[_Form, ...] = (_copyright, _report, read_elsewhere, _credit, _labels, _bracket, _pipes, _byline)
