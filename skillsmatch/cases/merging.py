"""Employers that may be one firm: suggested by name, web domain and postcode; an officer decides, and can undo it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from rapidfuzz import fuzz, process
from sqlalchemy import select

from skillsmatch.cases.firm_names import domain_stem, loose_name, trading_name
from skillsmatch.cases.gathering_models import KnownBusiness, business_is_here
from skillsmatch.demand.domains import domains_in
from skillsmatch.demand.merging import roots_of
from skillsmatch.demand.models import DemandSignal, EmployerPair
from skillsmatch.extensions import db
from skillsmatch.needs.models import Facet, Need, is_here

# Points of 100 by which two names are alike (RapidFuzz, words in any order). With 86, "Acme Packging" is found for
# "Acme Packaging", and with the same postcode district it is worth an officer's look; far apart it takes 97.
ALIKE, NEARLY_EQUAL, FAINT = 86, 97, 70
SAME_PLACE, SAME_WEB = (
    10,
    20,
)  # points for what else speaks for it; only the order of the list depends on them
AT_ONCE = 500  # names held against all others of their block at once; bounds the memory
FIRST_LETTERS = (
    4  # names that begin so are compared; others only where they share a postcode district or a web name
)


@dataclass
class Firm:
    """All that is known of one employer: the names it gave or the Chamber has, its domains and places."""

    key: int  # the one it counts as
    names: dict[str, None] = field(default_factory=dict)  # in the order of coming, each once
    domains: dict[str, None] = field(default_factory=dict)
    outcodes: dict[str, None] = field(default_factory=dict)
    needs: int = 0  # that it has asked and that still stand
    listed: bool = False  # on the Chamber's list
    member: bool = False

    @property
    def name(self) -> str:
        """What a page calls it."""
        return next(iter(self.names), f"Employer {self.key}")


@dataclass(frozen=True)
class Suggestion:
    """Two that may be one, and what speaks for it, in words."""

    one: Firm
    other: Firm
    points: int
    why: tuple[str, ...]


def known_firms() -> dict[int, Firm]:
    """Every employer of which a name or domain is known, by the key it counts as. Reads employers' rows."""
    asked = (
        select(Need.id, Need.business_name, Need.email, Need.outcode, DemandSignal.employer_key_id)
        .join(Facet, Facet.need_id == Need.id)
        .join(DemandSignal, DemandSignal.id == Facet.signal_id)
        .where(Need.status == "open", Need.text != "", is_here(), Need.suspect.is_(False))
        .where((Need.business_name != "") | (Need.email != ""))
        .order_by(Need.id)
        .distinct()
    )
    needs = db.session.execute(asked).all()
    listed = list(
        db.session.scalars(select(KnownBusiness).where(business_is_here()).order_by(KnownBusiness.id))
    )
    roots = roots_of({need.employer_key_id for need in needs} | {one.employer_key_id for one in listed})
    firms: dict[int, Firm] = {}
    for need in needs:
        firm = firms.setdefault(roots[need.employer_key_id], Firm(roots[need.employer_key_id]))
        firm.needs += 1
        _add(
            firm,
            need.business_name,
            *domains_in([need.email] if "@" in need.email else []),
            outcode=need.outcode,
        )
    for one in listed:
        firm = firms.setdefault(roots[one.employer_key_id], Firm(roots[one.employer_key_id]))
        firm.listed, firm.member = True, firm.member or one.member
        _add(firm, one.name, one.domain, outcode=one.outcode)
    return firms


def _add(firm: Firm, name: str, *domains: str, outcode: str) -> None:
    if name:
        firm.names[name] = None
    firm.domains.update(dict.fromkeys(filter(None, domains)))
    if outcode:
        firm.outcodes[outcode] = None


def suggestions(firms: Mapping[int, Firm] | None = None) -> list[Suggestion]:
    """Pairs that may be one firm, the likeliest first. Of each pair at least one has asked for something.

    Pairs that an officer has decided on are left out.
    """
    known = known_firms() if firms is None else firms
    asked = {key for key, firm in known.items() if firm.needs}
    pairs = {pair for pair in _near(known.values()) if pair[0] in asked or pair[1] in asked}
    made = (compare(known[one], known[other]) for one, other in pairs - _decided(known))
    return sorted(filter(None, made), key=lambda s: (-s.points, s.one.key, s.other.key))


def _near(firms: Iterable[Firm]) -> set[tuple[int, int]]:
    """The pairs that `compare` can find alike: of one web name, or of one place or beginning and alike in name."""
    webs: dict[str, set[int]] = defaultdict(set)
    named: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))  # by mark, each name's firms
    for firm in firms:
        for domain in firm.domains:
            webs[domain_stem(domain)].add(firm.key)
        for name in firm.names:
            plain = loose_name(name).replace(" ", "")
            webs[plain].add(firm.key)
            for mark in (f"name {plain[:FIRST_LETTERS]}", *(f"place {code}" for code in firm.outcodes)):
                for one in _names_of(name):
                    named[mark][one].add(firm.key)
    pairs = {pair for keys in webs.values() for pair in combinations(sorted(keys), 2)}
    for names in named.values():
        pairs.update(_alike_among(names))
    return pairs


def _alike_among(names: Mapping[str, set[int]]) -> Iterator[tuple[int, int]]:
    """Pairs of firms with names alike by ALIKE points. All names at once and not pair by pair: 30 times as quick."""
    words = list(names)
    for start in range(0, len(words), AT_ONCE):
        some = words[start : start + AT_ONCE]
        points = process.cdist(some, words, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE - 0.5)
        for row, column in zip(*points.nonzero(), strict=True):
            for one in names[some[row]]:
                for other in names[words[column]]:
                    if one != other:
                        yield min(one, other), max(one, other)


def compare(one: Firm, other: Firm) -> Suggestion | None:
    """The suggestion that these two are one, with what speaks for it; None where too little does."""
    alike = max((_alike(a, b) for a in one.names for b in other.names), default=0)
    domains = one.domains.keys() & other.domains.keys()
    stems = {domain_stem(d) for d in one.domains} & {domain_stem(d) for d in other.domains}
    places = one.outcodes.keys() & other.outcodes.keys()
    apart = bool(one.domains and other.domains and not stems)  # each has a web name of its own
    web_is_name = not apart and (_web_is_name(one, other) or _web_is_name(other, one))
    web = bool(domains or stems or web_is_name)
    enough = (
        bool(domains)
        or (alike >= NEARLY_EQUAL and not apart)
        or (alike >= ALIKE and (places or web))
        or (web and (alike >= FAINT or not one.names or not other.names))
    )
    if not enough:
        return None
    why = [f"names alike: {alike} of 100"] if alike >= FAINT else []
    why += [f"same web domain {d}" for d in sorted(domains)]
    why += [f"web names alike: {s}" for s in sorted(stems)] if not domains else []
    why += ["the web name of one is the name of the other"] if web_is_name else []
    why += [f"same postcode district {code}" for code in sorted(places)]
    return Suggestion(one, other, alike + SAME_PLACE * bool(places) + SAME_WEB * web, tuple(why))


def _alike(one: str, other: str) -> int:
    return round(max(fuzz.token_sort_ratio(a, b) for a in _names_of(one) for b in _names_of(other)))


def _names_of(name: str) -> list[str]:
    return [*filter(None, (loose_name(name), trading_name(name)))]


def _web_is_name(one: Firm, other: Firm) -> bool:
    stems = {domain_stem(domain) for domain in one.domains}
    return any(loose_name(name).replace(" ", "") in stems for name in other.names)


def _decided(firms: Mapping[int, Firm]) -> set[tuple[int, int]]:
    """Pairs that were said to be different, by the keys they count as now."""
    apart = db.session.execute(
        select(EmployerPair.key_id, EmployerPair.other_id).where(
            EmployerPair.undone_at.is_(None), EmployerPair.same.is_(False)
        )
    ).tuples()
    pairs = list(apart)
    roots = roots_of({key for pair in pairs for key in pair})
    return {(min(roots[a], roots[b]), max(roots[a], roots[b])) for a, b in pairs}


def decisions(limit: int) -> list[EmployerPair]:
    """The decisions that stand, the latest first."""
    standing = select(EmployerPair).where(EmployerPair.undone_at.is_(None))
    return list(db.session.scalars(standing.order_by(EmployerPair.id.desc()).limit(limit)))


def names_by_key(keys: Iterable[int]) -> dict[int, str]:
    """A name for each key, where one is known: of the list first, else of its latest need that stands."""
    wanted = set(keys)
    named = (
        select(DemandSignal.employer_key_id, Need.business_name)
        .join(Facet, Facet.signal_id == DemandSignal.id)
        .join(Need, Need.id == Facet.need_id)
        .where(DemandSignal.employer_key_id.in_(wanted), Need.business_name != "", Need.status == "open")
        .where(is_here())
        .order_by(Need.id)
    )
    listed = select(KnownBusiness.employer_key_id, KnownBusiness.name)
    listed = listed.where(KnownBusiness.employer_key_id.in_(wanted), business_is_here())
    return dict([*db.session.execute(named).tuples(), *db.session.execute(listed).tuples()])
