"""What leaves this process, seen at its socket: for tests that nothing does."""

import socket

import pytest


@pytest.fixture
def egress(monkeypatch):
    """Oracle 1: every name that is resolved and every address that is connected to; nothing leaves this machine."""
    touched: list = []

    def resolve(host, *arguments, **options):
        touched.append(host)
        raise socket.gaierror("the tests resolve nothing")

    def connect(self, address):
        touched.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)
    return touched
