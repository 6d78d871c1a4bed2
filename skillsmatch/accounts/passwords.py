"""Passwords: kept as argon2id, checked in the same time for everybody, and refused where they are easily guessed."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from skillsmatch.accounts.models import Account

SHORTEST = 15  # characters (NIST SP 800-63B-4 for a password that stands alone)
LONGEST = 256  # characters; far above any pass phrase, and little enough to hash at once
LEFT = 6  # different characters that must be left once everything guessable is taken out
AT_ONCE = 2  # hashings at the same time in one process; each takes 19 MiB and about 20 ms of one core

# The OWASP cheat sheet's least for argon2id. `check_needs_rehash` brings older hashes up at the next sign-in.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_turns = threading.BoundedSemaphore(AT_ONCE)

# Words people begin with, our own short list: with what surrounds them taken away, little is left.
COMMON = (
    "password passcode passphrase passwort welcome letmein login admin administrator secret qwerty azerty iloveyou "
    "monkey dragon sunshine princess football liverpool arsenal chelsea leicester foxes england summer winter spring "
    "autumn january february march april june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday college training skills chamber changeme default master superman batman pokemon "
    "starwars michael jordan charlie thomas daniel jessica ashley hello computer internet whatever trustno freedom "
    "shadow baseball correct horse battery staple mustang please office company business teacher student"
).split()
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)
LOOKALIKES = str.maketrans("0134578@$!|+", "oieastbasilt")


def hash_password(password: str) -> str:
    """The password as argon2id."""
    with _turns:
        return HASHER.hash(_one_form(password))


@cache
def _nobodys() -> str:
    return hash_password("the password of nobody at all")


def password_fits(account: Account | None, password: str) -> bool:
    """Whether this is the account's password. For no account it takes the same time, and is False."""
    kept = account.password_hash if account and account.password_hash else ""
    try:
        with _turns:
            HASHER.verify(kept or _nobodys(), _one_form(password)[: LONGEST * 4])
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def bring_up_to_date(account: Account, password: str) -> None:
    """Hashes the password anew where the kept hash was made with other parameters."""
    if HASHER.check_needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)


def _one_form(password: str) -> str:
    """The same characters however a keyboard composes them."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())


def what_is_wrong(password: str, about: tuple[str, ...] = ()) -> str:
    """Why this password is refused, in words; "" where it is taken.

    `about` are words that belong to the person: the organisation's name, their own, their e-mail.
    No rule on capitals, digits or signs: length is what helps.
    """
    if len(password) < SHORTEST:
        return f"Use {SHORTEST} characters or more. Four or five words in a row are easy to remember"
    if len(password) > LONGEST:
        return f"Use {LONGEST} characters or fewer"
    if is_guessable(password, about):
        return (
            "Choose a password that is harder to guess. It should not be made of common words, your name, "
            "your organisation, or characters that repeat or follow each other"
        )
    return ""


def is_guessable(password: str, about: tuple[str, ...] = ()) -> bool:
    """True where little is left once common words, words about the person, runs, repeats and years are taken out."""
    plain = _one_form(password).casefold()
    own = {w for words in ("skillsmatch", *about) for w in re.findall(r"\w{4,}", words.casefold())}
    return any(_left(_without_runs(form), own) < LEFT for form in (plain, plain.translate(LOOKALIKES)))


def _left(words: str, own: set[str]) -> int:
    rest = _without_runs(words)
    for word in sorted(own.union(COMMON), key=len, reverse=True):
        rest = rest.replace(word, " ")
    rest = re.sub(r"(.+?)\1{2,}", r"\1", rest)  # said three times or more, it counts once
    rest = re.sub(r"(?:19|20)\d\d|\W|_", "", rest)
    return len(set(rest))


def _without_runs(words: str) -> str:
    """The words without runs of four or more along the alphabet, the digits or a row of keys, either way."""
    for row in (*ROWS, *(row[::-1] for row in ROWS)):
        start = 0
        while start + 4 <= len(row):
            end = len(row)
            while end - start >= 4:
                words = words.replace(row[start:end], " ")
                end -= 1
            start += 1
    return words
