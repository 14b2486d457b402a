"""Which data the content needs, as prefetch templates (CDS Hooks, Prefetch Template).

Derived from the facts of the enabled guidelines; 2.0 tokens only, no parameter twice, within the standard's query subset.
"""

from collections.abc import Iterable

from cds_service.facts.model import FactDefinition
from cds_service.fhir.resource_types import KEYS
from cds_service.terminology.systems import DCM, LOINC, PROJECT, SNOMED

# A finding may be written in words only, so Observations are asked by category; laboratory and vital signs, the bulk
# of a record, are not read. What was stored without a category is asked by code.
OBSERVATION_CATEGORIES = "exam,imaging,procedure,survey,social-history,therapy,activity"


OBSERVATION_SYSTEMS = (SNOMED, LOINC, DCM, PROJECT)


BY_CODE = "observationsByCode"


PAGE = 500


def templates(definitions: Iterable[FactDefinition]) -> dict[str, str]:
    """Prefetch key -> template, for everything that the facts read."""
    definitions = list(definitions)
    if not definitions:
        return {}
    types = {kind for definition in definitions for kind in definition.resource_types}
    found = {"patient": "Patient/{{context.patientId}}"}
    for kind in (kind for kind in KEYS if kind in types):
        narrowed = f"&category={OBSERVATION_CATEGORIES}" if kind == "Observation" else ""
        found[KEYS[kind]] = f"{kind}?patient={{{{context.patientId}}}}{narrowed}&_count={PAGE}"
    codes = sorted(
        {
            f"{system}|{code}"
            for definition in definitions
            for path in definition.paths.get("Observation", ())
            if path.expression == "code"
            if definition.search_set
            for system, code in definition.search_set.codes
            if system in OBSERVATION_SYSTEMS
        }
    )
    if codes:
        found[BY_CODE] = (
            f"Observation?patient={{{{context.patientId}}}}&code={','.join(codes)}&_count={PAGE}"
        )
    return found


def type_of(template: str) -> str:
    """The resource type that a template asks for."""
    return template.split("?")[0].split("/")[0]
