"""`flask matching explain`: what each signal gave an offer."""

from __future__ import annotations

import json
import re

from flask import Flask


def test_the_shares_that_are_shown_sum_to_the_score(service: Flask) -> None:
    # given the first offer for a need
    run = service.test_cli_runner()
    found = json.loads(run.invoke(args=["needs", "match", "forklift licence", "--json"]).stdout)
    offer = str(found["offers"][0]["id"])

    # when it is explained
    told = run.invoke(args=["matching", "explain", "forklift licence", "--offer", offer])

    # then it stands first, and its shares sum to its score but for rounding
    assert told.exit_code == 0
    numbers = [float(number) for number in re.findall(r"[+-]\d\.\d{4}", told.stdout)]
    assert abs(sum(numbers[:-1]) - numbers[-1]) < 0.0005
    assert "place 1," in told.stdout


def test_an_offer_that_is_not_there_is_not_explained(service: Flask) -> None:
    told = service.test_cli_runner().invoke(args=["matching", "explain", "welding", "--offer", "none"])
    assert told.exit_code == 0
    assert "not found for this need" in told.stdout
