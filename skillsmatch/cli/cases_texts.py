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
    makers = [(kind, make) for kind, ways in _MAKERS.items() for make in ways]
    by_kind = {kind: [make for of, make in makers if of == kind] for kind in _MAKERS}
    made = []
    for number in range(count):
        need = chance.choice(BARE)
        if number % 3 == 0:
            made.append(Sentence(need, ()))
            continue
        kinds = chance.sample(list(_MAKERS), 1 + (chance.random() < 0.3))
        marked = " and ".join(chance.choice(by_kind[kind])(chance) for kind in kinds)
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
    from skillsmatch.cases.redaction import first_names

    return c.choice(RARE_FIRST) if rare else c.choice(sorted(first_names()[0])).title()


def _person(c: random.Random, rare: bool = False) -> str:
    first, last = _first(c, rare), c.choice(SURNAMES)
    return c.choice((first, f"{first} {last}", f"{first} {last}", f"{first[0]} {last}", f"{first} {last}-{c.choice(SURNAMES)}"))


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
        f"{lead[:3]} {lead[3:]}{mobile[:2]} {mobile[2:]}", f"o{lead[1:]} {mobile[:3]} {mobile[3:]}", f"{lead[1:]} {mobile}",
    )  # fmt: skip
    return c.choice(forms)


def _mailbox(c: random.Random) -> str:
    name = f"{_first(c)}.{c.choice(SURNAMES)}".lower().replace("'", "").encode("ascii", "ignore").decode()
    host = c.choice(("firm.co.uk", "smith-engineering.com", "gmail.com", "care.org.uk", "btinternet.com", "mill.uk"))
    user = c.choice((name, f"info+{_digits(c, 2)}", "office", f"j_{_digits(c, 3)}", name.replace(".", "-")))
    box = f"{user}@{host}"
    spoken = f"{user} at {host.replace('.', ' dot ')}"
    return c.choice((box, box, box.upper(), box, f"{user} (at) {host.replace('.', ' (dot) ')}", f"{user}[at]{host}", spoken))


def _insurance(c: random.Random) -> str:
    front, number, end = "".join(c.choices("ABCEGHJKLMNOPRSTWXYZ", k=2)), _digits(c, 6), c.choice("ABCD")
    spaced = f"{front} {number[:2]} {number[2:4]} {number[4:]} {end}"
    return c.choice((front + number + end, spaced, spaced.lower(), spaced.replace(" ", "-"), f"{front} {number} {end}"))


def _postcode(c: random.Random) -> str:
    outward = c.choice((f"LE{c.randint(1, 67)}", f"DE{c.randint(1, 75)}", f"B{c.randint(1, 98)}", f"NG{c.randint(1, 25)}", "SW1A", "EC2V"))
    inward = c.choice("0123456789") + "".join(c.choices("ABDEFGHJLNPQRSTUWXYZ", k=2))
    whole = f"{outward} {inward}"
    return c.choice((whole, whole, outward + inward, whole.lower(), f"{outward}  {inward}", (outward + inward).lower()))


def _card(c: random.Random) -> str:
    number = "4" + _digits(c, 14)
    doubled = sum(d if i % 2 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(map(int, number)))
    whole = number + str(-doubled % 10)
    grouped = " ".join(whole[i : i + 4] for i in range(0, 16, 4))
    return c.choice((whole, grouped, grouped.replace(" ", "-")))


Maker = Callable[[random.Random], str]
_MAKERS: dict[str, tuple[Maker, ...]] = {
    "e-mail": (lambda c: f"mail ‹{_mailbox(c)}›", lambda c: f"my address is ‹{_mailbox(c)}›", lambda c: f"‹{_mailbox(c)}›"),
    "phone": (lambda c: f"ring ‹{_phone(c)}›", lambda c: f"my number is ‹{_phone(c)}›", lambda c: f"tel: ‹{_phone(c)}›", lambda c: f"‹{_phone(c)}› after 5pm"),
    "NI number": (lambda c: f"NI number ‹{_insurance(c)}›", lambda c: f"‹{_insurance(c)}› is on the form"),
    "postcode": (lambda c: f"we are at ‹{_postcode(c)}›", lambda c: f"postcode ‹{_postcode(c)}›", lambda c: f"‹{_postcode(c)}›, by the ring road"),
    "link": (lambda c: f"see ‹https://www.firm{_digits(c, 2)}.co.uk/jobs›", lambda c: f"‹www.mill{_digits(c, 2)}.com› has more", lambda c: f"our site is ‹works{_digits(c, 2)}.co.uk›"),
    "handle": (lambda c: f"message ‹@firm_{_digits(c, 3)}›", lambda c: f"we are ‹@the{c.choice(SURNAMES).lower().encode('ascii', 'ignore').decode().replace(chr(39), '').replace('-', '')}works›"),
    "bank details": (lambda c: f"pay with ‹{_card(c)}›", lambda c: f"sort code ‹{_digits(c, 2)}-{_digits(c, 2)}-{_digits(c, 2)}›"),
    "name": (
        lambda c: f"ask for ‹{_person(c)}›",
        lambda c: f"speak to ‹{_person(c)}› about it",
        lambda c: f"regards, ‹{_person(c)}›",
        lambda c: f"contact Mr ‹{c.choice(SURNAMES)}›",
        lambda c: f"‹{_first(c)} {c.choice(SURNAMES)}› runs the yard",
        lambda c: f"‹{_first(c)}› in the office knows",
        lambda c: f"ring ‹{_first(c).lower()}›",
        lambda c: f"it is for ‹{_first(c)}› on nights",
        lambda c: f"my name is ‹{_person(c)}›",
    ),
    "name, not listed": (
        lambda c: f"ask for ‹{_person(c, True)}›",
        lambda c: f"speak to ‹{_person(c, True)}› about it",
        lambda c: f"regards, ‹{_person(c, True)}›",
        lambda c: f"‹{_first(c, True)} {c.choice(SURNAMES)}› runs the yard",
        lambda c: f"‹{_first(c, True)}› in the office knows",
        lambda c: f"‹{c.choice(SURNAMES)}› asked for it",
    ),
}  # fmt: skip
