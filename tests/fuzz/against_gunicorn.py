"""Requests invented from /openapi.json (schemathesis) against the service under gunicorn with authentication on: all checks of schemathesis.

Not part of `make test`: `make fuzz` names this file. Each request carries a fresh token; without it, the check on authentication
expects 401. What the checks are told beside their defaults stands below, with the reason.
"""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from tests.contract.openapi import DOCUMENT
from tests.security.tokens import Client, served

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2000"))
HOSPITAL = Client("hospital", kid="h-1", more={"max_token_seconds": 3600})


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with served(tmp_path_factory.mktemp("schemathesis"), [HOSPITAL]) as service:
        yield service


# A good request may lack data (412), and the schemas cannot tell whose data a resource holds (400 conflict).
ACCEPTING = ["2xx", "400", "401", "403", "404", "412", "5xx"]
schema = schemathesis.openapi.from_dict(
    DOCUMENT,
    config=schemathesis.Config.from_dict(
        {"checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTING}}}
    ),
)


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_service_is_as_it_says(running, case):
    case.call_and_validate(
        base_url=running.public_url,
        headers={"Authorization": f"Bearer {running.token(HOSPITAL, case.formatted_path)}"},
    )
