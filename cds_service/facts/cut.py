"""Texts that are not read, or not to their end: longer than what is read of one, or in another language. What they say is unknown, and
not the same as not on record."""

from collections.abc import Iterable

from cds_service.clinical_text import languages
from cds_service.clinical_text.folding import MAX_LENGTH, fold
from cds_service.facts.matching import nodes_of
from cds_service.facts.model import FactDefinition
from cds_service.fhir.elements import Unreadable, as_list, texts

# Types that tell their finding in words; an order or a problem in another language is known by its codes, or by nothing.
_TOLD_IN_WORDS = ("DiagnosticReport", "Observation")
SHORT = 8  # letters of a text that is too short to be of a language
READ_IN_PART = f"a text is longer than the {MAX_LENGTH} characters that are read of one"
NOT_READ = "a text is in a language that is not read here"
# What says of itself what a resource is about.
_NAMES = (
    "resourceType",
    "id",
    "code",
    "category",
    "type",
    "bodySite",
    "title",
    "reasonCode",
    "serviceType",
    "procedureCode",
)


def is_long(words: Iterable[str]) -> bool:
    """Whether one of some texts is longer than what is read of it."""
    return any([len(text) > MAX_LENGTH for text in words])


def is_foreign(words: Iterable[str]) -> bool:
    """Whether one of some texts is in a language that is not read."""
    return any([len(text) > SHORT and languages.is_foreign(fold(text)) for text in words])


def why_not_read(words: Iterable[str], resource: dict) -> str:
    """Why the words of a resource are not read, or not to their end; "" where all of them are."""
    words = tuple(words)
    if is_long(words) or "presentedForm" in resource and has_long_form(resource):
        return READ_IN_PART
    is_told = resource.get("resourceType") in _TOLD_IN_WORDS
    return NOT_READ if is_told and is_foreign(words) else ""


def has_long_form(resource: dict) -> bool:
    """Whether a report brings a text file (base64, four letters for three) that is longer than what is read of it."""
    forms = [form for form in as_list(resource.get("presentedForm")) if isinstance(form, dict)]
    written = [
        form.get("data") for form in forms if str(form.get("contentType")).startswith("text/")
    ]
    return any(isinstance(data, str) and len(data) * 3 // 4 > MAX_LENGTH + 2 for data in written)


def is_read_for(resource: dict, definition: FactDefinition) -> bool:
    """Whether the long text stands where a definition is looked for. Reports and orders are read wherever they are written out;
    of a problem its name, not every note."""
    if resource["resourceType"] != "Condition":
        return True
    try:
        return any(
            is_long(told := list(texts(node))) or is_foreign(told)
            for node in nodes_of(resource, definition)
        )
    except Unreadable:
        return False


def names_of(resource: dict) -> dict:
    """What a resource says of itself: its code, category, title and place, without what it tells."""
    return {key: resource[key] for key in _NAMES if key in resource}
