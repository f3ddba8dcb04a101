"""Sending by apprise, which knows more than a hundred services.

apprise is imported where something is sent or an address is read, because that is slow. It logs
addresses, and urllib3 below it paths: both are kept to themselves here, and what went wrong is said
in words of our own that hold nothing of an address.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable
from enum import StrEnum
from threading import Lock
from typing import Any

from core.alerts.messages import Message

#: Loggers that would tell an address, or its path, to whoever listens at the root.
_TALKATIVE = ("apprise", "urllib3")
#: Headers under which web hooks get the key; receivers look for one or the other.
KEY_HEADERS = ("Idempotency-Key", "X-Idempotency-Key")
_loading = Lock()


class Cause(StrEnum):
    """Why an attempt did not succeed."""

    REFUSED = "refused"  # nobody listens there, or there is no such host
    TIMED_OUT = "timed out"  # whether it arrived is unknown
    ANSWERED = "answered"  # somebody was there and did not take it
    UNREADABLE = "unreadable"  # the address is none
    FAILED = "failed"  # anything else


class NotDeliveredError(RuntimeError):
    """An attempt failed. The message is a sentence without secrets, to be shown on pages.

    Attributes:
        cause: what kind of failure it was.
    """

    def __init__(self, cause: Cause, sentence: str) -> None:
        super().__init__(sentence)
        self.cause = cause


def is_readable(address: str) -> bool:
    """Whether apprise can make a service of an address; nothing is sent."""
    return _service(_apprise(), address) is not None


def send(address: str, message: Message) -> None:
    """Send a message once. It may take as long as the address's own time-outs (`rto`, `cto`).

    Whatever the address asks of apprise, there is one attempt (retries are the outbox's), a failure
    is one, and no redirection is followed: a POST would lose its body on the way.

    Raises:
        NotDeliveredError: it was not taken, or nobody knows whether it was.
    """
    apprise = _apprise()
    service = _service(apprise, address)
    if service is None:
        raise NotDeliveredError(Cause.UNREADABLE, "The address cannot be read by apprise.")
    service.retry, service.optional, service.redirects = 0, False, False
    _add_key(service, message.key)
    group = apprise.Apprise(asset=service.asset)
    group.add(service)
    result = group.notify(
        title=message.title,
        body=message.body,
        notify_type=message.mood,
        body_format=apprise.NotifyFormat.TEXT,
        log_level=logging.DEBUG,
    )
    if not result:
        said = [str(entry.message) for entry in result.logs()]
        raise _not_delivered(str(service.service_name), said)


def _add_key(service: Any, key: str) -> None:
    """Give the key as a header to services whose address may add headers (json, xml, form)."""
    may = getattr(type(service), "template_kwargs", {}).get("headers", {}).get("prefix") == "+"
    if may and isinstance(getattr(service, "headers", None), dict):
        service.headers.update(dict.fromkeys(KEY_HEADERS, key))


def _not_delivered(name: str, said: Iterable[str]) -> NotDeliveredError:
    """What apprise's own log says, without what it says about the address."""
    text = "\n".join(said)
    answered = re.search(r"error=(\d{3})\b", text)
    if answered:
        return NotDeliveredError(Cause.ANSWERED, f"{name} answered {answered[1]}.")
    if "timed out" in text:
        return NotDeliveredError(Cause.TIMED_OUT, f"{name} did not answer in time.")
    if "Connection refused" in text:
        return NotDeliveredError(Cause.REFUSED, f"{name} refused the connection.")
    if re.search(r"Failed to resolve|Name or service not known|getaddrinfo", text):
        return NotDeliveredError(Cause.REFUSED, f"The host of {name} is unknown.")
    return NotDeliveredError(Cause.FAILED, f"{name} could not be reached, or did not take it.")


def _service(apprise: Any, address: str) -> Any:
    asset = apprise.AppriseAsset(
        app_id="Greenlight",
        app_desc="Greenlight",
        async_mode=False,
        http_redirects=False,
        secure_logging=True,
        service_timeout=0,  # a bound of apprise's own would wait in threads that outlive us
    )
    return apprise.Apprise.instantiate(address, asset=asset)


def _apprise() -> Any:
    """The package, with its services loaded and its loggers kept to themselves."""
    with _loading:
        for name in _TALKATIVE:
            logging.getLogger(name).propagate = False
        logging.getLogger("apprise").setLevel(logging.DEBUG)  # or it would not say what went wrong
        import apprise

        with warnings.catch_warnings():
            # It imports a module that Python 3.13 has removed, if it is there, while it loads.
            warnings.simplefilter("ignore", DeprecationWarning)
            apprise.Apprise.instantiate("json://localhost")
        return apprise
