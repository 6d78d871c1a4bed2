"""What no page may do: break the content policy, reach another site, fail. Noted by the browser itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

TELL = (
    "addEventListener('securitypolicyviolation', e => policyBroken(e.violatedDirective + ' ' + e.blockedURI))"
)


@dataclass
class Watch:
    """Everything one browser context did wrong, and what it asked for."""

    origin: str
    scripted: bool = True
    forgiven: set[int] = field(default_factory=set)  # statuses that this test brings about on purpose
    faults: list[str] = field(default_factory=list)
    requests: int = 0
    status: int = 0  # of the newest page

    def over(self, context: BrowserContext) -> None:
        """Watches the context from now on."""
        context.on("console", self._heard)
        context.on("request", self._asked)
        context.on("response", self._answered)
        if self.scripted:
            context.expose_binding(
                "policyBroken", lambda _source, words: self.faults.append(f"policy: {words}")
            )
            context.add_init_script(TELL)

    def _heard(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        self.requests += 1
        if not request.url.startswith(f"{self.origin}/"):
            self.faults.append(f"another site was asked: {request.url}")

    def _answered(self, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if is_page:
            self.status = response.status
        if response.status >= (500 if is_page else 400) and response.status not in self.forgiven:
            self.faults.append(f"{response.status} from {response.url}")
