"""Prometheus Alertmanager's API, version 2: alerts and silences as it takes them.

https://github.com/prometheus/alertmanager/blob/v0.25.0/api/v2/openapi.yaml
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from core.alerts.messages import Background, page_link, runbook_link
from core.ports.alerts import Episode, Silence

#: What one request may take; each wait for the network, that is.
TIMEOUT_SECONDS = 5.0
#: A firing alert is over for Alertmanager if it hears nothing of it for so long. It is told every
#: minute: a worker that is away for less than this resolves nothing.
KEEP = timedelta(hours=1)


class AlertmanagerError(RuntimeError):
    """Alertmanager was not reached, or did not take it. The message holds no secret.

    Attributes:
        status: the HTTP status of its answer; None where there was none.
    """

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET: a redirection is an answer that is not wanted."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Alertmanager:
    """One Alertmanager.

    Args:
        url: where it is, e.g. 'https://user:password@host/alertmanager'; a path is kept as what
            stands before /api, and name and password become basic authentication.
        timeout_seconds: for each wait for the network.

    Raises:
        ValueError: it is no address of the web; the message does not repeat it.
    """

    def __init__(self, url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        wrong = "ALERTMANAGER_URL must be http:// or https://, a host and, if need be, a path."
        try:
            parts = urlsplit(url.strip())
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise ValueError(wrong) from None
        if parts.scheme not in {"http", "https"} or not host or "@" in parts.path:
            raise ValueError(wrong)
        authority = parts.netloc.rpartition("@")[2]
        self._base = urlunsplit((parts.scheme, authority, parts.path.rstrip("/"), "", ""))
        self._headers = {"Content-Type": "application/json", "User-Agent": "Greenlight"}
        if parts.username is not None:
            login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            encoded = base64.b64encode(login.encode()).decode()
            self._headers["Authorization"] = f"Basic {encoded}"
        self._timeout = timeout_seconds
        self._opener = urllib.request.build_opener(_NoRedirection)

    def post_alerts(self, alerts: Iterable[Mapping[str, Any]]) -> None:
        """Tell the state of alerts, see `alert_of`; telling it again changes nothing.

        Raises:
            AlertmanagerError: at least one was not taken; with a status, the others may have been.
        """
        self._ask("POST", "alerts", list(alerts))

    def silences(self) -> list[dict[str, Any]]:
        """Every silence that it knows, the expired ones included.

        Raises:
            AlertmanagerError: it did not say.
        """
        found = self._ask("GET", "silences")
        if not isinstance(found, list):
            raise AlertmanagerError("Alertmanager's answer is not one of its API.")
        return found

    def post_silence(self, silence: Mapping[str, Any]) -> str:
        """Create a silence, see `silence_body`, or change one where the body has its id.

        Returns:
            Its id, which may be a new one.

        Raises:
            AlertmanagerError: it was not taken.
        """
        found = self._ask("POST", "silences", silence)
        if not isinstance(found, dict) or not found.get("silenceID"):
            raise AlertmanagerError("Alertmanager's answer is not one of its API.")
        return str(found["silenceID"])

    def expire_silence(self, remote_id: str) -> None:
        """End a silence; one that it does not know is ended already.

        Raises:
            AlertmanagerError: it was not taken.
        """
        try:
            self._ask("DELETE", f"silence/{quote(remote_id, safe='')}")
        except AlertmanagerError as error:
            if error.status not in {404, 410}:
                raise

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{self._base}/api/v2/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers=self._headers,
            method=method,
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                text = answer.read()
            return json.loads(text) if text.strip() else None
        except urllib.error.HTTPError as error:
            error.close()
            sentence = f"Alertmanager answered {error.code}."
            raise AlertmanagerError(sentence, error.code) from None
        except TimeoutError:
            raise AlertmanagerError("Alertmanager did not answer in time.") from None
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise AlertmanagerError("Alertmanager did not answer in time.") from None
            why = getattr(error.reason, "strerror", None) or "no connection"
            raise AlertmanagerError(f"Alertmanager cannot be reached: {why}.") from None
        except (OSError, http.client.HTTPException):
            raise AlertmanagerError("Alertmanager broke off the connection.") from None
        except ValueError:
            raise AlertmanagerError("Alertmanager's answer is not one of its API.") from None


def labels_of(episode: Episode) -> dict[str, str]:
    """The labels by which Alertmanager knows an alert, groups, inhibits and silences.

    'rule' is there beside 'alertname' so that our silences' matchers hold there as they stand.
    """
    labels = {label_name(name): value for name, value in episode.labels.items()}
    labels |= {
        "alertname": episode.rule_id,
        "rule": episode.rule_id,
        "service": episode.service,
        "severity": episode.severity,
    }
    return labels | ({"drill": "true"} if episode.drill else {})


def label_name(name: str) -> str:
    """A name that Alertmanager takes: Latin letters, digits and underscores.

    >>> label_name("sli"), label_name("model-version"), label_name("2nd")
    ('sli', 'model_version', '_2nd')
    """
    found = re.sub(r"[^a-zA-Z0-9_]", "_", name)
    return f"_{found}" if found[:1].isdigit() or not found else found


def alert_of(episode: Episode, at: datetime, background: Background) -> dict[str, Any]:
    """An episode that has fired, as `Alertmanager.post_alerts` takes it.

    Args:
        episode: firing, unknown or resolved.
        at: now.
        background: what is known of its rule.
    """
    ends_at = episode.resolved_at or at + KEEP
    starts_at = min(episode.fired_at or episode.began_at, ends_at)
    annotations = {
        "summary": episode.sentence,
        "owner": background.owner,
        "runbook_url": runbook_link(background.base_url, episode.service, background.runbook_id),
        "where": ", ".join(episode.where),
        "state": "unknown: its data are missing" if episode.state == "unknown" else "",
    }
    return {
        "labels": labels_of(episode),
        "annotations": {name: value for name, value in annotations.items() if value},
        "startsAt": _written(starts_at),
        "endsAt": _written(ends_at),
        "generatorURL": page_link(background.base_url, episode.service, episode.episode_id),
    }


def silence_body(silence: Silence) -> dict[str, Any]:
    """A silence as `Alertmanager.post_silence` takes it. Its comment tells which of ours it is."""
    return {
        "matchers": [
            {"name": label_name(name), "value": value, "isRegex": False, "isEqual": True}
            for name, value in sorted(silence.matchers.items())
        ],
        "startsAt": _written(silence.starts_at),
        "endsAt": _written(silence.ends_at),
        "createdBy": silence.author,
        "comment": f"{silence.reason} (Greenlight's silence {silence.silence_id})",
    }


def is_same(body: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether a silence that Alertmanager holds is one that we made: its answer was lost then."""
    if found.get("status", {}).get("state") == "expired":
        return False
    if any(found.get(field) != body[field] for field in ("comment", "createdBy")):
        return False
    pairs = {(one.get("name"), one.get("value")) for one in found.get("matchers", [])}
    return pairs == {(one["name"], one["value"]) for one in body["matchers"]}


def matchers_of(found: Mapping[str, Any]) -> dict[str, str]:
    """The matchers of a silence of Alertmanager as ours are; empty where they cannot be said so.

    >>> matchers_of({"matchers": [{"name": "alertname", "value": "a", "isRegex": False}]})
    {'rule': 'a'}
    >>> matchers_of({"matchers": [{"name": "sli", "value": "a|b", "isRegex": True}]})
    {}
    """
    matchers = found.get("matchers", [])
    if any(one.get("isRegex") or not one.get("isEqual", True) for one in matchers):
        return {}
    return {
        "rule" if one["name"] == "alertname" else str(one["name"]): str(one["value"])
        for one in matchers
    }


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
