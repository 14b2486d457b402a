"""What every dialect is: it takes a record resource by resource and says each again, or leaves it as its source wrote it."""

from collections.abc import Callable

from tests.dialects.said import Resource, Restated

HARMLESS = {"Patient", "ResearchSubject"}  # the same in every dialect


class Dialect:
    """Restates one case. A method named after a resource type gives that resource again, or None where the dialect has no form for it."""

    name = ""

    def __init__(self, case_id: str):
        self.case_id = case_id
        self.seed = case_id
        self.record = Restated(self.name)

    def of(self, resources: list[Resource], orders: list[Resource]) -> Restated:
        self.record.resources = [self._again(resource) for resource in resources]
        self.record.orders = [self._again(order) for order in orders]
        return self.record

    def _again(self, resource: Resource) -> Resource:
        kind = resource["resourceType"]
        if kind in HARMLESS:
            return resource
        say: Callable | None = getattr(self, kind, None)
        said = say(resource) if say else None
        if said is None:
            self.record.as_written.append(f"{kind}/{resource['id']}")
            return resource
        self.record.restated += 1
        return said

    def drop(self, resource: Resource, what: str) -> None:
        """Declare what is lost of a resource; it must be told here, before the service is asked."""
        self.record.dropped.setdefault(f"{resource['resourceType']}/{resource['id']}", []).append(
            what
        )
