"""Signs of a campaign: what an officer is told before a release is published."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from demand.signals import ask, employer
from demand.test_officers_pages import number_of
from skillsmatch.accounts.roles import Role
from skillsmatch.database import keep
from skillsmatch.demand.campaigns import Asked, asked_in, campaign_told, signs
from skillsmatch.demand.periods import read_period
from tests.accounts.signing import sign_in
from tests.demand.releasing import DRAFT, text_of


@pytest.mark.parametrize(
    ("asked", "before", "told"),
    [
        (Asked(25, 5), 16, 0),  # 28 would be three sigmas
        (Asked(29, 5), 16, 1),
        (Asked(9, 9), 0, 0),  # too small to be shown
        (Asked(20, 12), 20, 0),
        (Asked(20, 13), 20, 1),
        (Asked(12, 0, 8), 12, 0),
        (Asked(12, 0, 9), 12, 1),
        (Asked(40, 40, 40), 4, 3),
    ],
)
def test_a_theme_has_a_sign_where_it_jumps_is_full_of_free_mailboxes_or_unproved(
    asked: Asked, before: int, told: int
) -> None:
    found = signs({"A": asked}, {"A": Asked(before)})

    assert sum(len(sign.words) for sign in found) == told


def test_without_a_period_before_nothing_jumps() -> None:
    assert signs({"A": Asked(50, 5)}, {}) == []


def test_employers_are_counted_once_by_theme_with_those_left_out(in_app: Flask) -> None:
    def work() -> None:
        for n in range(1, 6):
            key = employer(n)
            key.basis = "email" if n < 3 else "domain"
            ask(key)
            ask(key)
        ask(employer(6), suspect=True)
        ask(employer(7), countable_at=None)
        ask(employer(8), theme="CON-ROOF")

    keep(work)

    found = asked_in(read_period("2026Q1", 4))

    assert found["CON-BRICK"] == Asked(5, 2, 2)
    assert found["CON-ROOF"] == Asked(1, 0, 0)


def test_most_campaigns_that_would_show_have_a_sign_and_few_honest_themes_do() -> None:
    told = [campaign_told(20, usual, seed) for usual in (5, 10, 20, 30) for seed in range(50)]

    assert sum(with_it for with_it, _ in told) > 0.9 * len(told)
    assert sum(without for _, without in told) < 0.05 * len(told)


def test_an_officer_is_led_from_the_draft_to_its_signs(released: Flask, officer: FlaskClient) -> None:
    number = number_of(released, DRAFT)
    where = f"/demand/releases/{number}/campaigns"

    assert where in text_of(officer, f"/demand/releases/{number}")
    assert "Signs of a campaign" in text_of(officer, where)
    reader = released.test_client()
    sign_in(reader, released, Role.COLLEGE, organisation="Soar College")
    assert reader.get(where).status_code == 403
