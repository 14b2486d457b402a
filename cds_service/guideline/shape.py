"""The shape of content files: which members they have and which they must. What the members *mean* is checked in library.

Read these classes as the format's description; a misspelt or missing member is reported with its place.
"""

from difflib import get_close_matches
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Words = dict[str, str]  # language -> text; that no language is missing is checked where the words are used


class Part(BaseModel):
    """A part of a content file: no member that is not named here, no text for a number."""

    model_config = ConfigDict(extra="forbid", strict=True)


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
    something is still to be confirmed."""

    model_config = ConfigDict(extra="allow", strict=True)
    hooks: list[str] = Field(min_length=1)
    orders: dict[str, list[str]] = {}
    indicator: str | None = None
    while_unsure: str | None = None


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
    unreadable: Words
    future: Words


class OwnCard(Part):
    """A card that belongs to every guideline."""

    title: Words
    summary: Words
    detail: Words


class BodySites(Part):
    """The body site of a drafted order, by side."""

    left: CodingShape
    right: CodingShape
    unknown: CodingShape


class WordingShape(Part):
    """shared/wording.yaml"""

    terms: dict[str, Words]
    criteria: dict[str, CriterionWords]
    order_under_review: Words
    card: CardWords
    not_assessed: OwnCard
    information_needed: OwnCard
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
    protocols: dict[str, LinkShape] = {}


def shape_faults(content: object, shape: type[BaseModel], place: str) -> list[str]:
    """Every fault of a file's shape, with its place and the nearest member that exists."""
    try:
        shape.model_validate(content)
    except ValidationError as error:
        return [_told(fault, content, shape, place) for fault in error.errors(include_url=False, include_input=False)]
    return []


def _told(fault: dict, content: object, shape: type[BaseModel], place: str) -> str:
    path = ".".join(_named_steps(fault["loc"], content))
    if fault["type"] == "missing":
        return f"{place}: {path} is missing"
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(str(fault["loc"][-1]), _members(shape), 1)
        return f"{place}: {path} is not known here" + (f"; did you mean {near[0]}?" if near else "")
    if fault["type"] == "invalid_key":
        return f"{place}: a key must be a text (on, off, yes, no and numbers: between quotes)"
    if fault["type"] == "string_type":
        return f"{place}: {path} must be a text (a number, a date, yes or no: between quotes)"
    return f"{place}: {path or 'the file'}: {fault['msg']}"


def _named_steps(steps: tuple, content: object) -> list[str]:
    """The steps of a path; an entry of a list is called by its id where it has one."""
    named = []
    for step in steps:
        try:
            content = content[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            content = None
        identity = content.get("id") if isinstance(step, int) and isinstance(content, dict) else None
        named.append(str(identity or step))
    return named


def _members(shape: type[BaseModel]) -> list[str]:
    """All member names of a file's parts."""
    names: list[str] = []
    for part in [shape, *(p for p in Part.__subclasses__() if p is not shape)]:
        names += [field.alias or name for name, field in part.model_fields.items()]
    return names
