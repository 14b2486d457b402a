"""The table of hooks against CDS Hooks 2.0.1, and no second place that says what a hook asks."""

import ast

import pytest

from cds_service.cds_hooks.hooks import HOOKS
from tests.house.source import modules

# Hook -> fields of context that the specification requires and the service reads.
REQUIRED = {
    "patient-view": {"userId", "patientId"},
    "order-select": {"userId", "patientId", "selections", "draftOrders"},
    "order-sign": {"userId", "patientId", "draftOrders"},
}


@pytest.mark.parametrize("hook", REQUIRED)
def test_required_context(hook):
    assert set(HOOKS[hook].required_context) == REQUIRED[hook]
    assert HOOKS[hook].is_order_hook is ("draftOrders" in REQUIRED[hook])
    assert (HOOKS[hook].judges == "selections") is ("selections" in REQUIRED[hook])


def test_there_are_no_other_hooks_and_no_two_share_a_service():
    assert HOOKS.keys() == REQUIRED.keys()
    assert len({hook.service_id for hook in HOOKS.values()}) == len(HOOKS)


def compared(tree: ast.AST) -> list[str]:
    """Names of hooks that are compared with something."""
    return [
        node.value
        for comparison in ast.walk(tree)
        if isinstance(comparison, ast.Compare)
        for node in ast.walk(comparison)
        if isinstance(node, ast.Constant) and node.value in REQUIRED
    ]


def test_nobody_compares_the_name_of_a_hook():
    """What a hook asks is a property of its row (the demo chooses which hook it plays)."""
    found = {
        module.path: compared(module.tree)
        for module in modules("cds_service")
        if not module.path.startswith("cds_service/demo/")
    }
    assert {path: names for path, names in found.items() if names} == {}
    assert compared(ast.parse('hook != "patient-view"')) == ["patient-view"]
