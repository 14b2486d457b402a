"""The hooks that the service answers (CDS Hooks 2.0.1, patient-view, order-select, order-sign), one row each."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Hook:
    """One hook, and the service of ours that answers it."""

    id: str
    service_id: str  # each hook has its own: clients store services by URL
    required_context: tuple[str, ...]
    judges: Literal["record", "selections", "all drafts"]  # what the advice is about

    @property
    def is_order_hook(self) -> bool:
        """Whether it asks about draft orders: what concerns none of them needs no reading."""
        return self.judges != "record"


PATIENT_VIEW = Hook("patient-view", "breast-patient-view", ("userId", "patientId"), "record")
ORDER_SELECT = Hook(
    "order-select",
    "breast-order-select",
    ("userId", "patientId", "selections", "draftOrders"),
    "selections",
)
ORDER_SIGN = Hook(
    "order-sign", "breast-order-sign", ("userId", "patientId", "draftOrders"), "all drafts"
)
HOOKS = {hook.id: hook for hook in (PATIENT_VIEW, ORDER_SELECT, ORDER_SIGN)}
