"""Starting: what create_app leaves behind in its process."""

import gc

import pytest

import cds_service


@pytest.mark.parametrize("auth, code", [("off", None), ("on", 3)])
def test_the_collector_works_again_after_a_start_and_after_a_failed_one(monkeypatch, auth, code):
    monkeypatch.setenv("CDS_AUTH", auth)
    monkeypatch.setenv("CDS_DATABASE_URL", "sqlite://")
    monkeypatch.delenv("CDS_CLIENTS_FILE", raising=False)
    try:
        cds_service.create_app()
        ended = None
    except SystemExit as end:
        ended = end.code
    assert ended == code
    assert gc.isenabled()
