"""How gunicorn serves the application: `gunicorn wsgi:app`, here in the checkout, reads this file by its name."""

from __future__ import annotations

import gc
import os
from typing import Any

# As many as there are cores: more made saving slower on two cores, because writers wait for one disk.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "sync"
preload_app = True  # loaded once and shared; each worker makes its own database connections
timeout = 30  # seconds before a worker that hangs is replaced
graceful_timeout = 20  # seconds a request in hand has to finish when the service stops
backlog = 256  # connections that may wait; nginx answers for the rest
limit_request_line = 4094  # bytes
max_requests = 2000  # a worker is renewed after about this many, so that no leak can grow for ever
max_requests_jitter = 200
control_socket_disable = True  # gunicorn 25.1 and later open one; nobody here uses it
loglevel = os.environ.get("SKILLSMATCH_LOG_LEVEL", "warning")


def when_ready(server: Any) -> None:
    """Opens the search index before the first worker starts, so that the workers share its memory."""
    if not _open_index(server):
        server.log.warning("No search index yet: `flask offers load FILE` makes it, `flask work` renews it.")


def post_fork(server: Any, _worker: Any) -> None:
    """A worker made later opens the index of its own day, so that it too takes no request cold."""
    _open_index(server)


def _open_index(server: Any) -> bool:
    from skillsmatch.offers.indexing import open_index

    with server.app.wsgi().app_context():
        index = open_index()
        if index is not None:
            index.warm()
            # What is here stays. Left out of the search for rubbish, it costs no request a pause, and the workers go
            # on sharing it: looking at an object to see whether it is rubbish would copy its page.
            gc.collect()
            gc.freeze()
        return index is not None
