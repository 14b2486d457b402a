"""All enabled guidelines, loaded and cross-checked at start; a request can meet no content error.

Every fault is reported at once with its place and, where a name is wrong, the nearest right one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.facts.extraction import Reader
from cds_service.facts.model import FactDefinition
from cds_service.guideline.loading.site import Site
from cds_service.guideline.model import Guideline
from cds_service.terminology.index import TermIndex
from cds_service.terminology.value_set import ValueSet


@dataclass(frozen=True)
class Library:
    """The loaded content."""

    guidelines: tuple[Guideline, ...]
    readers: Mapping[str, Reader]
    value_sets: Mapping[str, ValueSet]
    wording: Mapping[str, Any]
    site: Site
    index: TermIndex  # over all value sets
    named_sets: Mapping[
        str, ValueSet
    ]  # all of them: the shared ones by name, those of a guideline as guideline.name

    def for_hook(self, hook: str) -> tuple[Guideline, ...]:
        return tuple(g for g in self.guidelines if g.for_hook(hook))

    def fact_definitions(self, hook: str) -> dict[str, FactDefinition]:
        """Every fact that the guidelines of a hook may ask."""
        return {name: d for g in self.for_hook(hook) for name, d in g.facts.items()}
