"""`python -m tests.dialects`: the whole product of cases and dialects through the service, and docs/dialects.md."""

import json
import sys

from cds_service.casebook.model import ANCHOR
from cds_service.guideline.loading.loader import load_library
from cds_service.web import create_app
from tests.cases import all_cases
from tests.conftest import SETTINGS, Clock
from tests.dialects.comparing import Service
from tests.dialects.product import FIGURES, PAGE, run, written


def main() -> int:
    clock = Clock(ANCHOR)
    client = create_app(SETTINGS, load_library(), clock).test_client()
    templates = {
        service["hook"]: service["prefetch"]
        for service in client.get("/cds-services").get_json()["services"]
    }
    figures = run(Service(client, clock, templates), all_cases(), ANCHOR)
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(written(), encoding="utf-8")
    return 1 if any(one["otherwise"] for one in figures.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
