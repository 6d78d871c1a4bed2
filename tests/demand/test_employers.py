"""Who is one employer, and whose asking counts."""

from __future__ import annotations

import pytest
from flask import Flask

from demand.signals import IN_Q1, ask, employer
from skillsmatch.clock import now
from skillsmatch.database import keep
from skillsmatch.demand.disclosure import RECORD_KEYS
from skillsmatch.demand.domains import business_domain, domains_in, mailbox, provider_domains
from skillsmatch.demand.employers import NotAnEmployer, confirm_as_employer, employer_key, provider_digests
from skillsmatch.demand.models import EmployerKey
from skillsmatch.extensions import db
from skillsmatch.offers.models import Provider


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("firm.co.uk", "firm.co.uk"),
        ("mail.firm.co.uk", "firm.co.uk"),
        ("a.b.c.firm.com", "firm.com"),
        ("firm.uk", "firm.uk"),
        ("x1.firm.uk", "firm.uk"),
        ("it.uhl-tr.nhs.uk", "uhl-tr.nhs.uk"),
        ("www.leicester.gov.uk", "leicester.gov.uk"),
        ("oakwood.leicester.sch.uk", "oakwood.leicester.sch.uk"),
        ("mail.oakwood.leicester.sch.uk", "oakwood.leicester.sch.uk"),
        ("firm.com.au", "firm.com.au"),
        ("shop.firm.uk.com", "firm.uk.com"),
        ("FIRM.CO.UK.", "firm.co.uk"),
        ("localhost", "localhost"),
    ],
)
def test_a_business_is_known_by_its_registered_domain(host: str, domain: str) -> None:
    assert business_domain(host) == domain


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ann@firm.co.uk", "bob@sales.firm.co.uk", True),
        ("ann@firm.co.uk", "ann@firm.com", False),
        ("ann.smith@gmail.com", "annsmith+tag@googlemail.com", True),
        ("ann@hotmail.com", "ann+2@hotmail.com", True),
        ("ann@gmail.com", "bob@gmail.com", False),
        ("a@one.leicester.sch.uk", "a@two.leicester.sch.uk", False),
        ("", "", False),
    ],
)
def test_one_business_and_one_mailbox_is_one_employer(
    in_app: Flask, one: str, other: str, same: bool
) -> None:
    keys = keep(lambda: [employer_key(one, "r1").id, employer_key(other, "r2").id])

    assert (keys[0] == keys[1]) == same


def test_a_thousand_addresses_at_one_domain_are_one_employer(in_app: Flask) -> None:
    def work() -> set[int]:
        return {employer_key(f"user{n}@s{n}.attacker.example", f"r{n}").id for n in range(1000)}

    assert len(keep(work)) == 1


def test_record_keys_are_spread_over_all_there_are(in_app: Flask) -> None:
    def work() -> list[int]:
        return [employer_key(f"a@firm{n}.example", "r").record_key for n in range(400)]

    keys = keep(work)

    assert min(keys) < RECORD_KEYS // 8
    assert max(keys) >= RECORD_KEYS * 7 // 8
    assert len(set(keys)) > 300


def test_mailboxes_and_addresses_are_read_as_people_write_them() -> None:
    assert mailbox("Ann.Smith+x@GMAIL.com") == "annsmith@gmail.com"
    said = [
        "https://www.college.ac.uk/courses",
        "info@trainer.co.uk",
        "trainer.org",
        "x@gmail.com",
        "",
        "http://[",
    ]
    assert set(domains_in([*said, "https://facebook.com/us"])) == {
        "college.ac.uk",
        "trainer.co.uk",
        "trainer.org",
    }


def test_a_college_is_set_aside_by_its_ending_and_a_provider_by_its_addresses(in_app: Flask) -> None:
    def work() -> tuple[EmployerKey, EmployerKey, EmployerKey]:
        db.session.add(
            Provider(ukprn=10000001, name="Trainer", website="https://www.trainer.co.uk", email="x@gmail.com")
        )
        return tuple(employer_key(a, "r") for a in ("a@college.ac.uk", "b@trainer.co.uk", "c@firm.co.uk"))  # type: ignore[return-value]

    college, trainer, firm = keep(work)

    assert provider_domains() == {"trainer.co.uk"}
    assert college.provider
    assert trainer.digest in provider_digests()
    assert not firm.provider
    assert firm.digest not in provider_digests()


def test_confirming_an_employer_lets_all_it_asked_count_from_today(in_app: Flask) -> None:
    def work() -> dict[str, tuple[int, ...]]:
        unverified, college, known = employer(1), employer(2, provider=True), employer(3)
        signals = (
            ask(unverified, countable_at=None),
            ask(college),
            ask(known),
            ask(known, countable_at=None, suspect=True),
        )
        db.session.flush()
        return {"keys": (unverified.id, college.id, known.id), "signals": tuple(s.id for s in signals)}

    ids = keep(work)
    keep(lambda: [confirm_as_employer(key) for key in ids["keys"]])

    from skillsmatch.demand.models import DemandSignal

    moments = [db.session.get_one(DemandSignal, number).countable_at for number in ids["signals"]]
    assert moments == [now(), now(), IN_Q1, now()]
    assert all(db.session.get_one(EmployerKey, key).confirmed_at == now() for key in ids["keys"])


def test_an_employer_that_is_not_there_cannot_be_confirmed(in_app: Flask) -> None:
    with pytest.raises(NotAnEmployer, match="no employer with the key 77"):
        keep(lambda: confirm_as_employer(77))
