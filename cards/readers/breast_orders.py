"""Orders for the breast."""

from collections.abc import Iterator

from cds_service.facts.extraction import Reading, recognised
from cds_service.facts.matching import matches, nodes_of
from cds_service.facts.model import Fact, FactDefinition
from cds_service.guideline.criterion import reader
from cds_service.terminology.value_set import Match

from .breast_modalities import modalities_in


@reader(
    value_sets=(
        "breast_examination",
        "breast_site",
        "generic_modality",
        "image_guidance",
        "other_region",
    )
)
def breast_order(read: Reading, definition: FactDefinition) -> Iterator[Fact]:
    """Orders by kind: breast examinations (with their modality), ductoscopy, duct surgery, breast clinic.

    An order for two examinations gives two facts; what stands in the detail of an order counts beside its code.
    """

    def look(resource: dict) -> dict[str, Match]:
        nodes = nodes_of(resource, definition)
        found = [
            m for node in nodes for m in matches([node], definition.value_set)
        ] + modalities_in(read, resource, nodes)
        return {m.value: m for m in reversed(found) if not m.negated}

    return recognised(
        read,
        definition,
        look,
        lambda resource, draft, kinds: _orders(read, definition, resource, draft, kinds),
    )


def _orders(
    read: Reading,
    definition: FactDefinition,
    resource: dict,
    draft: int | None,
    kinds: dict[str, Match],
) -> Iterator[Fact]:
    side = read.side(resource, [m.side for m in kinds.values()])
    for match in kinds.values():
        fact = read.fact(definition, resource, draft, match, side, {})
        if fact is not None:
            yield fact
