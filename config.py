"""Every setting, its default and its reason. Read by wsgi.py and the tests, never by the package."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def database_url(given: str) -> str:
    """The SQLAlchemy address for `given`: PostgreSQL always by psycopg 3, a bare path is refused by SQLAlchemy."""
    for old in ("postgres://", "postgresql://"):
        if given.startswith(old):
            return "postgresql+psycopg://" + given.removeprefix(old)
    return given


def sqlite_file(url: str) -> Path | None:
    """The file behind a SQLite address, or None for PostgreSQL and for a database in memory."""
    if not url.startswith("sqlite:///"):
        return None
    name = url.removeprefix("sqlite:///").split("?")[0]
    return Path(name).absolute() if name and name != ":memory:" else None


class Config:
    """The settings of one running service, from the environment."""

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        env = dict(os.environ) if environ is None else environ
        default = f"sqlite:///{ROOT / 'instance' / 'skillsmatch.sqlite'}"

        # Where needs and offers are kept. One file to start with; PostgreSQL when there are several machines.
        self.SQLALCHEMY_DATABASE_URI = database_url(env.get("DATABASE_URL") or default)

        # Signs forms and sessions, and keys the employer hashes. No default: a known key would let anyone forge.
        self.SECRET_KEY = env.get("SKILLSMATCH_SECRET_KEY", "")

        # Keys that were used before, newest first, parted by commas. What they signed is still read; nothing new is
        # signed with them. Audit entries made with an older key can only be verified while it stands here.
        old = env.get("SKILLSMATCH_SECRET_KEY_FALLBACKS", "")
        self.SECRET_KEY_FALLBACKS = [key.strip() for key in old.split(",") if key.strip()]

        # The banner on every page, and the demonstration accounts.
        self.DEMO = env.get("SKILLSMATCH_DEMO", "") == "1"

        # The saved search index and, without SMTP, the outgoing mail. Beside the SQLite file unless said otherwise.
        beside = sqlite_file(self.SQLALCHEMY_DATABASE_URI)
        folder = env.get("SKILLSMATCH_DATA_DIR") or (beside.parent if beside else ROOT / "instance")
        self.DATA_DIR = str(Path(folder).absolute())

        # Which area folder under skillsmatch/area is served.
        self.AREA = env.get("SKILLSMATCH_AREA", "leicestershire")

        # Names this service answers to, apart from this machine's own loopback names. An unknown name gets 400,
        # so a forged Host header cannot put a stranger's address into our mails.
        self.HOSTS = [h.strip() for h in env.get("SKILLSMATCH_HOSTS", "").split(",") if h.strip()]

        # The address put into mails, such as https://skills.example.org. Empty: the address of the request.
        self.BASE_URL = env.get("SKILLSMATCH_BASE_URL", "").rstrip("/")

        # How many reverse proxies stand in front. Each one is believed for one X-Forwarded-* hop, no more.
        self.PROXIES = int(env.get("SKILLSMATCH_PROXIES", "0"))

        # Where `flask offers load --from-skills-england` fetches the national standards: open, and without a key.
        self.STANDARDS_URL = env.get(
            "SKILLSMATCH_STANDARDS_URL", "https://skillsengland.education.gov.uk/api/apprenticeshipstandards"
        )

        # Where tries at a password are counted: in each process by default, so that two workers allow twice as many
        # tries. redis://host:6379 counts for all processes and machines (pip install redis).
        self.RATELIMIT_STORAGE_URI = env.get("SKILLSMATCH_LIMITS_URL") or "memory://"
        self.RATELIMIT_STORAGE_OPTIONS = {"wrap_exceptions": True}  # a counter that is away locks nobody out
        self.RATELIMIT_SWALLOW_ERRORS = True
        self.RATELIMIT_STRATEGY = "moving-window"

        # Outgoing mail. Without a server, each message is written to MAIL_DIR as a file.
        self.SMTP_HOST = env.get("SKILLSMATCH_SMTP_HOST", "")
        self.SMTP_PORT = int(env.get("SKILLSMATCH_SMTP_PORT", "587"))
        self.SMTP_USER = env.get("SKILLSMATCH_SMTP_USER", "")
        self.SMTP_PASSWORD = env.get("SKILLSMATCH_SMTP_PASSWORD", "")
        self.SMTP_TLS = env.get("SKILLSMATCH_SMTP_TLS", "starttls")  # starttls, tls or none
        self.MAIL_FROM = env.get("SKILLSMATCH_MAIL_FROM", "skillsmatch <no-reply@localhost>")
        self.MAIL_DIR = env.get("SKILLSMATCH_MAIL_DIR") or str(Path(self.DATA_DIR) / "mail")

        # How a release of demand protects employers; docs/disclosure.md has the figures behind each. The values
        # here are the method. A weaker one is named under every table that is made with it.
        # Noise: variance and the most it may be. With 4 and 5 whoever knows all other employers of a cell guesses
        # the last one right in three of five; less noise, and the same cell of two periods can be told apart.
        self.DEMAND_VARIANCE = int(env.get("SKILLSMATCH_DEMAND_VARIANCE", "4"))
        self.DEMAND_DEVIATION = int(env.get("SKILLSMATCH_DEMAND_DEVIATION", "5"))
        # The least number shown, and what numbers are rounded to: the 10-5 rule of the Office for National
        # Statistics. No employers at all reads as "fewer than 10" too, or a few could be proved to be there.
        self.DEMAND_THRESHOLD = int(env.get("SKILLSMATCH_DEMAND_THRESHOLD", "10"))
        self.DEMAND_BASE = int(env.get("SKILLSMATCH_DEMAND_BASE", "5"))
        # Distinct employers that must count in a period before it has a release: with fewer, nearly every cell
        # is hidden, and what is left says more of each employer.
        self.DEMAND_LEAST_EMPLOYERS = int(env.get("SKILLSMATCH_DEMAND_LEAST_EMPLOYERS", "50"))
        # Themes of one employer that count in a quarter, so that none of them moves more than five cells of it.
        self.DEMAND_MOST_THEMES = int(env.get("SKILLSMATCH_DEMAND_MOST_THEMES", "5"))
        # Offers of one provider that one employer counts for in a quarter of the desk's figures. Each is a cell with
        # noise of its own, so a provider with many alike would hear of the same employer many times.
        self.DEMAND_MOST_OFFERS = int(env.get("SKILLSMATCH_DEMAND_MOST_OFFERS", "3"))

        # How often one network may ask for a match, and send an enquiry. Two in a row are never refused.
        self.MATCH_LIMITS = env.get("SKILLSMATCH_MATCH_LIMITS", "60/minute;1000/hour")
        self.ENQUIRY_LIMITS = env.get("SKILLSMATCH_ENQUIRY_LIMITS", "20/hour")

        # A need's words: 4,000 characters are matched; the whole form may be 2.5 MB. Only an upload may have more.
        self.MAX_CONTENT_LENGTH = 2_500_000
        self.MAX_FORM_MEMORY_SIZE = 2_500_000
        self.MAX_FORM_PARTS = 1_000

        # A form left open over lunch, or over a weekend, must still be accepted.
        self.WTF_CSRF_TIME_LIMIT = None
        self.SESSION_COOKIE_HTTPONLY = True
        self.SESSION_COOKIE_SAMESITE = "Lax"
