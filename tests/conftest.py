"""What the tests share: the loaded content, the application, and a clock that stands still."""

import gc
from collections import Counter
from datetime import date, datetime, time

import pytest

from cds_service.settings import Settings
from cds_service.web import create_app
from tests.cases import loaded
from tests.played import SERVICE, Played

__all__ = ["SERVICE"]  # the tests take it from here

pytest_plugins = ["tests.contract.conformance", "tests.oracles"]

SETTINGS = Settings()


class Clock:
    """The service's clock, set by a test: noon of a day."""

    def __init__(self, day: date):
        self.day = day

    def __call__(self) -> datetime:
        return datetime.combine(self.day, time(12), SETTINGS.timezone)


@pytest.fixture(scope="session")
def library():
    return loaded()


@pytest.fixture(scope="session")
def clock():
    return Clock(date(2026, 6, 15))


@pytest.fixture(scope="session")
def app(library, clock):
    return create_app(SETTINGS, library, clock)


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(scope="session")
def templates(app):
    """hook -> prefetch key -> template, as discovery gives them."""
    services = app.test_client().get("/cds-services").get_json()["services"]
    return {service["hook"]: service["prefetch"] for service in services}


@pytest.fixture(scope="session")
def played(app, library, clock, templates):
    """The cases as the service answers them, each played once."""
    return Played(app, library, clock, templates)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Rows of a table that is sampled wait for the night, but for one in so many."""
    seen: Counter[str] = Counter()
    for item in items:
        if (mark := item.get_closest_marker("sampled")) is not None:
            name = item.nodeid.partition("[")[0]
            if seen[name] % mark.args[0]:
                item.add_marker(pytest.mark.night)
            seen[name] += 1


def pytest_collection_finish():
    """What is collected stays until the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


def keys(response) -> list[str]:
    """The catalogue keys of the cards in an answer, sorted."""
    return sorted(card["source"]["topic"]["code"] for card in response.get_json()["cards"])
