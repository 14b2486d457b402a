"""A guideline as it stands in its folder: recommendations composed of named criteria, with source and words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cds_service.facts.model import FactDefinition
from cds_service.guideline.criterion import Contract, Criterion

Words = Mapping[str, str]  # language -> text

# The roles of a criterion in a recommendation, in the order in which they are judged and shown.
#   trigger      all must be met for the recommendation to concern this patient
#   required     all must be met; unknown -> incomplete
#   grounds      at least one must be met (the ground of a warning, the missing examination)
#   confirm      not met -> off; unknown -> "confirm with the patient"
#   exclusions   one met -> contraindicated; unknown -> "no record found: confirm"
#   suppressed_by  one met -> already answered, no card
#   context      decides nothing; shown, for the reader to weigh
#   informs      decides nothing; chooses suggestions and paragraphs
#   removal      decides nothing; all must be met before the card may offer to remove the order (shared/order_removal.yaml)
ROLES = (
    "trigger",
    "required",
    "grounds",
    "confirm",
    "exclusions",
    "suppressed_by",
    "context",
    "informs",
    "removal",
)
ROLE_WORDS = {"exclusions": "exclusion", "suppressed_by": "suppression", "grounds": "ground"}


@dataclass(frozen=True)
class CriterionRole:
    """A criterion as a recommendation uses it: with its role and parameters."""

    name: str
    role: str
    parameters: Mapping[str, object]
    function: Criterion
    label: Words
    missing: Words  # what to record or ask when the answer is unknown
    found: Words = field(
        default_factory=dict
    )  # what to say of the values that the answer gives; empty for most

    @property
    def contract(self) -> Contract:
        """What the criterion declares."""
        return self.function.contract  # type: ignore[attr-defined]

    @property
    def asks(self) -> frozenset[str]:
        """The facts and settings that it may look at."""
        return self.contract.facts | self.contract.settings

    @cached_property
    def id(self) -> str:
        """Unique within a recommendation: the name, with the parameters that make it another question."""
        return ":".join([self.name, *(str(value) for value in self.parameters.values())])


@dataclass(frozen=True)
class Situation:
    """When a recommendation speaks on some hooks: lists of criteria by role, and the orders that it is about."""

    hooks: tuple[str, ...]
    orders: Mapping[
        str, tuple[str, ...]
    ]  # fact name -> kinds of order; empty where no order is judged
    uses: tuple[CriterionRole, ...]
    indicator: str = "info"
    while_unsure: str = "info"  # the indicator as long as something is still to be confirmed
    while_unread: str = ""  # how heavily it weighs that it could not be assessed; as the indicator where it is not said

    _by_roles: dict[tuple[str, ...], tuple[CriterionRole, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def role(self, *roles: str) -> tuple[CriterionRole, ...]:
        if roles not in self._by_roles:
            self._by_roles[roles] = tuple(use for use in self.uses if use.role in roles)
        return self._by_roles[roles]


@dataclass(frozen=True)
class ActionTemplate:
    """One action of a suggestion: create an order from the folder's list, or delete the order that is judged."""

    type: str  # create, delete
    order: str  # name in `orders` of card.yaml for create
    description: Words


@dataclass(frozen=True)
class SuggestionTemplate:
    label: Words
    offered_when: tuple[str, ...]  # ids of criteria that must be met
    actions: tuple[ActionTemplate, ...]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a card that is said when all of some criteria are met."""

    text: Words
    said_when: tuple[str, ...]


@dataclass(frozen=True)
class Opening:
    """Another summary and detail of a card, when all of some criteria are met."""

    summary: Words
    detail: Words
    said_when: tuple[str, ...]


@dataclass(frozen=True)
class OrderTemplate:
    """What a draft ServiceRequest says. `coding` only from the verified list or the project's own system."""

    text: Words
    codings: tuple[Mapping[str, str], ...]
    sided: bool
    site: Mapping[str, str] | None = None
    priority: str = ""


@dataclass(frozen=True)
class CardTemplate:
    """Every sentence of a card."""

    summary: Words
    detail: Words
    paragraphs: tuple[Paragraph, ...] = ()
    suggestions: tuple[SuggestionTemplate, ...] = ()
    selection: str = "at-most-one"
    links: tuple[tuple[Words, str], ...] = ()
    override_reasons: tuple[str, ...] = ()
    instead: tuple[
        Opening, ...
    ] = ()  # the first that applies takes the place of summary and detail


@dataclass(frozen=True)
class Recommendation:
    """One key of the catalogue."""

    key: str
    guideline: str
    title: Words
    decides: Words  # what the answer to a missing question would decide
    strength: Words
    section: str
    situations: tuple[Situation, ...]
    card: CardTemplate

    @property
    def asks(self) -> frozenset[str]:
        """The facts and settings that its criteria may look at."""
        return frozenset().union(
            *(use.asks for situation in self.situations for use in situation.uses)
        )

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hooks on which it may speak, each once."""
        return tuple(
            dict.fromkeys(hook for situation in self.situations for hook in situation.hooks)
        )

    _by_hook: dict[str, tuple[Situation, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def situations_on(self, hook: str) -> tuple[Situation, ...]:
        """The situations in which it may speak on a hook."""
        if hook not in self._by_hook:
            self._by_hook[hook] = tuple(s for s in self.situations if hook in s.hooks)
        return self._by_hook[hook]


@dataclass(frozen=True)
class Setting:
    """A threshold that no source fixes, or that one does: value, unit, origin. Shown on the card."""

    value: int
    unit: str
    label: Words
    source: str


@dataclass(frozen=True)
class Source:
    label: Words
    url: str
    status: Words
    draft: bool


@dataclass(frozen=True)
class Guideline:
    """One folder under cards/."""

    id: str
    version: str
    title: Words
    source: Source
    per_breast: bool
    settings: Mapping[str, Setting]
    facts: Mapping[str, FactDefinition]
    recommendations: tuple[Recommendation, ...]
    orders: Mapping[str, OrderTemplate]
    order_label: Words  # how the order under review is named in a tree
    terms: Mapping[str, Words] = field(default_factory=dict)

    @cached_property
    def contraindications(self) -> frozenset[str]:
        """The criteria that exclude something in some recommendation; in another one they may be the grounds."""
        return frozenset(
            use.id
            for r in self.recommendations
            for situation in r.situations
            for use in situation.role("exclusions")
        )

    def for_hook(self, hook: str) -> tuple[Recommendation, ...]:
        return tuple(r for r in self.recommendations if r.situations_on(hook))
