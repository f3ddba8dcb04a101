"""What in a URL can be followed, and what becomes a sentence and the nearest view."""

from datetime import UTC, datetime, timedelta

import pytest

from core.timeframe import Window
from pages.parts import view

NOW = datetime(2026, 6, 1, 12, 34, 56, tzinfo=UTC)
SERVICES = ("newsletters", "spambase")


def test_an_empty_url_is_the_first_service_now_over_30_days() -> None:
    shown = view.read({}, SERVICES, NOW)
    assert (shown.service, shown.window, shown.live) == ("newsletters", Window.parse("30d"), True)
    assert shown.as_of == datetime(2026, 6, 1, 12, 34, tzinfo=UTC)
    assert shown.notices == ()


def test_a_link_shows_what_its_sender_saw() -> None:
    sent = view.read({"service": "spambase", "window": "6h"}, SERVICES, NOW)
    received = view.read(sent.frozen(), SERVICES, NOW + timedelta(days=9))
    assert (received.service, received.window, received.as_of) == (
        sent.service,
        sent.window,
        sent.as_of,
    )
    assert not received.live


@pytest.mark.parametrize(
    ("asked", "said", "service"),
    [
        ({"service": "newsleters"}, "No service is called “newsleters”", "newsletters"),
        ({"service": "спам"}, "No service is called “спам”", "newsletters"),
        ({"window": "30 parsecs"}, "“30 parsecs” is no window", "newsletters"),
        ({"window": "0d"}, "“0d” is no window", "newsletters"),
        ({"as_of": "yesterday"}, "“yesterday” is no time", "newsletters"),
        ({"as_of": "2027-01-01T00:00Z"}, "has not come yet", "newsletters"),
    ],
)
def test_what_cannot_be_followed_is_said_and_the_nearest_view_shown(
    asked: dict[str, str], said: str, service: str
) -> None:
    shown = view.read(asked, SERVICES, NOW)
    assert len(shown.notices) == 1
    assert said in shown.notices[0]
    assert shown.service == service
    assert shown.live
    assert str(shown.window) == "30d"


def test_a_window_that_no_button_offers_is_followed_all_the_same() -> None:
    shown = view.read({"window": "36h"}, SERVICES, NOW)
    assert shown.notices == ()
    assert shown.window.length == timedelta(hours=36)


@pytest.mark.parametrize(
    ("length", "cut"),
    [
        (timedelta(days=3), timedelta(days=3)),
        (timedelta(hours=2, minutes=24), timedelta(hours=2)),
        (timedelta(minutes=36, seconds=30), timedelta(minutes=36)),
    ],
)
def test_a_narrowed_window_is_cut_to_a_length_that_a_url_can_carry(
    length: timedelta, cut: timedelta
) -> None:
    assert view.floor_to_window(length) == cut
    Window(cut)
