"""A guard against a clear regression of cost: ratios in one process, of processor time, the best of many rounds, wide margins.

No absolute times: the same machine runs the floor (a bare Flask application that parses the same body) in between. What the
service really costs stands in docs/performance.md.
"""

import gc
import json
import time

import pytest

from benchmarks.floor import create_floor
from benchmarks.requests_of import HOOKS, fresh, hook_body

# About twice what was measured when this was written; a faster service should bring them down.
MOST_TIMES_THE_FLOOR = {100: 16, 1_000: 6}
ROUNDS = 12


def cheapest(call, rounds=ROUNDS) -> float:
    """Processor time of the cheapest round: what else the machine does cannot make it cheaper. Without the collector, which would look
    through everything that the other tests of this process hold."""
    times = []
    gc.disable()
    try:
        for _ in range(rounds):
            started = time.process_time()
            call()
            times.append(time.process_time() - started)
    finally:
        gc.enable()
    return min(times)


@pytest.fixture(scope="module")
def cost(app, templates, clock):
    """(service, floor) in seconds of processor time for a hook with so many resources."""
    service, floor = app.test_client(), create_floor().test_client()

    def measured(hook: str, resources: int) -> tuple[float, float]:
        body, path = (
            json.dumps(fresh(hook_body(hook, resources, templates[hook], clock().date()))),
            f"/cds-services/{HOOKS[hook]}",
        )

        def call(client):
            assert client.post(path, data=body, content_type="application/json").status_code == 200

        call(service), call(floor)
        return cheapest(lambda: call(service)), cheapest(lambda: call(floor))

    return measured


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("resources, most", MOST_TIMES_THE_FLOOR.items())
def test_a_hook_costs_no_more_times_the_floor_than_it_did(cost, hook, resources, most):
    service, floor = cost(hook, resources)
    assert service / floor < most, (
        f"{service / floor:.1f} times the floor; python -m cProfile tells where it goes, docs/performance.md how it was"
    )


def test_cost_grows_with_the_record_and_not_faster(cost):
    """Four times the resources may cost at most eight times as much: anything quadratic would cost sixteen times."""
    small, large = cost("patient-view", 1_000)[0], cost("patient-view", 4_000)[0]
    assert large / small < 8
