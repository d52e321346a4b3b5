"""Reads bylines, credits and sources from a line. Each reader knows one form, and returns whether the line has it.

Who prints which form: "Rep: …/ Red: …" republika.co.id, "… - detikNews" detik.com, "A | B" tempo.co and kompas.com, "…,
Jurnalis" okezone.com, "Laporan Wartawan …" the Tribun network.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lexicon.credits import WORDS, alternation
from lexicon.domains import DOMAIN, ENDING_AFTER_LOST_DOT
from lexicon.places import find_place
from lexicon.words import GIVEN_NAMES
from reading.credits.brackets import add_photo, read_bracket, read_ending, read_photo_line
from reading.credits.builder import CreditsBuilder, lower_words
from reading.credits.citing import read_attribution
from reading.credits.datelines import read_dateline
from reading.credits.names import canonical_agency, is_outlet, people, person, without_date
from reading.credits.segments import read_segments

ROLES = {name: role for role in ("author", "editor", "translator", "photographer", "source") for name in WORDS[role]}
_LABEL_WORDS = alternation("author", "editor", "translator", "photographer", "source")
# A label at the start of a line, after a separator, or glued to the name before it ("RinaEditor: Budi Raharja")
LABEL = re.compile(
    rf"(?:(?<![^\s/|(,;.&])|(?<=[a-z])(?=[A-Z]))(?P<label>(?i:{_LABEL_WORDS})(?:\s*[&/]\s*(?i:{_LABEL_WORDS}))?)\s*[:：]\s*"
)
EMPTY_LABEL = re.compile(rf"\s*(?i:{_LABEL_WORDS})\s*[:：]\s*")
# A label without a colon, in a short line: "Oleh Rina Dewi", "EditorBudi Raharja", "Penulis Rina | Editor Budi"
_BARE_LABEL = re.compile(
    rf"[(\s]*(?P<label>(?i:{alternation('without_colon')}))(?:\s*[.–—-]\s+|\s+(?=[^\W\d_])|(?=[A-Z]))(?P<name>[^:|]{{3,50}})"
)
_NEXT_LABEL = re.compile(rf"\s+(?=(?=[A-Z])(?i:{alternation('without_colon')})\s+[A-Z])")  # "Penulis Rina Editor Budi"


def read_line(line: str, builder: CreditsBuilder) -> bool:
    """Reads a line by the first form that matches; returns whether one does."""
    for form in _FORMS:  # noqa: SIM110 - `any` over a generator takes three times as long, for each line of every page
        if form(line, builder):
            return True
    return False


# A sign, or the word at the start of a line; not "Buku Hak Cipta terbitan 1999" or a broken "Ã©".
_COPYRIGHT = re.compile(
    r"(?:(?<!\S)(?:copyright\s?|hak cipta\s?)?(?:©|\(c\)(?=\s?[A-Z0-9]))|^\W{0,3}copyright\b|\bhak cipta dilindungi)"
    r"[^\n]{0,60}?\b(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_COPYRIGHT_SIGN = re.compile(
    r"\s*(?:©|\(c\)\s(?-i:(?=[A-Z0-9]))|"
    r"copyright\s?(?:©|\(c\)|@|$)|hak cipta\s?(?:©|\(c\)|dilindungi)|all rights? reserved)",
    re.IGNORECASE,
)


_RIGHTS = re.compile(r"©|\(c\)|\(C\)|(?i:right|cipta)")


def _copyright(line: str, builder: CreditsBuilder) -> bool:
    if not _RIGHTS.search(line):
        return False
    match = _COPYRIGHT.search(line)
    if match is None:
        return bool(_COPYRIGHT_SIGN.match(line)) and "/" not in line and not _is_wires_picture(line)
    if match.group().startswith("©") and "/" in line[match.end() :]:
        _photo_of_a_year(line[match.start() :], builder)
    if "©" not in match.group() and lower_words(line.lstrip("cC")) > 0:
        return False  # "Copyright Act disahkan pada 2015"
    builder.copyright_year = builder.copyright_year or int(match["year"])
    before = line[: match.start()].strip()
    if before:
        read_line(before, builder)  # "Editor: Suryanto Copyright © ANTARA 2025"
    return True


_SIGNED = re.compile(r"\s*(?:©|\(c\)\s)\s*(?P<whose>[^\n]{2,40})", re.IGNORECASE)


def _is_wires_picture(line: str) -> bool:
    """Whether a line is the sign and a wire alone, "© AFP": it credits a picture. ANTARA ends its stories like this."""
    signed = _SIGNED.fullmatch(line)
    return signed is not None and canonical_agency(signed["whose"]) not in (None, "ANTARA")


def _photo_of_a_year(credit: str, builder: CreditsBuilder) -> None:
    """Reads "©2021 Merdeka.com/Rina Dewi": the picture's medium and photographer besides its year."""
    found = read_segments(credit)
    if found.agencies or found.outlets:
        add_photo(found, builder, labelled=True)


_REPORT = re.compile(
    rf"(?:laporan\s+{alternation('reporters')}|kontributor)\s+(?P<outlet>[^,]{{3,40}}?)\s*,\s*(?P<name>[^\n]{{3,160}})",
    re.IGNORECASE,
)
_REPORT_BEGINS = re.compile(rf"laporan\s+{alternation('reporters')}\s+", re.IGNORECASE)
_DOMAIN = re.compile(rf"\s(?={DOMAIN}\b)", re.IGNORECASE)


def _report(line: str, builder: CreditsBuilder) -> bool:
    match = _REPORT.match(line) if line[0] in "LlKk" else None
    if match is None:
        return _report_without_comma(line, builder)
    name, *rest = _DOMAIN.split(match["name"], maxsplit=1)
    if lower_words(name) > 2:
        return False  # "Laporan wartawan Kompas, Budi, menyebut hujan turun"
    builder.add(builder.authors, people(name))
    outlet = match["outlet"].strip()
    if find_place(outlet) is None:  # "Kontributor Kendari, Rina Dewi"
        builder.set_source(outlet)
    if rest:
        _dateline(rest[0], builder)
    return True


def _report_without_comma(line: str, builder: CreditsBuilder) -> bool:
    """Reads "Laporan wartawan Serambi Indonesia Rina Dewi | Banda Aceh"."""
    begins = _REPORT_BEGINS.match(line)
    if begins is None or len(line) > 100:
        return False
    words = line[begins.end() :].split("|")[0].split()
    for length in (2, 3, 1):  # "Tribun Timur" is one outlet, and "Timur" no name
        if length >= len(words):
            continue
        outlet, names = " ".join(words[:length]), people(" ".join(words[length:]))
        if words[length - 1].casefold() in GIVEN_NAMES:
            continue
        if is_outlet(outlet) and names and find_place(words[length]) is None:  # Jogja in "Tribun Jogja" is the outlet's
            builder.add(builder.authors, names)
            builder.set_source(outlet)
            return True
    return False


_LOST_DOT = re.compile(rf" (?={ENDING_AFTER_LOST_DOT}$)")


def _dateline(line: str, builder: CreditsBuilder) -> bool:
    dateline, rest = read_dateline(line)
    if dateline is None:
        return False
    builder.dateline_place = dateline.place
    if dateline.outlet is not None:
        first, *others = dateline.outlet.split("/")
        canonical = canonical_agency(first)
        lost_dot = _LOST_DOT.sub(".", first.strip())
        builder.dateline_agency = canonical if canonical == "ANTARA" else lost_dot
        builder.add(builder.agency, [agency for each in others if (agency := canonical_agency(each)) is not None])
    if rest:
        read_attribution(rest, builder)
    return True


_ELSEWHERE = re.compile(
    r"(?:artikel|berita|tulisan) ini (?:telah|sudah|pernah|juga)\b[^\n]{0,30}?"
    r"\b(?:tayang|terbit|diterbitkan|dimuat|dipublikasikan|diunggah|naik|dulu)\b[^\n]{0,30}?\bdi\s?"
    r"(?P<outlet>(?:Tribun|Radar) \w+|[\w-]+(?:\.[a-z]+)*(?: (?:TV|News|Indonesia))?)",
    re.IGNORECASE,
)
_MADE_BY = re.compile(
    r"artikel ini diproduksi oleh (?P<name>[^\n]{3,60}?) dari (?P<outlet>[^\n.]{2,40})", re.IGNORECASE
)


def read_elsewhere(line: str, builder: CreditsBuilder) -> bool:
    """Reads where else a story appeared: "Artikel ini telah tayang di TribunJogja.com"."""
    if " ini " not in line and " INI " not in line:
        return False
    if (made := _MADE_BY.search(line)) is not None:
        builder.add(builder.authors, people(made["name"]))
        builder.set_source(made["outlet"].strip())
        return True
    match = _ELSEWHERE.search(line)
    if match is None:
        return False
    builder.set_source(match["outlet"].strip(" ."))
    return True


def _labels(line: str, builder: CreditsBuilder) -> bool:
    """Reads "Rep: Rina Dewi/ Red: Budi Raharja", "(Reporter: … | Editor: …)", "Sumber: RinaEditor: Budi Raharja"."""
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
        value, photo, photographer = _photo_apart(value)
        roles = [ROLES.get(" ".join(name.split()), "") for name in re.split(r"\s*[&/]\s*", match["label"].casefold())]
        values = re.split(r"\s*/\s*", value)
        if len(values) != len(roles):  # "Penulis/Editor: Rina Dewi/Budi Raharja" has one for each
            values = [value] * len(roles)
        for role, each in zip(roles, values, strict=True):
            _add_role(role, each, builder)
        if photo:
            _add_role("photographer", photographer, builder)
    return True


_PHOTO_INSIDE = re.compile(r"\s{0,3}[,;|/]?\s{0,3}\b(?i:foto|photo)(?:grafer)?\s*:\s*")


def _photo_apart(value: str) -> tuple[str, bool, str]:
    """Splits "Rina Dewi, Foto: Budi Raharja"."""
    inside = _PHOTO_INSIDE.search(value)
    return (value[: inside.start()], True, value[inside.end() :]) if inside is not None else (value, False, "")


def _add_role(role: str, value: str, builder: CreditsBuilder) -> None:
    if role in ("author", "editor"):
        # "Rina Dewi / Sekolah Dasar …": an affiliation follows
        names = people(re.split(r"\s+/\s+(?=[^/]{25,})", value)[0])
        if role == "author":  # "Rep: Antara/ Red: …": a wire wrote it
            builder.add(
                builder.agency, [wire for each in value.split("/") if (wire := canonical_agency(each)) is not None]
            )
        builder.add(builder.authors if role == "author" else builder.editors, names)
    elif role == "photographer":
        builder.photographer = builder.photographer or next(iter(people(value)), None)
    elif role == "source":
        _source(value, builder)


def _source(value: str, builder: CreditsBuilder) -> None:
    value = value.strip(" .()[]•")
    if not value:
        return
    found = read_segments(value)
    builder.add(builder.agency, found.agencies)
    if found.handout_of and found.marked:
        builder.handout_of = found.handout_of
        value = " / ".join(found.outlets) or value
    builder.set_source(value)


_GAMBAR = re.compile(r"sumber gambar\s*[,:]\s*(?P<whose>.+)", re.IGNORECASE)
_CREDIT = re.compile(rf"{alternation('credit')}\s*:?\s+(?P<whose>.{{2,40}})", re.IGNORECASE)


def _credit(line: str, builder: CreditsBuilder) -> bool:
    if line[0] not in "sSkKcC":
        return False
    if (match := _GAMBAR.fullmatch(line)) is not None:
        agency = canonical_agency(match["whose"])
        builder.add(builder.agency, [agency] if agency else [])
        builder.set_source(match["whose"].strip())
        return True
    match = _CREDIT.fullmatch(line)
    agency = canonical_agency(match["whose"]) if match is not None else None
    if agency is None:
        return False
    builder.add(builder.agency, [agency])
    return True


def _pipes(line: str, builder: CreditsBuilder) -> bool:
    """Reads "REUTERS | RINA DEWI" (tempo.co), "Penulis Rina | Editor Budi" (kompas.com)."""
    if "|" not in line or len(line) > 140:
        return False
    parts = [part.strip(" ()") for part in line.split("|")]
    media = [canonical_agency(part) is not None or is_outlet(part) for part in parts]
    labels = [_BARE_LABEL.fullmatch(part) for part in parts]
    names = [part.isupper() and person(part) is not None and (" " in part or any(media)) for part in parts]
    if not (any(media) or any(labels)) or not all(map(any, zip(media, labels, names, strict=True))):
        return False  # "ECHO | 3-0 | 6-1" is a row of a table
    for part, label in zip(parts, labels, strict=True):
        if label is not None:
            _add_role(ROLES[label["label"].casefold()], label["name"], builder)
        elif (agency := canonical_agency(part)) is not None:
            builder.add(builder.agency, [agency])
        elif is_outlet(part):
            builder.set_source(part)
        elif (name := person(part)) is not None:
            builder.add(builder.authors, [name])
    return True


_JOURNALIST = re.compile(
    r"(?P<name>[^,\d]{3,60}?)\s*,\s*jurnalis\b\s*(?:$|[-–·|]\s?(?=(?-i:[A-Z])|\d|$))", re.IGNORECASE
)
# "Rina Dewi, Wartawan Ekonomi", "Rina Dewi (Kontributor Kendari)"; no sentence goes on after it
_NAME_AND_ROLE = re.compile(
    rf"(?P<name>[^\d:/|,()]{{5,50}}?)\s*(?:,|\()\s*(?i:{alternation('reporters')})\b(?:\s+[A-Z][\w.]*){{0,4}}\)?"
)
HOUSE = re.compile(r"(?P<name>[^\d:/|]{3,60}?)\s+[-–—]\s?(?P<outlet>[\w.]+(?: \w+)?)")
_NAME_OUTLET = re.compile(r"(?P<name>[^\d:/|,]{3,50}?)\s+(?P<outlet>(?:[\w-]+\.)+\w+|\w+\.\w+)")


_HEADLINE = frozenset(WORDS["headline_words"])
_VERB = re.compile(r"(?:di|ter|ber|mem|men)[a-z]{4,}")
_SENTENCE_LABELS = frozenset(
    {"wartawan", "jurnalis", "reporter", "penulis", "editor", "redaktur", "pewarta", "kontributor"}
)


def _is_headline(words: str) -> bool:
    """Whether the words after "Wartawan" or "Editor" are a headline's: "Wartawan Tewas Ditembak"."""
    first, *others = words.casefold().split()
    if len(first) > 7 and first not in GIVEN_NAMES and _VERB.fullmatch(first) is not None:
        return True
    return not _HEADLINE.isdisjoint((first, *others)) or (bool(others) and _VERB.fullmatch(others[-1]) is not None)


_POSTED = re.compile(
    r"\s*(?:posted|published|updated|last updated|diposting|dipublikasikan)\s+(?:on|pada)\b.*", re.I | re.S
)
_CLOCK = r"\d{1,2}[.:]\d{2}"
# "Senin, 3 Juni 2024 | 14:05 WIB | Rina Dewi", "3 Juni 2024 14:05 oleh Rina Dewi": a stamp before its byline
_STAMP_FIRST = re.compile(
    r"(?:(?i:posted on|diposting pada|dipublikasikan pada)\s+)?(?:[^\W\d_']{4,7},?\s+)?"
    r"(?:\d{1,2}(?:\s+[A-Z][a-z]{2,8}\s+|[/-]\d{1,2}[/-])(?:\d\d){1,2}|[A-Z][a-z]{2,8}\s+\d{1,2},\s+\d{4})"
    rf"(?:[\s,|·•–-]+(?:(?i:pukul|jam)\s+)?{_CLOCK}(?:\s*WI(?:B|TA|T)\b)?)?"
    rf"(?P<mark>[\s,]*[|·•–/-]\s*|\s+(?=(?i:{alternation('within_a_line')})\s))(?P<byline>[^\d]{{3,60}})"
)
_NAME_AND_CLOCK = re.compile(rf"(?P<name>[^\d|:/]{{5,50}}?)\s*[,|·•–-]\s.*\d\s?[/ -].*{_CLOCK}(?:\s*WI(?:B|TA|T))?")


def _stamped_byline(line: str, builder: CreditsBuilder) -> bool:
    """Reads the byline on the date's line, before or after the date."""
    if not 12 <= len(line) <= 140 or not any(map(str.isdigit, line)):
        return False
    if (match := _STAMP_FIRST.fullmatch(line)) is not None:
        byline = match["byline"].strip()
        if _byline(byline, builder) or _labels(byline, builder):
            return True
        name = person(byline) if " " in byline else None
        builder.add(builder.authors, [name] if name else [])
        return name is not None
    before = without_date(_POSTED.sub("", line))
    if before == line or len(before) > 80 or before.endswith(":"):
        return False
    if ":" in before:
        return _labels(before, builder)
    if _byline(before, builder):
        return True
    match = _NAME_AND_CLOCK.fullmatch(line)  # "Rina Dewi | Senin, 3 Juni 2024 14:05 WIB"
    name = person(match["name"]) if match is not None and " " in match["name"].strip() else None
    builder.add(builder.authors, [name] if name else [])
    return name is not None


def _people_after(label: re.Match[str]) -> tuple[str, ...]:
    """Returns the people after a label without a colon; "Reporter Hebat" is a headline, "Reporter Rina" a byline."""
    names = people(label["name"])
    lone = len(names) == 1 and " " not in names[0] and label["label"].casefold() in _SENTENCE_LABELS
    return (
        () if lone and names[0].casefold() not in GIVEN_NAMES and label.group()[-len(names[0]) - 1].isspace() else names
    )


def _byline(line: str, builder: CreditsBuilder) -> bool:
    """Reads "Awaludin , Jurnalis-…", "Rina Dewi - detikFinance", "Rina Dewi Suara.Com", "Oleh Rina Dewi"."""
    if len(line) > 140:
        return False
    if (journalist := _JOURNALIST.match(line)) is not None and people(journalist["name"]):
        builder.add(builder.authors, people(journalist["name"]))
        return True
    if ":" in line:
        return False
    line = _POSTED.sub("", line)
    role = _NAME_AND_ROLE.fullmatch(line)
    if role is not None and (name := person(role["name"])) is not None:
        builder.add(builder.authors, [name])
        return True
    for pattern in (HOUSE, _NAME_OUTLET):
        match = pattern.fullmatch(line)
        if match is not None and is_outlet(match["outlet"]) and people(match["name"]):
            builder.add(builder.authors, people(match["name"]))
            builder.set_source(match["outlet"])
            return True
    bare = [_BARE_LABEL.fullmatch(part) for part in _NEXT_LABEL.split(line)] if len(line) <= 70 else []
    named = [(each["label"], _people_after(each)) for each in bare if each and not _is_headline(each["name"])]
    if not named or len(named) < len(bare) or not all(names for _, names in named):
        return False
    for label, names in named:
        builder.add(builder.editors if ROLES.get(label.casefold()) == "editor" else builder.authors, names)
    return True


def _names(line: str, builder: CreditsBuilder) -> bool:
    """Reads a line of names alone: "Rina Dewi, Budi Raharja"."""
    if len(line) > 120 or "," not in line:
        return False
    parts = [part for part in line.split(",") if part.strip()]
    if len(parts) < 2 or any(mark in line for mark in ".:;()/|") or not all(map(person, parts)):
        return False
    if any(len(part.split()) < 2 for part in parts):
        return False
    builder.add(builder.authors, people(line))
    return True


_Form = Callable[[str, CreditsBuilder], bool]
_FORMS: tuple[_Form, ...] = (
    _copyright, _report, read_elsewhere, _credit, _stamped_byline, _labels, read_photo_line, read_bracket, _pipes,
    _byline, _dateline, _names, read_ending, read_attribution,
)  # fmt: skip
WHOLE_LINE: tuple[_Form, ...] = (_copyright, _report, read_elsewhere, _credit, _labels, read_bracket, _pipes, _byline)
