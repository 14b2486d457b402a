"""The hooks that the service answers (CDS Hooks 2.0.1, patient-view, order-select, order-sign)."""

HOOKS = ("patient-view", "order-select", "order-sign")
