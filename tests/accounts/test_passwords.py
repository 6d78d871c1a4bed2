"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import re
import threading

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from skillsmatch.accounts import passwords
from skillsmatch.accounts.models import Account
from skillsmatch.accounts.passwords import (
    HASHER,
    LONGEST,
    SHORTEST,
    bring_up_to_date,
    hash_password,
    password_fits,
    what_is_wrong,
)

PERSON = ("Priya Nair", "priya.nair@forge-training.co.uk", "Forge Training Limited")

TAKEN = [
    "violet anchors over nine rivers",
    "correct horse battery staple ovens glide",
    "zT7#kp!mQ2vX9&w",
    "ein langes deutsches Passwort mit Würde",
    "пароль из многих разных слов",
    "     spaces count as characters too     ",
    "a" * 3 + " quick brown fox jumped over",
]
GUESSED = [
    "passwordpassword",
    "Password12345678",
    "P@ssw0rd!P@ssw0rd!",
    "123456789012345",
    "qwertyuiopasdfghjkl",
    "1qaz2wsx3edc4rfv",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcabcabcabcabcabc",
    "abcdefghijklmnopqrst",
    "leicester leicester 2026",
    "letmeinletmein2026!!",
    "Welcome to skillsmatch",
    "forgetraining2026!!!!",
    "priya.nair@forge-training.co.uk",
    "Summer2026Summer2026",
    "iloveyouiloveyou1234",
    "1111111111222222222233333",
    "college-admin-2026!",
    "zxcvbnmzxcvbnmzxcvbnm",
    "9876543210987654",
    "correcthorsebatterystaple",
]


@pytest.mark.parametrize("password", TAKEN)
def test_a_long_password_that_is_not_common_is_taken(password: str) -> None:
    assert what_is_wrong(password, PERSON) == ""


@pytest.mark.parametrize("password", GUESSED)
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    assert "harder to guess" in what_is_wrong(password, PERSON)


def test_length_is_told_in_characters() -> None:
    assert str(SHORTEST) in what_is_wrong("violet anchors"[: SHORTEST - 1])
    assert what_is_wrong("violet anchor s") == ""
    assert str(LONGEST) in what_is_wrong("violet anchors " * 20)
    assert what_is_wrong(("violet anchors over nine rivers " * 8)[:LONGEST]) == ""


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_whatever_is_typed_gets_an_answer(password: str) -> None:
    assert isinstance(what_is_wrong(password, PERSON), str)


@settings(max_examples=300, deadline=None)
@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=22, max_size=40))
def test_letters_at_random_are_taken(password: str) -> None:
    if len(set(password)) >= 12:
        assert what_is_wrong(password, PERSON) == ""


def test_a_password_is_kept_as_argon2id_of_the_agreed_size() -> None:
    kept = hash_password("violet anchors over nine rivers")

    assert re.match(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$", kept)
    assert "violet" not in kept
    assert hash_password("violet anchors over nine rivers") != kept


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec=None), min_size=1, max_size=LONGEST))
def test_what_was_typed_fits_and_nothing_else(password: str) -> None:
    account = Account(password_hash=hash_password(password))

    assert password_fits(account, password)
    assert not password_fits(account, password + "x")


def test_a_password_fits_however_the_keyboard_composes_it() -> None:
    account = Account(password_hash=hash_password("Wu\u0308rde und viele Wörter"))

    assert password_fits(account, "W\u00fcrde und viele Wo\u0308rter")


def test_nobody_costs_the_same_hashing_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []

    class Counting:
        def verify(self, kept: str, _password: str) -> bool:
            looked_at.append(re.findall(r"m=\d+,t=\d+,p=\d+", kept))
            return HASHER.verify(kept, _password)

    somebody = Account(password_hash=hash_password("violet anchors over nine rivers"))
    passwords._nobodys()
    monkeypatch.setattr(passwords, "HASHER", Counting())

    assert not password_fits(None, "wrong")
    assert not password_fits(Account(password_hash=""), "wrong")
    assert not password_fits(somebody, "wrong")
    assert looked_at == [["m=19456,t=2,p=1"]] * 3


def test_the_password_of_nobody_opens_nothing() -> None:
    assert not password_fits(None, "the password of nobody at all")
    assert not password_fits(Account(password_hash=""), "the password of nobody at all")


def test_an_older_hash_is_brought_up_to_date() -> None:
    from argon2 import PasswordHasher

    older = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("violet anchors over nine rivers")
    account = Account(password_hash=older)

    bring_up_to_date(account, "violet anchors over nine rivers")

    assert account.password_hash != older
    assert "m=19456" in account.password_hash
    assert password_fits(account, "violet anchors over nine rivers")


def test_at_most_two_are_hashed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now, most, both = 0, 0, threading.Barrier(2)
    counting = threading.Lock()

    class Slow:
        def hash(self, _password: str) -> str:
            nonlocal now, most
            with counting:
                now += 1
                most = max(most, now)
            both.wait(timeout=20)  # goes on only once two are in at the same time
            with counting:
                now -= 1
            return "hashed"

    monkeypatch.setattr(passwords, "HASHER", Slow())
    threads = [threading.Thread(target=hash_password, args=("x",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 2


def test_the_derived_keys_differ_by_purpose_and_by_secret_key(app: Flask) -> None:
    from skillsmatch.accounts.keys import key_for, keys_for

    app.config["SECRET_KEY_FALLBACKS"] = ["an older key that was used before this one"]
    with app.app_context():
        made = [key for purpose in ("audit log", "second step", "limits") for key in keys_for(purpose)]
        assert len(set(made)) == 6
        assert key_for("audit log") == made[0]
        assert app.config["SECRET_KEY"].encode() not in made
