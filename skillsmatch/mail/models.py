"""The outbox table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from skillsmatch.database import Base


class MailMessage(Base):
    """One message to one person. `sent_at` is empty until a server or the mail folder has taken it."""

    __tablename__ = "mail_message"
    __table_args__ = (Index("ix_mail_message_waiting", "sent_at", "given_up_at", "send_after"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)  # the same occasion twice is one message
    to_address: Mapped[str] = mapped_column(String(320), index=True)
    reply_to: Mapped[str] = mapped_column(String(320), default="", server_default="")  # emptied once sent
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)  # emptied once sent, because it may hold a private link
    created_at: Mapped[datetime] = mapped_column(DateTime)
    send_after: Mapped[datetime] = mapped_column(DateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(DateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(DateTime)
    last_error: Mapped[str] = mapped_column(String(300), default="")
