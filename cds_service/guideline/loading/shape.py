"""The shape of content files: which members they have and which they must. What the members *mean* is checked in library.

Read these classes as the format's description; a misspelt or missing member is reported with its place.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from cds_service.strict.shapes import Part

Words = dict[
    str, str
]  # language -> text; that no language is missing is checked where the words are used


class SourceShape(Part):
    """The source that every card of a guideline names."""

    label: Words
    url: str
    status: Words
    draft: bool = False


class SettingShape(Part):
    """A threshold: value, unit, what a card says of it, where it comes from."""

    value: int
    unit: str
    label: Words
    source: str = Field(min_length=1)


class WhenShape(BaseModel):
    """One situation; its lists of criteria, by role, are checked in library. `while_unsure`: the indicator as long as
    something is still to be confirmed; `while_unread`: the indicator of `notAssessed` where it could not be assessed."""

    model_config = ConfigDict(extra="allow", strict=True)
    hooks: list[str] = Field(min_length=1)
    orders: dict[str, list[str]] = {}
    indicator: str | None = None
    while_unsure: str | None = None
    while_unread: str | None = None


class RecommendationShape(Part):
    """One key of the catalogue."""

    id: str
    indicator: str
    section: str
    strength: Words
    when: list[WhenShape] = Field(min_length=1)


class GuidelineShape(Part):
    """guideline.yaml"""

    version: str
    title: Words
    per: Literal["breast"] | None = None
    source: SourceShape
    facts: list[str]
    settings: dict[str, SettingShape] = {}
    recommendations: list[RecommendationShape] = Field(min_length=1)


class OrderRemovalShape(Part):
    """shared/order_removal.yaml: what must surely hold before any card may offer to remove an order."""

    removal: list[str] = Field(min_length=1)
    facts: list[str]  # that these criteria ask for
    settings: dict[str, SettingShape]


class CriterionWords(Part):
    """How a criterion is named, what is missing when it is unknown, and what to say of the values that it found."""

    label: Words
    missing: Words
    found: Words | None = None


class CodingShape(Part):
    """A code that is emitted."""

    system: str
    code: str
    display: str


class OrderShape(Part):
    """What a drafted order says."""

    text: Words
    codings: list[CodingShape] = []
    sided: bool = False  # the body site is the breast under evaluation
    site: CodingShape | None = None  # a body site that is always the same
    priority: Literal["routine", "urgent", "asap", "stat"] | None = None


class SuggestionShape(Part):
    """A button of a card; `offered_when` names criteria that must be met."""

    label: Words
    offered_when: list[str] = []
    descriptions: dict[Literal["create", "delete"], Words] = {}
    actions: list[dict[str, str]] = Field(min_length=1)


class ParagraphShape(Part):
    """A paragraph of a card; `said_when` names criteria that must be met."""

    said_when: list[str] = Field(min_length=1)
    text: Words


class OpeningShape(Part):
    """Another summary and detail of a card; `said_when` names criteria that must be met."""

    said_when: list[str] = Field(min_length=1)
    summary: Words
    detail: Words


class LinkShape(Part):
    """A link of a card: an absolute address, or a path of this service."""

    label: Words
    url: str


class CardShape(Part):
    """Every sentence of one card."""

    title: Words
    decides: Words | None = None
    summary: Words
    detail: Words
    instead: list[OpeningShape] = []
    paragraphs: list[ParagraphShape] = []
    selection: Literal["at-most-one", "any"] = "at-most-one"
    suggestions: list[SuggestionShape] = []
    links: list[LinkShape] = []
    override_reasons: list[str] = []


class CardsShape(Part):
    """card.yaml"""

    criteria: dict[str, CriterionWords] = {}
    orders: dict[str, OrderShape] = {}
    terms: dict[str, Words] = {}
    cards: dict[str, CardShape]


class CardWords(Part):
    """The words around what a card says."""

    table: Words
    met: Words
    not_met: Words = Field(alias="not-met")
    to_confirm: Words
    no_record: Words
    nothing_recorded: Words
    not_recorded: Words
    from_text: Words
    conflicting: Words
    source: Words
    section: Words
    draft: Words
    setting: Words
    judged_on: Words
    other_breast: Words
    since: Words
    recorded: Words
    not_: Words = Field(alias="not")
    in_this_request: Words
    before_last: Words
    unreadable: Words
    version: Words
    page: Words  # the link to the recommendation's own page
    future: Words


class OwnCard(Part):
    """A card that belongs to every guideline."""

    title: Words
    summary: Words
    detail: Words


class FaultCard(Part):
    """The card of a guideline that a fault of the service keeps from being judged."""

    summary: Words
    detail: Words


class WhatIfWords(Part):
    """How a supposition is told: a fact that is new, not on record, sure, denied, still or no longer there."""

    new: Words
    absent: Words
    confirmed: Words
    refuted: Words
    current: Words
    past: Words


class BodySites(Part):
    """The body site of a drafted order, by side."""

    left: CodingShape
    right: CodingShape
    unknown: CodingShape


class WordingShape(Part):
    """shared/wording.yaml"""

    terms: dict[str, Words]
    criteria: dict[str, CriterionWords]
    values: dict[str, Words] = {}  # what a placeholder stands for, where no patient fills it in
    order_under_review: Words
    card: CardWords
    not_assessed: OwnCard
    at_fault: FaultCard
    information_needed: OwnCard
    what_if: WhatIfWords
    attributes: dict[str, Words]
    body_sites: BodySites
    inputs: dict[str, Words]
    override_reasons: dict[str, Words]


class SiteCode(Part):
    """A row that a hospital adds to a value set, as in the CSV file; a row whose system is `text` is a term."""

    system: str
    code: str = Field(pattern=r"^\S+( \S+)*$")
    display: str = ""
    value: str = ""
    side: Literal["", "left", "right", "both"] = ""


class SiteShape(Part):
    """A hospital's own file (CDS_SITE_FILE); the outer names are guidelines, of `codes` value sets."""

    name: str = Field(pattern=r"^\w[\w .,()'-]{0,59}$")  # stands on cards: nothing that is markup
    switched_off: list[str] = []
    settings: dict[str, dict[str, int]] = {}
    codes: dict[str, list[SiteCode]] = {}
    code_files: list[str] = []  # more of `codes`, in files beside this one
    protocols: dict[str, LinkShape] = {}


class CodeFileShape(RootModel[dict[str, list[SiteCode]]]):
    """A file of codes: value set -> rows."""
