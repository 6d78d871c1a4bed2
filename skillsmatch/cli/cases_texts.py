"""What grouping and redaction are measured on: needs and sentences made from the package's own words, seeded."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

SEED = 23
FRAMES = (
    "{}", "{} training", "{} course", "we need {}", "{} for two people", "our team needs {}", "someone who can do {}",
    "{} as soon as possible", "{} for new starters", "looking for {} near Loughborough", "refresher in {}",
    "staff who know {}", "evening classes in {}", "nobody here can do {}, we want two people trained",
    "is there anything local on {}", "{} please, small firm in Hinckley",
)  # fmt: skip
TYPO_RATE = 0.15


@dataclass(frozen=True, slots=True)
class Said:
    """One made-up facet: its words, the theme they were made from, and which of its names."""

    text: str
    theme: str
    name: str


def own_facets(count: int, seed: int = SEED) -> list[Said]:
    """Made-up facets: names of themes, few of them often and many seldom, in everyday frames, some with a slip.

    The first of a larger run are those of a smaller one.
    """
    from skillsmatch.area.themes import load_themes

    chance = random.Random(seed)
    names = [(name, t.code) for t in load_themes().themes.values() for name in (t.name, *t.other_names)]
    chance.shuffle(names)
    weights = [1 / (1 + place) ** 0.7 for place in range(len(names))]
    made = []
    for name, theme in chance.choices(names, weights, k=count):
        made.append(Said(_slip(chance.choice(FRAMES).format(name), chance), theme, name))
    return made


def _slip(text: str, chance: random.Random) -> str:
    if len(text) < 6 or chance.random() > TYPO_RATE:
        return text
    place = chance.randrange(1, len(text) - 1)
    return text[:place] + text[place + 1 :]


# --- sentences with personal data in them ----------------------------------------------------------

LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"
SURNAMES = (
    "Patel Smith Khan Jones Singh Kaur Taylor Brown Begum Ahmed Nowak Kowalski Williams O'Brien McDonald Hussain "
    "Mistry Shah Chauhan Wright Walker Thompson Green Hall Wood Clarke Parmar Solanki Ali Mohammed Adeyemi Okafor "
    "Mensah Popescu Ionescu Wiśniewska Zielińska García da-Silva Van-Dyke Bhatt Desai Lad Odedra Thakrar Fletcher "
    "Baker Mason Cooper Carpenter Butcher Farmer Marsh Rivers Stone"
).split()
RARE_FIRST = (
    "Oluwaseun Chidi Xiaoming Yuki Dmitri Svetlana Thandiwe Kwame Nkechi Ionut Bogdan Zofia Wojciech Agnieszka "
    "Gurbachan Jasvinder Hemlata Dharmesh Mohsin Zulfiqar Aoife Siobhan Caoimhe Llywelyn Eluned Torquil"
).split()
BARE = (
    "two welders with coded tickets, BS EN ISO 9606-1, before 01.03.2027",
    "HGV class 2 for six drivers, nights, from 06:00 to 14:00",
    "18th edition 2382-22 update for 4 electricians",
    "ISO 17025 auditor, standard ST0123 or LARS 60312345",
    "level 3 team leading, 603/1234/5, for the office in LE10",
    "Sage 50 and Excel for three people in accounts, budget £1,200",
    "ASP.NET and C# developers who know SQL Server 2019",
    "English for 12 packers, Entry 2 to Level 1, Monday 7pm",
    "Will Power BI help us? Mark schemes for apprentices too",
    "forklift refresher B1 and D2, counterbalance and reach, site at M1 J21a",
    "COSHH, LOLER and PUWER for 30 people on 12-01-27 or 19-01-27",
    "food hygiene level 2 x12, Melton and Oadby, 1st or 2nd week of May",
    "AutoCAD, SolidWorks and Revit for a design office of 9",
    "first aid at work, 3 days, for 10 people; fire marshal for 4",
    "CNC setter who can program Fanuc 0i, 5 axis",
    "Rose pruning and hedge laying for the grounds team, May to August",
    "PRINCE2 Foundation, Six Sigma Green Belt, and Lean for managers",
    "grade 4 maths, GCSE or functional skills, for 7 apprentices",
    "we are a contact centre: customer service and call handling, 25 seats",
    "ask for quotes for IPAF 3a 3b and PASMA, two dates in June",
)
PREFIXES = (
    "{need}. {tail}", "{tail}. {need}", "Hi, {need}, {tail}", "{need} - {tail}, thanks", "{tail}\n{need}",
    "we want {need} ({tail})",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and each piece of personal data in it: the kind, and where it starts and ends."""

    text: str
    pieces: tuple[tuple[int, int, str], ...]


def sentences(count: int, seed: int = SEED) -> list[Sentence]:
    """Made-up sentences, a third of them with nothing personal, the rest with one piece or two."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        need = chance.choice(BARE)
        if number % 3 == 0:
            made.append(Sentence(need, ()))
            continue
        kinds = chance.sample(list(_WAYS), 1 + (chance.random() < 0.3))
        chosen = [chance.choice(_WAYS[kind]) for kind in kinds]
        marked = " and ".join(way.format(make(chance)) for way, make in chosen)
        text = chance.choice(PREFIXES).format(need=need, tail=marked)
        made.append(_read_marks(text, kinds))
    return made


def _read_marks(text: str, kinds: list[str]) -> Sentence:
    """The pieces stand between ‹ and ›, in the order of `kinds` (those in the sentence are in that order)."""
    pieces, plain, at = [], "", 0
    for kind, found in zip(kinds, re.finditer("‹(.*?)›", text), strict=True):
        plain += text[at : found.start()]
        pieces.append((len(plain), len(plain) + len(found[1]), kind))
        plain += found[1]
        at = found.end()
    return Sentence(plain + text[at:], tuple(pieces))


def _first(c: random.Random, rare: bool = False) -> str:
    from skillsmatch.cases.person_names import first_names

    return c.choice(RARE_FIRST) if rare else c.choice(sorted(first_names()[0])).title()


def _person(c: random.Random, rare: bool = False) -> str:
    first, last = _first(c, rare), c.choice(SURNAMES)
    return c.choice(
        (
            first,
            f"{first} {last}",
            f"{first} {last}",
            f"{first[0]} {last}",
            f"{first} {last}-{c.choice(SURNAMES)}",
        )
    )


def _digits(c: random.Random, count: int) -> str:
    return "".join(c.choice("0123456789") for _ in range(count))


def _phone(c: random.Random) -> str:
    mobile, land = _digits(c, 6), _digits(c, 7)
    lead = c.choice(("07700", "07911", "07456"))
    forms = (
        f"{lead} {mobile[:3]} {mobile[3:]}", f"{lead}{mobile}", f"{lead} {mobile}", f"{lead}-{mobile}",
        f"0116 {land[:3]} {land[3:]}", f"(0116) {land}", f"0116{land}", f"01509 {mobile}", f"01455-{mobile}",
        f"+44 {lead[1:]} {mobile}", f"+44 (0)116 {land[:3]} {land[3:]}", f"+44{lead[1:]}{mobile}",
        f"0044 {lead[1:]} {mobile}", f"{lead}.{mobile[:3]}.{mobile[3:]}", f"0116 {land[:3]} {land[3:]} ext {land[:3]}",
        f"{lead[:3]} {lead[3:]}{mobile[:2]} {mobile[2:]}", f"o{lead[1:]} {mobile[:3]} {mobile[3:]}",
        f"{lead[1:]} {mobile}",
    )  # fmt: skip
    return c.choice(forms)


def _mailbox(c: random.Random) -> str:
    name = f"{_first(c)}.{c.choice(SURNAMES)}".lower().replace("'", "").encode("ascii", "ignore").decode()
    host = c.choice(
        ("firm.co.uk", "smith-engineering.com", "gmail.com", "care.org.uk", "btinternet.com", "mill.uk")
    )
    user = c.choice((name, f"info+{_digits(c, 2)}", "office", f"j_{_digits(c, 3)}", name.replace(".", "-")))
    box = f"{user}@{host}"
    spoken = f"{user} at {host.replace('.', ' dot ')}"
    return c.choice(
        (
            box,
            box,
            box.upper(),
            box,
            f"{user} (at) {host.replace('.', ' (dot) ')}",
            f"{user}[at]{host}",
            spoken,
        )
    )


def _insurance(c: random.Random) -> str:
    front, number, end = "".join(c.choices("ABCEGHJKLMNOPRSTWXYZ", k=2)), _digits(c, 6), c.choice("ABCD")
    spaced = f"{front} {number[:2]} {number[2:4]} {number[4:]} {end}"
    return c.choice(
        (front + number + end, spaced, spaced.lower(), spaced.replace(" ", "-"), f"{front} {number} {end}")
    )


def _postcode(c: random.Random) -> str:
    outward = c.choice(
        (
            f"LE{c.randint(1, 67)}",
            f"DE{c.randint(1, 75)}",
            f"B{c.randint(1, 98)}",
            f"NG{c.randint(1, 25)}",
            "SW1A",
            "EC2V",
        )
    )
    inward = c.choice("0123456789") + "".join(c.choices("ABDEFGHJLNPQRSTUWXYZ", k=2))
    whole = f"{outward} {inward}"
    return c.choice(
        (whole, whole, outward + inward, whole.lower(), f"{outward}  {inward}", (outward + inward).lower())
    )


def _card(c: random.Random) -> str:
    number = "4" + _digits(c, 14)
    doubled = sum(d if i % 2 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(map(int, number)))
    whole = number + str(-doubled % 10)
    grouped = " ".join(whole[i : i + 4] for i in range(0, 16, 4))
    return c.choice((whole, grouped, grouped.replace(" ", "-")))


def _handle(c: random.Random) -> str:
    plain = "".join(sign for sign in c.choice(SURNAMES).lower() if sign.isascii() and sign.isalpha())
    return c.choice((f"@the{plain}works", f"@firm_{_digits(c, 3)}"))


def _link(c: random.Random) -> str:
    number = _digits(c, 2)
    return c.choice((f"https://www.firm{number}.co.uk/jobs", f"www.mill{number}.com", f"works{number}.co.uk"))


def _bank(c: random.Random) -> str:
    return c.choice((_card(c), f"{_digits(c, 2)}-{_digits(c, 2)}-{_digits(c, 2)}"))


def _first_and_last(c: random.Random) -> str:
    return f"{_first(c)} {c.choice(SURNAMES)}"


def _rare_person(c: random.Random) -> str:
    return _person(c, rare=True)


def _rare_first(c: random.Random) -> str:
    return _first(c, rare=True)


def _surname(c: random.Random) -> str:
    return c.choice(SURNAMES)


Maker = Callable[[random.Random], str]
# For each kind how it is led up to, with ‹{}› where the piece stands, and what makes the piece.
_WAYS: dict[str, tuple[tuple[str, Maker], ...]] = {
    "e-mail": tuple((w, _mailbox) for w in ("mail ‹{}›", "my address is ‹{}›", "‹{}›")),
    "phone": tuple((w, _phone) for w in ("ring ‹{}›", "my number is ‹{}›", "tel: ‹{}›", "‹{}› after 5pm")),
    "NI number": tuple((w, _insurance) for w in ("NI number ‹{}›", "‹{}› is on the form")),
    "postcode": tuple((w, _postcode) for w in ("we are at ‹{}›", "postcode ‹{}›", "‹{}›, by the ring road")),
    "link": tuple((w, _link) for w in ("see ‹{}›", "‹{}› has more", "our site is ‹{}›")),
    "handle": tuple((w, _handle) for w in ("message ‹{}›", "we are ‹{}›")),
    "bank details": tuple((w, _bank) for w in ("sort code or card: ‹{}›", "our bank's sort code is ‹{}›")),
    "name": (
        *(
            (w, _person)
            for w in ("ask for ‹{}›", "speak to ‹{}› about it", "regards, ‹{}›", "my name is ‹{}›")
        ),
        ("contact Mr ‹{}›", _surname),
        ("‹{}› runs the yard", _first_and_last),
        *((w, _first) for w in ("‹{}› in the office knows", "it is for ‹{}› on nights")),
        ("ring ‹{}›", lambda c: _first(c).lower()),
    ),
    "name, not listed": (
        *((w, _rare_person) for w in ("ask for ‹{}›", "speak to ‹{}› about it", "regards, ‹{}›")),
        ("‹{}› runs the yard", lambda c: f"{_first(c, rare=True)} {_surname(c)}"),
        ("‹{}› in the office knows", _rare_first),
        ("‹{}› asked for it", _surname),
    ),
    "name, in passing": (
        *((w, _rare_first) for w in ("it was ‹{}›'s idea", "the same as ‹{}› did last year", "‹{}› is keen")),
        ("we would send ‹{}› and one other", _rare_first),
        ("‹{}›, our best welder, is going", _rare_first),
    ),
}
