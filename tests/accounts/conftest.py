"""A clock that a test moves, mails as they were posted, and forms as a browser sends them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from conftest import NOW
from flask import Flask
from sqlalchemy import select

from skillsmatch.extensions import db
from skillsmatch.mail.models import MailMessage


class Clock:
    """The service's clock; `on` moves it."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def on(self, **much: float) -> None:
        """Later by so much."""
        self.time += timedelta(**much)


@pytest.fixture
def clock(app: Flask) -> Clock:
    """The clock of `app`, to be moved."""
    app.config["CLOCK"] = moved = Clock()
    return moved


@pytest.fixture
def link_to(app: Flask) -> Callable[..., str]:
    """The path of the newest link of its kind ("invitations", "new-password", "new-email") mailed to an address."""

    def find(address: str, kind: str) -> str:
        with app.app_context():
            asked = select(MailMessage.body).where(MailMessage.to_address == address).order_by(MailMessage.id)
            found = [
                link
                for body in db.session.scalars(asked)
                for link in re.findall(rf"http\S*(/{kind}/\S+)", body)
            ]
        return found[-1]

    return find
