"""Photo credits in their printed forms, with photographer, agency and giver."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from evaluation.synthetic.prose.names import foreigner, plain_person
from evaluation.synthetic.prose.places import StoryPlace


@dataclass(frozen=True, slots=True)
class PrintedCredit:
    """A credit as printed, and what it says. `unscored` are keys whose right value is debatable."""

    text: str
    photographer: str | None = None
    agency: str | None = None
    handout_of: str | None = None
    unscored: tuple[str, ...] = ()

    def as_label(self) -> dict[str, str | None]:
        """The keys that are scored."""
        values = {"photographer": self.photographer, "agency": self.agency, "handout_of": self.handout_of}
        return {"text": self.text, **{key: value for key, value in values.items() if key not in self.unscored}}


_WIRES = {"REUTERS": "Reuters", "AFP": "AFP", "AP": "AP", "Xinhua": "Xinhua", "EPA": "EPA"}
_GIVERS = ("Humas Pemkot {}", "Polres {}", "Basarnas {}", "BPBD {}", "Dinas Kesehatan {}", "Humas Pemprov {}")

# form: (pattern, what fills photographer, agency, giver)
FORMS: dict[str, tuple[str, str | None, str | None, str | None]] = {
    "site-slash-name": ("({site}/{name})", "name", "site", None),
    "foto-name-site": ("(Foto: {name}/{site})", "name", "site", None),
    "foto-name": ("(Foto: {name})", "name", None, None),
    "foto-name-open": ("Foto: {name}", "name", None, None),
    "foto-name-slash-site-open": ("Foto: {name}/{site}", "name", "site", None),
    "capitals": ("{SITE}/{NAME}", "name", "site", None),
    "antara-foto": ("(ANTARA FOTO/{name}/foc)", "name", "ANTARA", None),
    "antara-open": ("ANTARA FOTO/{name}/hp.", "name", "ANTARA", None),
    "antara-plain": ("(ANTARA/{name})", "name", "ANTARA", None),
    "antara-handout": ("(ANTARA/HO-{giver})", None, "ANTARA", "giver"),
    "wire": ("({WIRE}/{foreign})", "foreign", "wire", None),
    "wire-open": ("{WIRE}/{foreign}", "foreign", "wire", None),
    "foto-wire": ("(Foto: {WIRE}/{foreign})", "foreign", "wire", None),
    "foto-wire-alone": ("(Foto: {WIRE})", None, "wire", None),
    "copyright": ("© {WIRE}", None, "wire", None),
    "copyright-year": ("©{year} {WIRE}/{foreign}", "foreign", "wire", None),
    "copyright-c": ("(c) {WIRE}", None, "wire", None),
    "slash-first": ("/{WIRE}", None, "wire", None),
    "ap-photo": ("(AP Photo/{foreign})", "foreign", "AP", None),
    "navy-via": ("(Dinas Penerangan TNI AL via AP)", None, "AP", "Dinas Penerangan TNI AL"),
    "dok": ("(Dok. {giver})", None, None, "giver"),
    "foto-dok": ("(Foto: dok. {giver})", None, None, "giver"),
    "foto-dok-open": ("Foto: Dok. {giver}", None, None, "giver"),
    "ist": ("(ist)", None, None, None),
    "istimewa": ("(Foto: Istimewa)", None, None, None),
    "social": ("(Sumber: Instagram/@kabar{city})", None, None, None),
    "screenshot": ("(Tangkapan layar YouTube)", None, None, None),
    "fotografer": ("Fotografer: {name}", "name", None, None),
    "square": ("[{site}/{name}]", "name", "site", None),
}
# forms whose unscored keys were weighed: who owns an illustration, or a picture that passed through two agencies
_DEBATABLE: dict[str, tuple[str, str | None, str | None, str | None, tuple[str, ...]]] = {
    "illustration-by": ("(Foto: Ilustrasi oleh {name})", None, None, None, ("photographer",)),
    "illustration-of-site": ("Ilustrasi (foto: {site})", None, "site", None, ("agency",)),
    "two-agencies": ("({foreign}/PA via AP)", "foreign", None, None, ("agency",)),
}
ALL_FORMS = (*FORMS, *_DEBATABLE)


def photo_credit(form: str, rng: Random, *, site: str, place: StoryPlace, year: int) -> PrintedCredit:
    """A credit of this form."""
    if form in FORMS:
        pattern, photographer, agency, giver = FORMS[form]
        unscored: tuple[str, ...] = ()
    else:
        pattern, photographer, agency, giver, unscored = _DEBATABLE[form]
    wire = rng.choice(list(_WIRES))
    name = plain_person(rng)
    values = {
        "name": name,
        "NAME": name.upper(),
        "foreign": foreigner(rng),
        "site": site,
        "SITE": site.upper(),
        "WIRE": wire,
        "wire": _WIRES[wire],
        "giver": rng.choice(_GIVERS).format(place.name),
        "year": str(year),
        "city": place.name.lower(),
    }

    def value(key: str | None) -> str | None:
        return values.get(key, key) if key else None

    return PrintedCredit(pattern.format(**values), value(photographer), value(agency), value(giver), unscored)
