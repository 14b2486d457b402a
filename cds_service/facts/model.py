"""Facts: single clinical statements about the patient, each with its side, time, standing and origin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from cds_service.fhir.dates import Dates
from cds_service.fhir.paths import Path
from cds_service.logic import Truth
from cds_service.terminology.value_set import Match, ValueSet


class Laterality(str, Enum):
    """Which breast. UNKNOWN: the record does not say. CONFLICT: it says left and right about one thing."""

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"

    def covers(self, other: "Laterality") -> Truth:
        """Whether what is on this side is (also) on `other`, LEFT or RIGHT. Of an UNKNOWN other: only BOTH surely is."""
        if self is Laterality.BOTH:
            return Truth.MET
        if self in (Laterality.UNKNOWN, Laterality.CONFLICT) or other not in (
            Laterality.LEFT,
            Laterality.RIGHT,
        ):
            return Truth.UNKNOWN
        return Truth.MET if self is other else Truth.NOT_MET


@dataclass(frozen=True)
class AttributeDefinition:
    """An attribute of a fact: the value set that gives its values, and where to look."""

    value_set: ValueSet
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class FactDefinition:
    """One entry of a facts.yaml."""

    name: str
    folder: str
    label: Mapping[str, str]  # language -> words
    value_set: ValueSet
    paths: Mapping[str, tuple[Path, ...]]  # resource type -> where the concept stands
    attributes: Mapping[str, AttributeDefinition] = field(default_factory=dict)
    reader: str = (
        ""  # the Python reader of the content that makes these facts; "" for the general one
    )

    sideless: bool = (
        False  # of no breast in particular: that no side is on record is not worth telling
    )
    search_set: ValueSet | None = None  # codes by which Observations without a category are found
    meaning: str = (
        ""  # what its entries are, and which values they have; "" where the label says it all
    )
    made_values: tuple[
        str, ...
    ] = ()  # the values that the reader makes, where they are not those of the value set
    made_attributes: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # attributes that the reader makes, with their values
    # what a value is made of (the modality of a scan, the marker of a receptor), as the table of the content tells it
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    further_attributes: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # attributes and values that the reader makes besides, of which the what-if page supposes nothing; no values: they are open

    @property
    def resource_types(self) -> tuple[str, ...]:
        return tuple(self.paths)

    @property
    def value_sets(self) -> tuple[ValueSet, ...]:
        """Its value set and those of its attributes, each once."""
        return tuple(
            {
                s.name: s
                for s in (self.value_set, *(a.value_set for a in self.attributes.values()))
            }.values()
        )

    @property
    def values(self) -> tuple[str, ...]:
        """The values that its facts may have."""
        return self.made_values or self.value_set.values

    def attribute_values(self) -> dict[str, tuple[str, ...]]:
        """The attributes that its facts may have, each with its values."""
        return {
            name: attribute.value_set.values for name, attribute in self.attributes.items()
        } | dict(self.made_attributes)

    def told_attributes(self) -> dict[str, tuple[str, ...]]:
        """The same with what the reader makes besides; an attribute whose values are open has none."""
        told = self.attribute_values()
        return told | {
            name: (*told.get(name, ()), *values) if values else ()
            for name, values in self.further_attributes.items()
        }


@dataclass(frozen=True, eq=False)
class Fact:
    """One clinical statement read from one resource. Two facts are the same only when they are one object."""

    name: str
    reference: str  # Type/id, "" where the resource has no id
    resource_type: str
    value: str  # what the matching row of the value set means
    side: Laterality
    asserted: Truth  # confirmed / refuted or denied / suspected, preliminary
    current: Truth  # still the case (Condition); MET for what has no end
    when: Dates  # onset of a condition; time of an observation, examination, procedure or order
    recorded: Dates
    attributes: Mapping[str, tuple[Match, ...]] = field(default_factory=dict)
    from_text: bool = False
    words: str = ""  # as the record or the value set names it
    ended: Dates = Dates()  # noqa: RUF009 - frozen; when a condition ended, as far as the record says
    draft: int | None = None  # position in context.draftOrders, None for the record
    against: tuple[
        "Fact", ...
    ] = ()  # entries that say the contrary, so that this one does not surely hold

    def on(self, side: Laterality) -> Truth:
        return self.side.covers(side)


@dataclass(frozen=True)
class FactSet:
    """All facts of one definition, and the inputs that were not read completely."""

    facts: tuple[Fact, ...] = ()
    unread: frozenset[str] = frozenset()
