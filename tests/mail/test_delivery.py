"""Delivery against a real mail server on this machine: up, down, silent, refusing, and none at all."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socket
import ssl
import stat
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from conftest import NOW
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import delete, select

from skillsmatch.database import keep
from skillsmatch.extensions import db
from skillsmatch.mail import delivery
from skillsmatch.mail.delivery import CLAIM_MINUTES, FIRST_WAIT, TRIES, deliver
from skillsmatch.mail.models import MailMessage
from skillsmatch.mail.outbox import post
from skillsmatch.texts import history
from skillsmatch.texts.catalogue import TEXTS
from skillsmatch.texts.reading import letter


class Letterbox:
    """A mail server's memory. `answer` is what it says to every message."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer = "250 taken"

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:
        if self.answer.startswith("250"):
            content = envelope.content  # type: ignore[attr-defined]
            self.taken.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
        return self.answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def letterbox(in_app: Flask) -> Iterator[Letterbox]:
    """A running mail server that the service under test sends to."""
    box = Letterbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    in_app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=controller.port, SMTP_TLS="none")
    yield box
    controller.stop()


def wait_for_delivery(*keys: str) -> None:
    def put() -> None:
        for key in keys:
            post(key, "owner@firm.example", f"About {key}", f"The café's link for {key}.")

    keep(put)


def standing(key: str) -> MailMessage:
    db.session.rollback()
    return db.session.scalars(select(MailMessage).where(MailMessage.key == key)).one()


def set_clock(app: Flask, after: timedelta) -> None:
    app.config["CLOCK"] = lambda: NOW + after


def test_a_waiting_message_reaches_the_server_once_and_its_words_are_dropped(
    in_app: Flask, letterbox: Letterbox
) -> None:
    wait_for_delivery("verify/1")

    first, second = deliver(), deliver()

    assert (first, second) == ((1, 0), (0, 0))
    (taken,) = letterbox.taken
    assert taken["To"] == "owner@firm.example"
    assert taken["Subject"] == "About verify/1"
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken.get_content().strip() == "The café's link for verify/1."
    message = standing("verify/1")
    assert (message.sent_at, message.body, message.attempts) == (NOW, "", 1)


def test_the_chambers_own_words_reach_the_server_and_bring_no_header_of_their_own(
    in_app: Flask, letterbox: Letterbox
) -> None:
    text = TEXTS["accounts.reset"]
    subject, body = "New password –\r\nBcc: all@firm.example {name}", "Dear {name}: <b>press</b> {link}\n.\nBye"
    typed = history.cleaned(subject, body)
    keep(lambda: history.save(text, typed, 0, None))

    def put() -> None:
        mail = letter("accounts.reset", name="Zoë\nCc: x@firm.example", link="https://x.example/1", minutes=60)
        post("reset-1", "owner@firm.example", mail.subject, mail.body)

    keep(put)
    deliver()

    (taken,) = letterbox.taken
    assert taken["Subject"] == "New password – Bcc: all@firm.example Zoë Cc: x@firm.example"
    assert taken["Bcc"] is taken["Cc"] is None and taken["To"] == "owner@firm.example"
    assert taken.get_content_type() == "text/plain"
    came = taken.get_content().replace("\r\n", "\n")
    assert "<b>press</b> https://x.example/1\n.\nBye" in came


def test_messages_leave_in_the_order_they_came(in_app: Flask, letterbox: Letterbox) -> None:
    wait_for_delivery("first", "second", "third")

    deliver()

    assert [m["Subject"] for m in letterbox.taken] == ["About first", "About second", "About third"]


def test_a_message_set_for_later_waits_until_then(in_app: Flask, letterbox: Letterbox) -> None:
    wait_for_delivery("later")
    keep(lambda: setattr(standing_unread("later"), "send_after", NOW + timedelta(hours=1)))

    assert deliver() == (0, 0)
    set_clock(in_app, timedelta(hours=1))
    assert deliver() == (1, 0)


def standing_unread(key: str) -> MailMessage:
    return db.session.scalars(select(MailMessage).where(MailMessage.key == key)).one()


def test_a_server_that_is_down_costs_no_message_and_is_tried_again(
    in_app: Flask, letterbox: Letterbox
) -> None:
    up = in_app.config["SMTP_PORT"]
    in_app.config["SMTP_PORT"] = free_port()  # nobody listens there
    wait_for_delivery("verify/1")

    assert deliver() == (0, 1)
    message = standing("verify/1")
    assert message.sent_at is None
    assert message.send_after == NOW + FIRST_WAIT
    assert "ConnectionRefusedError" in message.last_error

    in_app.config["SMTP_PORT"] = up
    assert deliver() == (0, 0), "it is tried again later, not at once"
    set_clock(in_app, FIRST_WAIT)
    assert deliver() == (1, 0)
    assert len(letterbox.taken) == 1


def test_a_server_that_never_answers_is_left_after_the_time_limit(
    in_app: Flask, letterbox: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        in_app.config["SMTP_PORT"] = silent.getsockname()[1]
        wait_for_delivery("verify/1")

        assert deliver() == (0, 1)

    assert "timed out" in standing("verify/1").last_error


def test_a_message_the_server_refuses_does_not_hold_up_the_others(
    in_app: Flask, letterbox: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse_the_first(_server: object, _session: object, envelope: object) -> str:
        content = envelope.content  # type: ignore[attr-defined]
        if b"About bad" in content:
            return "554 5.7.1 not wanted here"
        letterbox.taken.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 taken"

    monkeypatch.setattr(letterbox, "handle_DATA", refuse_the_first)
    wait_for_delivery("bad", "good")

    assert deliver() == (1, 1)
    assert "not wanted here" in standing("bad").last_error
    assert [m["Subject"] for m in letterbox.taken] == ["About good"]


def test_an_address_that_cannot_be_written_does_not_hold_up_the_others(
    in_app: Flask, letterbox: Letterbox
) -> None:
    def put() -> None:
        post("forged", "a@b.example\r\nBcc: everyone@b.example", "About forged", "Words.")
        post("good", "owner@firm.example", "About good", "Words.")

    keep(put)

    assert deliver() == (1, 1)
    assert [m["Subject"] for m in letterbox.taken] == ["About good"]
    assert "ValueError" in standing("forged").last_error


@pytest.mark.parametrize("address", ["é@[.a", "[a@b.example"])
def test_an_address_that_python_trips_over_does_not_hold_up_the_others(
    in_app: Flask, letterbox: Letterbox, address: str
) -> None:
    def put() -> None:
        post("odd", address, "About odd", "Words.")
        post("good", "owner@firm.example", "About good", "Words.")

    keep(put)

    assert deliver() == (1, 1)
    assert [m["Subject"] for m in letterbox.taken] == ["About good"]
    assert standing("odd").last_error != ""


def test_a_message_dropped_meanwhile_does_not_hold_up_the_others(
    in_app: Flask, letterbox: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_delivery("first", "second", "third")
    to_server = delivery._to_server

    def drop(config: dict[str, object], mail: EmailMessage) -> None:
        """Its need is withdrawn while the first is on its way."""
        keep(lambda: db.session.execute(delete(MailMessage).where(MailMessage.key != "third")))
        to_server(config, mail)

    monkeypatch.setattr(delivery, "_to_server", drop)

    assert deliver() == (2, 0)
    assert [m["Subject"] for m in letterbox.taken] == ["About first", "About third"]
    assert standing("third").sent_at == NOW


def test_each_try_waits_twice_as_long_and_the_last_gives_up(in_app: Flask, letterbox: Letterbox) -> None:
    letterbox.answer = "451 come back later"
    wait_for_delivery("verify/1")
    waits, clock = [], timedelta()
    for _ in range(TRIES):
        assert deliver() == (0, 1)
        waits.append(standing("verify/1").send_after - (NOW + clock))
        clock += waits[-1]
        set_clock(in_app, clock)

    assert waits == [FIRST_WAIT * 2**n for n in range(TRIES)]
    message = standing("verify/1")
    assert (message.attempts, message.sent_at) == (TRIES, None)
    assert message.given_up_at is not None
    assert "come back later" in message.last_error
    letterbox.answer = "250 taken"
    set_clock(in_app, timedelta(days=30))
    assert deliver() == (0, 0), "given up is given up"


def test_a_message_never_goes_in_the_clear_where_the_settings_ask_for_encryption(
    in_app: Flask, letterbox: Letterbox
) -> None:
    in_app.config["SMTP_TLS"] = "starttls"  # and this server does not offer it
    wait_for_delivery("verify/1")

    assert deliver() == (0, 1)
    assert letterbox.taken == []
    assert "STARTTLS" in standing("verify/1").last_error


def made_up_certificate(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that it made itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    moment = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(moment - timedelta(1)).not_valid_after(moment + timedelta(1))
    alternative = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = made.add_extension(alternative, critical=True).sign(key, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    words = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem)
    (folder / "server.pem").write_bytes(words)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def test_a_server_that_cannot_prove_who_it_is_gets_no_message(in_app: Flask, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, context = listening.getsockname()[1], made_up_certificate(tmp_path)

        def answer() -> None:
            with contextlib.suppress(OSError):  # the client turns away, as it should
                context.wrap_socket(listening.accept()[0], server_side=True).close()

        server = threading.Thread(target=answer)
        server.start()
        in_app.config.update(SMTP_HOST="localhost", SMTP_PORT=port, SMTP_TLS="tls")
        wait_for_delivery("verify/1")
        assert deliver() == (0, 1)
        server.join()
    assert "CERTIFICATE_VERIFY_FAILED" in standing("verify/1").last_error


def test_a_second_worker_does_not_take_what_the_first_is_sending(
    in_app: Flask, letterbox: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    really_send = delivery._to_server

    def send_while_another_worker_looks(config: dict[str, object], mail: EmailMessage) -> None:
        with in_app.app_context():  # its own session, as another process has
            seen.append(deliver())
        really_send(config, mail)

    monkeypatch.setattr(delivery, "_to_server", send_while_another_worker_looks)
    wait_for_delivery("first", "second")

    assert deliver() == (2, 0)
    assert seen == [(0, 0), (0, 0)]
    assert len(letterbox.taken) == 2


def test_two_workers_at_once_send_each_message_once(in_app: Flask, tmp_path: Path) -> None:
    in_app.config["MAIL_DIR"] = str(tmp_path / "post")
    keep(
        lambda: [post(f"n/{n}", f"owner{n}@firm.example", f"About {n}", "Words.") for n in range(30)] and None
    )
    together, sent = threading.Barrier(2), []

    def worker() -> None:
        with in_app.app_context():
            together.wait(10)
            sent.append(deliver()[0] + deliver()[0])

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sum(sent) == 30
    assert len(list((tmp_path / "post").glob("*.eml"))) == 30


def test_a_message_whose_worker_died_is_taken_again_after_a_while(
    in_app: Flask, letterbox: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_config: object, _mail: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(delivery, "_to_server", die)
        wait_for_delivery("verify/1")
        deliver()

    assert deliver() == (0, 0)
    set_clock(in_app, timedelta(minutes=CLAIM_MINUTES))
    assert deliver() == (1, 0)


def test_a_worker_asked_to_stop_ends_after_the_message_in_hand_and_leaves_the_rest_due(
    in_app: Flask, letterbox: Letterbox
) -> None:
    wait_for_delivery("first", "second", "third")
    stopping: Callable[[], bool] = lambda: len(letterbox.taken) == 1  # noqa: E731

    assert deliver(stopping) == (1, 0)

    assert [m["Subject"] for m in letterbox.taken] == ["About first"]
    assert (standing("third").attempts, standing("third").send_after) == (0, NOW)
    assert deliver() == (2, 0), "the next worker need not wait"


def test_without_a_server_each_message_becomes_a_file_only_this_user_can_list(
    in_app: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "post"
    in_app.config["MAIL_DIR"] = str(folder)
    wait_for_delivery("first", "second")

    assert deliver() == (2, 0)

    files = list(folder.iterdir())
    assert [f.suffix for f in files] == [".eml", ".eml"], "and no half-written one"
    letters = [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]
    assert {m["Subject"] for m in letters} == {"About first", "About second"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_mail_folder_that_cannot_be_made_is_tried_again_like_a_server(
    in_app: Flask, tmp_path: Path
) -> None:
    (tmp_path / "in the way").touch()
    in_app.config["MAIL_DIR"] = str(tmp_path / "in the way" / "post")
    wait_for_delivery("verify/1")

    assert deliver() == (0, 1)
    assert standing("verify/1").send_after == NOW + FIRST_WAIT
