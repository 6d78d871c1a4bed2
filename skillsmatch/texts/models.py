"""OwnedWords: each version of each text that somebody has saved. It is added to and never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from skillsmatch.database import Base


class OwnedWords(Base):
    """One version of one text. The newest stands; one that is `standard` says that ours stand again."""

    __tablename__ = "owned_words"
    __table_args__ = (
        CheckConstraint("NOT standard OR (subject = '' AND body = '')", name="standard_is_empty"),
        Index("ix_owned_words_newest", "code", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))  # of the text, as in texts/catalogue.py
    subject: Mapped[str] = mapped_column(String(200), default="")  # of a mail; empty for a page's text
    body: Mapped[str] = mapped_column(Text, default="")
    standard: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime] = mapped_column(DateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
