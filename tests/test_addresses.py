"""Whole addresses: one rule for mails, feeds and open data, and one answer where the service's own is not known."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

import skillsmatch
from skillsmatch.addresses import NoAddress, whole_address

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_setting_goes_before_the_request_and_stands_for_the_root_of_the_service(app: Flask) -> None:
    app.config["BASE_URL"] = "https://firm.example/skills"

    with app.test_request_context("/", base_url="http://127.0.0.1/skills"):
        assert whole_address("offers.offer", offer_id=3) == "https://firm.example/skills/offers/3"
    with app.app_context():
        assert whole_address("offers.browse", q="a b") == "https://firm.example/skills/offers?q=a+b"


def test_without_the_setting_it_is_as_the_request_was_made(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://127.0.0.1:8000/skills"):
        assert whole_address("offers.offer", offer_id=3) == "http://127.0.0.1:8000/skills/offers/3"


def test_where_nothing_says_what_the_address_is_none_is_made_up(app: Flask) -> None:
    with app.app_context(), pytest.raises(NoAddress, match="SKILLSMATCH_BASE_URL is not set"):
        whole_address("offers.browse")


def test_there_is_one_rule(app: Flask) -> None:
    texts = {file: file.read_text() for file in Path(skillsmatch.__file__).parent.rglob("*.py")}
    makers = [file.name for file, text in texts.items() if re.search(r"_external=True|url_map\.bind", text)]

    assert makers == ["addresses.py"]
