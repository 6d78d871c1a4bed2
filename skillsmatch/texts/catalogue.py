"""Which texts the Chamber may write itself, what each may and must name, and our own words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from skillsmatch.texts.placeholders import Placeholder, faults

DEFAULTS = Path(__file__).parent / "defaults"
MAIL, HELP, PAGE = "mail", "help", "page"
SORTS = {MAIL: "E-mails", HELP: "Help on the need form", PAGE: "Pages"}
LONGEST = 20_000  # characters of one text; ten times what a mail should have
SUBJECT_MARK = "Subject: "

AREA = Placeholder("area", "the name of the area", "Leicester and Leicestershire")
CHAMBER = Placeholder("chamber", "the name of the Chamber", "East Midlands Chamber")
EVERYWHERE = (AREA, CHAMBER)


@dataclass(frozen=True, slots=True)
class Words:
    """A subject, empty for all but mails, and a text, with their placeholders."""

    subject: str
    body: str


@dataclass(frozen=True)
class OwnedText:
    """One text. `when` says in words where it is read, and by whom."""

    code: str
    sort: str
    title: str
    when: str
    own: tuple[Placeholder, ...] = field(default=())

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """What it may name: its own, and what every text may."""
        return (*self.own, *EVERYWHERE)

    @property
    def needed(self) -> frozenset[str]:
        """The names of those that it must name."""
        return frozenset(one.name for one in self.placeholders if one.needed)

    @cached_property
    def standard(self) -> Words:
        """Our own words, from the package."""
        words = (DEFAULTS / f"{self.code}.txt").read_text(encoding="utf-8").rstrip("\n")
        if self.sort != MAIL:
            return Words("", words)
        first, _, body = words.partition("\n")
        return Words(first.removeprefix(SUBJECT_MARK), body.strip("\n"))

    @property
    def example(self) -> dict[str, object]:
        """What the preview fills in."""
        return {one.name: one.example for one in self.placeholders}

    def faults(self, words: Words) -> list[str]:
        """What is wrong with its placeholders; empty where nothing is."""
        return [*self.body_faults(words.body), *self.subject_faults(words.subject)]

    def body_faults(self, body: str) -> list[str]:
        """The same of the text without its subject."""
        return faults(body, self.placeholders)

    def subject_faults(self, subject: str) -> list[str]:
        """The same of the subject alone. A link in it would be read by whoever sees a list of mails."""
        if self.sort != MAIL:
            return []
        links = [one for one in self.placeholders if "://" in one.example and f"{{{one.name}}}" in subject]
        said = [f"{{{one.name}}} is a link, which does not belong in a subject" for one in links]
        return [*faults(subject, self.placeholders, whole=False), *said]


def _of(name: str, about: str, example: str) -> Placeholder:
    return Placeholder(name, about, example)


def _needed(name: str, about: str, example: str) -> Placeholder:
    return Placeholder(name, about, example, needed=True)


_SITE = "https://skills.example"
NEED = _of(
    "need", "the beginning of the employer’s own words", "Two of the lads need their forklift tickets."
)
MANAGE = _needed(
    "manage_link",
    "the private link by which the employer changes or withdraws the need",
    f"{_SITE}/needs/manage/n12",
)
PROVIDER = _of("provider", "the name of the college or training provider", "Hinckley College")
NAME = _of("name", "the name of the person we write to", "Sam Patel")
LINK = _needed("link", "the link that the person opens", f"{_SITE}/a-link")
MINUTES = _of("minutes", "how many minutes the link works", "60")
ALERTS = (
    _needed(
        "stops",
        "for each alert, the link that stops it",
        f'To stop the alert "Welding":\n{_SITE}/alerts/x/stop',
    ),
    _of("alerts_link", "the page of all the person’s alerts", f"{_SITE}/alerts"),
)
REPLY = (PROVIDER, NEED, _of("their_words", "what the provider wrote", "We start in January."),
         _of("ask", "whom to ask at the provider", "Jo Bloggs, 0116 496 0000"), MANAGE)  # fmt: skip
ENQUIRY = (
    PROVIDER,
    _of("offer", "the title of the training", "Forklift operator, novice"),
    _of("offer_link", "the page of the training", f"{_SITE}/offers/12"),
    _of("sender", "the name of the person who asks", "Sam Patel"),
    _of("business", "the business of the person who asks", "Patel Packaging"),
    _needed("email", "the e-mail address of the person who asks", "sam@patel.example"),
    _of("phone", "the phone number, where one was given", "0116 496 0000"),
    _needed("message", "what the person wrote", "Could you come to us on a Friday?"),
    _needed("consent", "the words of consent the person agreed to", "“Send my message to Hinckley College”"),
    _of("agreed", "when the person agreed to that", "Monday 23 November 2026 at 10:30 UTC"),
)
VERIFY = (
    NEED,
    _needed("verify_link", "the link that confirms the e-mail address", f"{_SITE}/needs/verify/x"),
    MANAGE,
    _of("days", "how many days that link works", "7"),
)
REMINDER = (NEED, _of("until", "the day on which sharing ends", "Monday 15 February 2027"),
            _of("replies", "how many replies there were, or “none”", "2"), MANAGE)  # fmt: skip

_ALL = (
    OwnedText("needs.verify", MAIL, "Confirm your e-mail", "To an employer who left an e-mail address.", VERIFY),
    OwnedText(
        "needs.gathered", MAIL, "We wrote down your need",
        "To an employer whose need an officer has written down, at the address the employer gave.",
        (*VERIFY, _of("met", "how they met", "at an event")),
    ),
    OwnedText("leads.reply-contact", MAIL, "A college will be in touch",
              "To an employer who shared a need, when a provider says that it will call or write.", REPLY),
    OwnedText("leads.reply-offer", MAIL, "A college offers training",
              "To an employer who shared a need, when a provider offers training.",
              (*REPLY, _of("offer", "the title of the training", "Forklift operator, novice"))),
    OwnedText("leads.reply-cannot", MAIL, "A college cannot help",
              "To an employer who shared a need, when a provider says that it cannot help.",
              (*REPLY, _of("reason", "why, after “because”", "there are too few people for a class"))),
    OwnedText("leads.reminder-week", MAIL, "Colleges have seen your need for a week",
              "To an employer, a week after it let colleges see a need.", REMINDER),
    OwnedText("leads.reminder-later", MAIL, "Is your need still open?",
              "To an employer, six weeks after it let colleges see a need.", REMINDER),
    OwnedText("leads.reminder-over", MAIL, "Colleges no longer see your need",
              "To an employer, when the twelve weeks of sharing are over.", REMINDER),
    OwnedText("leads.cohort-member", MAIL, "Others want the same training",
              "To an employer who agreed to be pooled, once enough employers want the same.",
              (NEED, _of("employers", "about how many employers want the same", "5"), MANAGE)),
    OwnedText("leads.cohort", MAIL, "Enough people for a class",
              "To a college, when a group of like needs has reached the class size it named.",
              (NAME, _of("people", "its own class size", "8"), _of("theme", "what is asked for", "Welding"), LINK)),
    OwnedText("alerts.leads", MAIL, "New leads",
              "To people at a college, when needs were shared with it that their alerts look for.",
              (NAME, _of("leads", "how many new leads", "3 new leads"),
               _of("shared", "how many needs have been shared", "3 employers’ needs have been shared"),
               _of("lines", "each alert with its number of leads", "  Welding: 2 leads\n  Forklifts: 1 lead"),
               _needed("leads_link", "the page of leads", f"{_SITE}/leads"), *ALERTS)),
    OwnedText("alerts.release", MAIL, "New figures",
              "To people at a college, when new figures of demand are out that their alerts look for.",
              (NAME, _of("period", "the period of the figures", "October to December 2026"),
               _of("lines", "each alert with its figure", "  Welding: about 25 employers"),
               _of("notes", "what the figures need said with them", "Figures are rounded to the nearest 5."),
               LINK, *ALERTS)),
    OwnedText("cases.fits", MAIL, "New training may fit",
              "To an employer whom nothing fitted, when an officer has approved a batch of these.",
              (NEED,
               _needed("offers", "each offer with its provider and its page",
                       f"  - Forklift operator, novice\n    Hinckley College\n    {_SITE}/offers/12"),
               _needed("link", "the page on which the employer answers, and stops these mails", f"{_SITE}/helps/x"))),
    OwnedText("cases.referral", MAIL, "A question about training",
              "To people at a provider, when an officer refers needs to it.", (NAME, LINK)),
    OwnedText("cases.answer", MAIL, "A provider has answered",
              "To the officer who has a case, when a provider answers its referral.", (NAME, PROVIDER, LINK)),
    OwnedText("cases.handed-over", MAIL, "A case was handed over",
              "To an officer, when another one hands a case over.",
              (NAME, _of("giver", "the name of the officer who hands it over", "Jo Bloggs"),
               _of("case", "the number of the case", "12"), LINK)),
    OwnedText("accounts.invitation", MAIL, "An invitation",
              "To somebody who is invited to have an account.",
              (_of("name", "the name of the person, or “there” where it is not known", "Sam Patel"),
               _of("inviter", "who invites", "Jo Bloggs"), _of("organisation", "the organisation", "Hinckley College"),
               _of("roles", "what the person would be", "college and training provider"),
               _of("days", "how many days the link works", "7"), LINK)),
    OwnedText("accounts.reset", MAIL, "Choose a new password",
              "To a person with an account who asked for a new password.", (NAME, MINUTES, LINK)),
    OwnedText("accounts.email", MAIL, "Confirm a new e-mail address",
              "To the new address of a person with an account.",
              (NAME, _of("email", "the new address", "sam@patel.example"), MINUTES, LINK)),
    OwnedText("accounts.changed", MAIL, "Your account was changed",
              "To a person with an account, so that a stranger’s change is seen.",
              (NAME, _needed("what", "what was changed", "Its password was changed."), LINK)),
    OwnedText("accounts.changed-before", MAIL, "Your account has another address now",
              "To the address that an account had before; a reset link would no longer arrive there.",
              (NAME, _needed("what", "what was changed", "Its e-mail address is now sam@patel.example."))),
    OwnedText("accounts.change-asked", MAIL, "Another address was asked for",
              "To a person with an account, when somebody signed in with it asks for another e-mail address.",
              (NAME, _needed("email", "the new address", "sam@patel.example"), LINK)),
    OwnedText("offers.enquiry", MAIL, "An employer asks",
              "To a provider, when an employer writes to it about one of its offers.", ENQUIRY),
    OwnedText("offers.enquiry-copy", MAIL, "A copy of your message",
              "To an employer who wrote to a provider.", ENQUIRY),
    OwnedText("offers.enquiry-demo", MAIL, "A copy of your message about a made-up offer",
              "To an employer who wrote about training that is made up, in a demonstration.", ENQUIRY),
    OwnedText("offers.reminder", MAIL, "Are your offers still right?",
              "To people who look after a provider’s offers, at most once a week.",
              (PROVIDER,
               _of("passed", "how many offers whose start date has passed", "1"),
               _of("passed_offers", "their titles", "  - Welding level 2"),
               _of("hidden", "how many that are hidden in a month", "1"),
               _of("hidden_offers", "their titles", "  - Sage accounts"),
               _of("marked", "how many that are marked in a month", "1"),
               _of("marked_offers", "their titles", "  - ESOL at work"),
               _needed("where", "the link to the desk", f"{_SITE}/desk"))),
    OwnedText("help.words", HELP, "What skills do you need?", "Under the first question."),
    OwnedText("help.rest", HELP, "The rest is optional", "Below the first question."),
    OwnedText("help.postcode", HELP, "Business postcode", "Under its label."),
    OwnedText("help.council", HELP, "Which council area?", "Under its label, where a postcode crosses councils.",
              (_needed("postcodes", "the postcodes that cross councils", "LE3, LE9"),)),
    OwnedText("help.size", HELP, "How many people work in the business?", "Under the question."),
    OwnedText("help.sector", HELP, "What does the business do?", "Under its label."),
    OwnedText("help.strict", HELP, "Leave out training that misses these limits", "Under the tick box."),
    OwnedText("help.ages", HELP, "How old are the people?", "Under the question."),
    OwnedText("help.t-level", HELP, "We can host a T Level student", "Under the tick box."),
    OwnedText("help.teacher", HELP, "We can host a visiting teacher", "Under the tick box."),
    OwnedText("help.ambassador", HELP, "We would be an apprenticeship ambassador", "Under the tick box."),
    OwnedText("help.email", HELP, "E-mail address", "Under its label."),
    OwnedText("help.who-sees", HELP, "Who sees what", "Below the e-mail box. The link to the privacy page follows it."),
    OwnedText("page.privacy", PAGE, "The privacy notice", "The page “Privacy”, below its heading.",
              (_of("months", "how many months a need’s words are kept", "12"),
               _of("kilometres", "how near a college must teach to be one of all nearby", "15"))),
)  # fmt: skip
TEXTS: Mapping[str, OwnedText] = MappingProxyType({text.code: text for text in _ALL})
