"""The watchers over the whole suite see what they are there for."""

import logging
import socket

import pytest


def strayed_and_leaked(watchers) -> tuple[list[str], list[str]]:
    egress, log = watchers
    found = list(egress.strayed), list(log.leaked)
    egress.strayed.clear()
    log.leaked.clear()
    return found


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
@pytest.mark.parametrize(
    "host", ["192.0.2.1", "203.0.113.9", "ehr.example.org", "10.0.0.1", "0.0.0.0"]
)
def test_another_machine_is_refused_and_seen(watchers, method, host):
    with socket.socket() as sock, pytest.raises(ConnectionRefusedError):
        getattr(sock, method)((host, 9))
    assert strayed_and_leaked(watchers) == ([host], [])


def test_this_machine_is_not(watchers):
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
    ):
        pass
    assert strayed_and_leaked(watchers) == ([], [])


def test_a_host_may_be_admitted_openly(watchers, admits):
    with admits("192.0.2.1"):
        assert "192.0.2.1" in watchers[0].admitted
    assert not watchers[0].admitted


@pytest.mark.parametrize("logger", ["mammacards", "werkzeug", "another.library"])
@pytest.mark.parametrize(
    "message, arguments",
    [
        ("a canary-token here", ()),
        ("%s", ("Canary",)),
        ("read %r", ({"subject": "Patient/1"},)),
        ("%s", ("Bearer eyJhbGciOiJFUzM4NCJ9.eyJpc3MiOiJ4In0.x",)),
    ],
)
def test_a_secret_in_any_record_is_seen(watchers, logger, message, arguments):
    logging.getLogger(logger).error(message, *arguments)
    strayed, leaked = strayed_and_leaked(watchers)
    assert strayed == [] and len(leaked) == 1 and logger in leaked[0]


def test_a_secret_in_an_exception_is_seen(watchers):
    try:
        raise ValueError("of canary")
    except ValueError:
        logging.getLogger("x").exception("something happened")
    assert len(strayed_and_leaked(watchers)[1]) == 1


def test_our_own_lines_are_made_at_every_level(watchers):
    logging.getLogger("mammacards").debug("canary")
    assert len(strayed_and_leaked(watchers)[1]) == 1


def test_an_ordinary_line_is_not(watchers):
    logging.getLogger("mammacards").warning(
        "security patient-mismatch client=%s hook=%s instance=%s", "x", "patient-view", "1"
    )
    assert strayed_and_leaked(watchers) == ([], [])
