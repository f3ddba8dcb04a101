"""The dead man's switch: somebody outside who calls when the worker has not been heard of.

Whatever watches the dashboard from outside (healthchecks.io, Cronitor, Dead Man's Snitch, a cron of
one's own) gives an address, and expects a request to it every minute.
"""

from __future__ import annotations

import http.client
import logging
import urllib.error
import urllib.request
from threading import Thread

from db.notifications.addresses import redacted

log = logging.getLogger(__name__)

#: What one request may take, and what a tick waits for it at most.
TIMEOUT_SECONDS = 5.0


class DeadMan:
    """Tells somebody outside that alerts are evaluated; whatever goes wrong in it stays in it.

    The address is a secret: whoever knows it can keep the switch quiet. It is never logged whole.

    Args:
        url: http:// or https://.
        timeout_seconds: what one request may take.

    Raises:
        ValueError: it is no such address; the message does not repeat it.
    """

    def __init__(self, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        if not url.lower().startswith(("http://", "https://")):
            raise ValueError("GREENLIGHT_DEAD_MAN_URL must begin with http:// or https://.")
        self._url = url
        self._timeout = timeout_seconds
        self._asking: Thread | None = None
        #: Why the last request did not arrive; '' where it did.
        self.trouble = ""

    def ping(self) -> None:
        """Send one request, and wait for it no longer than the time-out.

        The time-out holds for each wait for the network alone, so that a thread asks: one that
        hangs is left to itself, and nobody else is sent before it is back.
        """
        if self._asking is None or not self._asking.is_alive():
            self._asking = Thread(target=self._ask, name="greenlight-dead-man", daemon=True)
            self._asking.start()
        self._asking.join(self._timeout)

    def _ask(self) -> None:
        try:
            request = urllib.request.Request(self._url, headers={"User-Agent": "Greenlight"})
            # The constructor took http and https alone.
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:  # nosec B310
                answer.read(1)
            trouble = ""
        except urllib.error.HTTPError as error:
            error.close()
            trouble = f"it answered {error.code}"
        except (OSError, http.client.HTTPException, ValueError) as error:
            # What such an error says may hold the address.
            trouble = "it did not answer in time" if _is_late(error) else "it cannot be reached"
        if trouble and trouble != self.trouble:
            log.warning("The dead man's switch %s: %s.", redacted(self._url), trouble)
        self.trouble = trouble


def _is_late(error: Exception) -> bool:
    return isinstance(error, TimeoutError) or isinstance(
        getattr(error, "reason", None), TimeoutError
    )
