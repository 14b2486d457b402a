"""The store below the web floor: what is put into the short memory, and the one connection through which SQLite takes it."""

import os

import pytest
from sqlalchemy import func, select

from cds_service.errors import StoreUnavailable
from cds_service.store.database import Database, used_tokens
from cds_service.store.feedback import FeedbackStore, Issue

NOW = 1_781_524_800
ISSUE = Issue("east", "breast-patient-view", "Practitioner/1", "1", NOW)
CARD = {
    "uuid": "6b9f2d7c-3a51-4f0e-9a55-0d8f1f6c2b11",
    "source": {"topic": {"code": "ductoscopyReferral"}},
    "extension": {"x": {"contentVersion": "1"}},
}


@pytest.fixture(params=["a file", "in memory"])
def database(request, tmp_path):
    return Database(f"sqlite:///{tmp_path}/x.db" if request.param == "a file" else "sqlite://")


def row(jti: str) -> dict:
    return {"issuer": "https://ehr.example.org", "jti": jti, "until": NOW}


def stored(database: Database) -> int:
    with database.recent() as connection:
        return connection.execute(select(func.count()).select_from(used_tokens)).scalar_one()


def test_a_row_is_put_once(database):
    """And what failed leaves nothing behind that would be in the way of the next."""
    assert [database.put(used_tokens, [row(jti)]) for jti in "aabab"] == [
        True,
        False,
        True,
        False,
        False,
    ]
    assert stored(database) == 2


def test_all_rows_or_none(database):
    assert database.put(used_tokens, [row("a")])
    assert not database.put(used_tokens, [row("b"), row("a")])
    assert stored(database) == 1
    assert database.put(used_tokens, [row("b"), row("c")]) and stored(database) == 3


def test_what_is_missing_is_an_error_and_nothing_is_put(database):
    """A column that is left out is no row of this table: that is not taken for a row that stands there already."""
    with pytest.raises(StoreUnavailable):
        database.put(used_tokens, [{"issuer": "x"}])
    assert database.put(used_tokens, [row("a")]) and stored(database) == 1


def test_a_transaction_that_fails_is_undone_and_the_next_works(database):
    with pytest.raises(ZeroDivisionError), database.recent() as connection:
        connection.execute(used_tokens.insert(), row("a"))
        raise ZeroDivisionError
    assert stored(database) == 0
    assert database.put(used_tokens, [row("a")]) and stored(database) == 1


def test_a_uuid_that_was_given_before_cannot_be_given_again(database):
    """Feedback on it would be taken for feedback on the other card."""
    given = FeedbackStore(database, ())
    given.issue([CARD], ISSUE, "x")
    with pytest.raises(StoreUnavailable):
        given.issue([CARD], ISSUE, "x")
    given.issue([CARD | {"uuid": "other"}], ISSUE, "x")


def test_a_child_opens_a_connection_of_its_own(tmp_path):
    """SQLite's connections must not cross a fork; gunicorn forks its workers after the application is made."""
    database = Database(f"sqlite:///{tmp_path}/x.db")
    assert database.put(used_tokens, [row("parent")])
    child = os.fork()
    if child == 0:
        os._exit(
            0
            if database.put(used_tokens, [row("child")])
            and not database.put(used_tokens, [row("parent")])
            else 1
        )
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert not database.put(used_tokens, [row("child")])
    assert database.put(used_tokens, [row("parent again")]) and stored(database) == 3
