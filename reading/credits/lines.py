"""The forms in which a line prints by-lines, credits and sources. Each reader takes one form, and tells whether it did.

Facts of the forms: "Rep: …/ Red: …" is republika.co.id's, "… - detikNews" detik.com's, "A | B" tempo.co's and
kompas.com's, "…, Jurnalis" okezone.com's, "Laporan Wartawan …" that of the Tribun network.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lexicon.credits import WORDS, alternation
from lexicon.domains import DOMAIN, ENDING_AFTER_LOST_DOT
from lexicon.places import find_place
from reading.credits.builder import CreditsBuilder, lower_words
from reading.credits.citing import read_attribution
from reading.credits.datelines import read_dateline
from reading.credits.names import canonical_agency, is_initials, is_outlet, people, person
from reading.credits.photos import Segments, closing_credit, read_segments

ROLES = {name: role for role in ("author", "editor", "translator", "photographer", "source") for name in WORDS[role]}
_LABEL_WORDS = alternation("author", "editor", "translator", "photographer", "source")
# A label at the head of a line, after a separator, or glued to the name before it ("RinaEditor: Budi Raharja")
LABEL = re.compile(
    rf"(?:(?<![^\s/|(,;.&])|(?<=[a-z])(?=[A-Z]))(?P<label>(?i:{_LABEL_WORDS})(?:\s*[&/]\s*(?i:{_LABEL_WORDS}))?)\s*[:：]\s*"
)
EMPTY_LABEL = re.compile(rf"\s*(?i:{_LABEL_WORDS})\s*[:：]\s*")
# A label without a colon, in a short line: "Oleh Rina Dewi", "EditorBudi Raharja", "Penulis Rina | Editor Budi"
_BARE_LABEL = re.compile(
    rf"[(\s]*(?P<label>(?i:{alternation('without_colon')}))(?:\s+(?=[^\W\d_])|(?=[A-Z]))(?P<name>[^:|]{{3,50}})"
)


_NEXT_LABEL = re.compile(rf"\s+(?=(?=[A-Z])(?i:{alternation('without_colon')})\s+[A-Z])")  # "Penulis Rina Editor Budi"


def read_line(line: str, got: CreditsBuilder) -> bool:
    """Whether one of the forms took the line."""
    for form in _FORMS:  # noqa: SIM110 - a third of the time of `any` over a generator, for each line of every page
        if form(line, got):
            return True
    return False


# A sign, or the word at the head of a line: "Buku Hak Cipta terbitan 1999" and a broken "Ã©" are neither.
_COPYRIGHT = re.compile(
    r"(?:(?<!\S)(?:copyright\s?|hak cipta\s?)?(?:©|\(c\)(?=\s?[A-Z0-9]))|^\W{0,3}copyright\b|\bhak cipta dilindungi)"
    r"[^\n]{0,60}?\b(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_COPYRIGHT_SIGN = re.compile(
    r"\s*(?:©|\(c\)\s|copyright\s?(?:©|\(c\)|@|$)|hak cipta\s?(?:©|\(c\)|dilindungi)|all rights? reserved)",
    re.IGNORECASE,
)


_RIGHTS = re.compile(r"©|\(c\)|\(C\)|(?i:right|cipta)")


def _copyright(line: str, got: CreditsBuilder) -> bool:
    if not _RIGHTS.search(line):
        return False
    match = _COPYRIGHT.search(line)
    if match is None:
        return bool(_COPYRIGHT_SIGN.match(line)) and "/" not in line
    if "©" not in match.group() and lower_words(line.lstrip("cC")) > 0:
        return False  # "Copyright Act disahkan pada 2015"
    got.copyright_year = got.copyright_year or int(match["year"])
    before = line[: match.start()].strip()
    if before:
        read_line(before, got)  # "Editor: Suryanto Copyright © ANTARA 2025"
    return True


_REPORT = re.compile(
    rf"(?:laporan\s+{alternation('reporters')}|kontributor)\s+(?P<outlet>[^,]{{3,40}}?)\s*,\s*(?P<name>[^\n]{{3,160}})",
    re.IGNORECASE,
)
_REPORT_BEGINS = re.compile(rf"laporan\s+{alternation('reporters')}\s+", re.IGNORECASE)
_DOMAIN = re.compile(rf"\s(?={DOMAIN}\b)", re.IGNORECASE)


def _report(line: str, got: CreditsBuilder) -> bool:
    match = _REPORT.match(line) if line[0] in "LlKk" else None
    if match is None:
        return _report_without_comma(line, got)
    name, *rest = _DOMAIN.split(match["name"], maxsplit=1)
    if lower_words(name) > 2:
        return False  # "Laporan wartawan Kompas, Budi, menyebut hujan turun"
    got.add(got.authors, people(name))
    got.source(match["outlet"].strip())
    if rest:
        _dateline(rest[0], got)
    return True


def _report_without_comma(line: str, got: CreditsBuilder) -> bool:
    """ "Laporan wartawan Serambi Indonesia Rina Dewi | Banda Aceh"."""
    begins = _REPORT_BEGINS.match(line)
    if begins is None or len(line) > 100:
        return False
    words = line[begins.end() :].split("|")[0].split()
    for length in range(1, min(4, len(words))):
        outlet, names = " ".join(words[:length]), people(" ".join(words[length:]))
        if is_outlet(outlet) and names and find_place(words[length]) is None:  # "Tribun Jogja", and then the name
            got.add(got.authors, names)
            got.source(outlet)
            return True
    return False


_LOST_DOT = re.compile(rf" (?={ENDING_AFTER_LOST_DOT}$)")


def _dateline(line: str, got: CreditsBuilder) -> bool:
    dateline, rest = read_dateline(line)
    if dateline is None:
        return False
    got.dateline_place = dateline.place
    if dateline.outlet is not None:
        first, *others = dateline.outlet.split("/")
        canonical = canonical_agency(first)
        lost_dot = _LOST_DOT.sub(".", first.strip())
        got.dateline_agency = canonical if canonical == "ANTARA" else lost_dot
        got.add(got.agency, [agency for each in others if (agency := canonical_agency(each)) is not None])
    if rest:
        read_attribution(rest, got)
    return True


_ELSEWHERE = re.compile(
    r"(?:artikel|berita|tulisan) ini (?:telah|sudah|pernah|juga)\b[^\n]{0,30}?"
    r"\b(?:tayang|terbit|diterbitkan|dimuat|dipublikasikan|diunggah|naik|dulu)\b[^\n]{0,30}?\bdi\s?"
    r"(?P<outlet>[\w-]+(?:\.[a-z]+)*(?: (?:TV|News|Indonesia|Jogja|Jatim))?)",
    re.IGNORECASE,
)
_MADE_BY = re.compile(
    r"artikel ini diproduksi oleh (?P<name>[^\n]{3,60}?) dari (?P<outlet>[^\n.]{2,40})", re.IGNORECASE
)


def read_elsewhere(line: str, got: CreditsBuilder) -> bool:
    if " ini " not in line and " INI " not in line:
        return False
    if (made := _MADE_BY.search(line)) is not None:
        got.add(got.authors, people(made["name"]))
        got.source(made["outlet"].strip())
        return True
    match = _ELSEWHERE.search(line)
    if match is None:
        return False
    got.source(match["outlet"].strip(" ."))
    return True


def _labels(line: str, got: CreditsBuilder) -> bool:
    """ "Rep: Rina Dewi/ Red: Budi Raharja", "(Reporter: … | Editor: …)", "Sumber: RinaEditor: Budi Raharja"."""
    if ":" not in line and "：" not in line:
        return False
    matches = list(LABEL.finditer(line))
    if not matches or matches[0].start() > 60:
        return False
    if lower_words(line[: matches[0].start()]) > 2:
        return False  # "Jakarta Selatan terdiri dari 2 RT, menurut sumber: …"
    for index, match in enumerate(matches):
        stop = matches[index + 1].start() if index + 1 < len(matches) else len(line)
        value = line[match.end() : stop].strip(" \t|/(),;•")
        for name in re.split(r"\s*[&/]\s*", match["label"].casefold()):
            _give(ROLES.get(" ".join(name.split()), ""), value, got)
    return True


def _give(role: str, value: str, got: CreditsBuilder) -> None:
    if role in ("author", "editor"):
        # "Rina Dewi / Sekolah Dasar …": an affiliation follows the blank and slash
        names = people(re.split(r"\s+/\s+(?=[^/]{25,})", value)[0])
        if role == "author":  # "Rep: Antara/ Red: …": a wire wrote it
            got.add(got.agency, [wire for each in value.split("/") if (wire := canonical_agency(each)) is not None])
        got.add(got.authors if role == "author" else got.editors, names)
    elif role == "photographer":
        got.photographer = got.photographer or next(iter(people(value)), None)
    elif role == "source":
        _source(value, got)


def _source(value: str, got: CreditsBuilder) -> None:
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
_CREDIT = re.compile(rf"{alternation('credit')}\s*:?\s+(?P<whose>.{{2,40}})", re.IGNORECASE)
PHOTO = re.compile(r"[/(\[\s]*(?:foto|photo)(?:\s*[:/]\s*|\s+(?:oleh|by)\s+)(?P<rest>.+)", re.IGNORECASE)


def _credit(line: str, got: CreditsBuilder) -> bool:
    if line[0] not in "sSkKcC":
        return False
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


def read_photo_line(line: str, got: CreditsBuilder) -> bool:
    """A line that is a photo credit: "Foto: Rina Dewi/detikJatim", "TRIBUNNEWS/RINA", "… . AP/Mast Irham"."""
    labelled = ":" in line or "/" in line or " oleh " in line or " by " in line
    labelled = labelled and PHOTO.fullmatch(line) is not None
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


def _take_photo(found: Segments, got: CreditsBuilder, *, labelled: bool) -> None:
    got.add(got.agency, found.agencies)
    if labelled:
        got.add(got.agency, found.outlets)
    for name in [*found.outlets, *found.sources]:
        got.source(name)
    if found.persons and (found.agencies or found.outlets or labelled):
        got.photographer = got.photographer or found.persons[0]
    got.handout_of = got.handout_of or found.handout_of
    got.initials.extend(found.initials)


# dw.com sets its editors' initials before it: "ap/hp (Reuters, AFP)"
_BRACKETED = re.compile(r"(?:(?P<desk>[a-z]{2,3}(?:/[a-z]{2,3})+)\s)?[(\[](?P<inner>[^()\[\]]{1,160})[)\]][\s.]*")


def _bracket(line: str, got: CreditsBuilder) -> bool:
    """A sign-off in brackets: initials, the writer and the house, a source."""
    match = _BRACKETED.fullmatch(line) if line[0] in "([" or "/" in line[2:4] else None
    if match is None:
        return False
    inner = match["inner"].strip()
    codes = [code.strip() for code in inner.split("/")]
    if len(codes) > 1 and all(map(is_initials, codes)):
        got.initials.extend(codes)  # "(Eks/Sss)"
        return True
    found = read_segments(inner)
    if match["desk"] is not None:
        if not found.agencies:
            return False  # "km/jam (rata-rata)"
        got.initials.extend(match["desk"].split("/"))
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


def _pipes(line: str, got: CreditsBuilder) -> bool:
    """ "REUTERS | RINA DEWI" (tempo.co), "Penulis Rina | Editor Budi" (kompas.com)."""
    if "|" not in line or len(line) > 140:
        return False
    parts = [part.strip(" ()") for part in line.split("|")]
    media = [canonical_agency(part) is not None or is_outlet(part) for part in parts]
    labels = [_BARE_LABEL.fullmatch(part) for part in parts]
    names = [part.isupper() and person(part) is not None and (" " in part or any(media)) for part in parts]
    if not (any(media) or any(labels)) or not all(map(any, zip(media, labels, names, strict=True))):
        return False  # "ECHO | 3-0 | 6-1" is a table's row
    for part, label in zip(parts, labels, strict=True):
        if label is not None:
            _give(ROLES[label["label"].casefold()], label["name"], got)
        elif (agency := canonical_agency(part)) is not None:
            got.add(got.agency, [agency])
        elif is_outlet(part):
            got.source(part)
        elif (name := person(part)) is not None:
            got.add(got.authors, [name])
    return True


_JOURNALIST = re.compile(
    r"(?P<name>[^,\d]{3,60}?)\s*,\s*jurnalis\b\s*(?:$|[-–·|]\s?(?=(?-i:[A-Z])|\d|$))", re.IGNORECASE
)
HOUSE = re.compile(r"(?P<name>[^\d:/|]{3,60}?)\s+[-–—]\s?(?P<outlet>[\w.]+(?: \w+)?)")
_NAME_OUTLET = re.compile(r"(?P<name>[^\d:/|,]{3,50}?)\s+(?P<outlet>(?:[\w-]+\.)+\w+|\w+\.\w+)")


_HEADLINE = frozenset(WORDS["headline_words"])
_VERB = re.compile(r"(?:di|ter|ber|mem|men)[a-z]{4,}")


def _is_headline(words: str) -> bool:
    """Whether the words after "Wartawan" or "Editor" go on like a headline: "Wartawan Tewas Ditembak"."""
    first, *others = words.casefold().split()
    return not _HEADLINE.isdisjoint((first, *others)) or (bool(others) and _VERB.fullmatch(others[-1]) is not None)


def _byline(line: str, got: CreditsBuilder) -> bool:
    """ "Awaludin , Jurnalis-…", "Rina Dewi - detikFinance", "Rina Dewi Suara.Com", "Oleh Rina Dewi"."""
    if len(line) > 140:
        return False
    if (journalist := _JOURNALIST.match(line)) is not None and people(journalist["name"]):
        got.add(got.authors, people(journalist["name"]))
        return True
    if ":" in line:
        return False
    for pattern in (HOUSE, _NAME_OUTLET):
        match = pattern.fullmatch(line)
        if match is not None and is_outlet(match["outlet"]) and people(match["name"]):
            got.add(got.authors, people(match["name"]))
            got.source(match["outlet"])
            return True
    bare = [_BARE_LABEL.fullmatch(part) for part in _NEXT_LABEL.split(line)] if len(line) <= 70 else []
    named = [(each["label"], people(each["name"])) for each in bare if each and not _is_headline(each["name"])]
    if not named or len(named) < len(bare) or not all(names for _, names in named):
        return False
    for label, names in named:
        got.add(got.editors if ROLES.get(label.casefold()) == "editor" else got.authors, names)
    return True


_ENDING = re.compile(r"\S\s*[(\[](?P<inner>[^()\[\]]{2,60})[)\]][\s.]*$")


def _ending(line: str, got: CreditsBuilder) -> bool:
    """A source in the bracket that ends a paragraph: "ujar dia. (AFP)"."""
    if not line.rstrip(" .").endswith((")", "]")):
        return False
    match = _ENDING.search(line[-200:])
    if match is None or line[-200:][: match.start() + 1].rstrip()[-1:] not in '.!?"”':
        return False
    return _bracket(f"({match['inner']})", got)


def _names(line: str, got: CreditsBuilder) -> bool:
    """A line of names alone: "Rina Dewi, Budi Raharja"."""
    if len(line) > 120 or "," not in line:
        return False
    parts = [part for part in line.split(",") if part.strip()]
    if len(parts) < 2 or any(mark in line for mark in ".:;()/|") or not all(map(person, parts)):
        return False
    if any(len(part.split()) < 2 for part in parts):
        return False
    got.add(got.authors, people(line))
    return True


_Form = Callable[[str, CreditsBuilder], bool]
_FORMS: tuple[_Form, ...] = (
    _copyright, _report, read_elsewhere, _credit, _labels, read_photo_line, _bracket, _pipes, _byline, _dateline,
    _names, _ending, read_attribution,
)  # fmt: skip
WHOLE_LINE: tuple[_Form, ...] = (_copyright, _report, read_elsewhere, _credit, _labels, _bracket, _pipes, _byline)
