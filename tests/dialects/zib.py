"""nl-core / zib 2020: SNOMED CT, the side in an extension of AnatomicalLocation, imaging as a TextResult of a coarse type.

Shapes as in Nictiz/Nictiz-R4-zib2020, examples/nl-core-Problem-01, nl-core-TextResult-01 and nl-core-Procedure-event-01: what no code says
stands in ext-Problem.FurtherSpecificationProblemName of `code`, a treatment has a performedPeriod, a report its type in `code` and
everything else in `conclusion`. ProblemType and ProblemVerificationStatus as in the zib Problem.
"""

import re

from tests.dialects import cases, snomed
from tests.dialects.cases import table
from tests.dialects.elements import (
    ZIB_LATERALITY,
    body_site,
    coding,
    concept,
    filled,
    site_of,
    spine_of,
    without,
)
from tests.dialects.said import Resource, Said
from tests.dialects.wording import phrase
from tests.dialects.words import RECEPTOR_OF, BesideWords

FURTHER = "http://nictiz.nl/fhir/StructureDefinition/ext-Problem.FurtherSpecificationProblemName"
PROFILE = "http://nictiz.nl/fhir/StructureDefinition/nl-core-"
VERIFICATION = {  # zib ProblemVerificationStatus
    "confirmed": ("410605003", "Aanwezigheid bevestigd"),
    "provisional": ("415684004", "Verdenking"),
    "unconfirmed": ("415684004", "Verdenking"),
    "differential": ("410590009", "Mogelijk"),
    "refuted": ("410516002", "Afwezigheid bevestigd"),
}
SUSPECTED = concept(
    coding("http://terminology.hl7.org/CodeSystem/condition-ver-status", "provisional")
)
DIAGNOSIS, COMPLAINT = ("282291009", "Diagnose"), ("409586006", "Klacht")
# kinds of TextResult (zib TekstUitslagType) of the examinations
TEXT_RESULT = {
    name: (code, display)
    for names, code, display in table("""
mammography, tomosynthesis, chest x-ray                 | 363680008 | Radiografische beeldvormende verrichting
breast ultrasound, liver ultrasound                     | 16310003  | Echografie
breast mri, spine mri, whole spine mri, lumbar spine mri, pelvis mri, liver mri, brain mri | 113091000 | MRI
fdg pet-ct, naf pet-ct, fes pet-ct, fapi pet-ct, psma pet-ct, fluciclovine pet-ct, pet-ct  | 450436003 | PET-CT-scan
bone scan                                               | 371572003 | Nucleair geneeskundig onderzoek
chest-abdomen ct                                        | 77477000  | CT-scan
""")
    for name in names.split(", ")
}
OF_THE_NIPPLE = {
    "nipple retraction",
    "bloody discharge",
    "nipple discharge",
} | snomed.WORDS_OF_DISCHARGE
_COMPLAINTS = OF_THE_NIPPLE | {
    "breast lump",
    "breast pain",
    "fever",
    "itching breast",
    "peau d'orange",
    "breast erythema",
    "breast oedema",
}
# positive and negative: SNOMED International's own results of a test, as in HL7/fhir-mCODE-ig, input/fsh/EX_ExtendedExample.fsh
RESULT = {"positief": ("10828004", "Positief"), "negatief": ("260385009", "Negatief")}


class Zib(BesideWords):
    """A Dutch hospital that follows the zibs of 2020."""

    name = "zib"
    language = "nl"

    def Condition(self, resource: Resource) -> Resource | None:
        said = cases.problem(resource)
        if said is None:
            return None
        kind = COMPLAINT if said.concept in _COMPLAINTS else DIAGNOSIS
        again = without(resource, "code", "bodySite", "stage") | {
            "meta": {"profile": [f"{PROFILE}Problem"]},
            "category": [concept(coding("sct", *kind))],
            "code": self._problem_name(said),
            "bodySite": self._site(said),
            "verificationStatus": self._verification(resource, said),
        }
        return filled(again)

    def _problem_name(self, said: Said) -> dict:
        code = snomed.VERTEBRAE.get(spine_of(said.place) or "") or snomed.PROBLEMS.get(said.concept)
        words = phrase(
            Said(said.concept, said.side, said.site, said.place, False, said.details),
            "nl",
            self.seed,
        )
        if code is None:
            return concept(text=words)
        more = (
            said.place
            or said.details
            or said.concept in snomed.RECURRENCE | snomed.WORDS_OF_DISCHARGE
        )
        return ({"extension": [{"url": FURTHER, "valueString": words}]} if more else {}) | concept(
            coding("sct", *code)
        )

    def _site(self, said: Said) -> list[dict] | None:
        site = site_of(said)
        if site == "breast" and said.concept in OF_THE_NIPPLE:
            site = "nipple"
        return body_site(site, said.side, ZIB_LATERALITY)

    def _verification(self, resource: Resource, said: Said) -> dict | None:
        status = resource.get("verificationStatus") or (SUSPECTED if said.doubt else None)
        known = VERIFICATION.get(status["coding"][0]["code"]) if status else None
        return status if known is None else {"coding": [status["coding"][0], coding("sct", *known)]}

    def Observation(self, resource: Resource) -> Resource | None:
        return self._finding(resource) or self._receptor(resource) or self._in_words(resource)

    def _finding(self, resource: Resource) -> Resource | None:
        said = cases.problem(resource)
        if said is None or resource.get("valueCodeableConcept"):
            return None
        sites = self._site(said)
        again = resource | {"code": self._problem_name(said), "bodySite": sites and sites[0]}
        if "component" in resource:
            again["component"] = [
                component | {"code": {"text": component["code"]["text"]}}
                for component in resource["component"]
            ]
        return filled(again)

    def _receptor(self, resource: Resource) -> Resource | None:
        """LaboratoryTestResult: what was tested in the specimen, the answer in SNOMED CT."""
        about = re.fullmatch(r"(ER|PR|HER2)-status(.*)", resource["code"].get("text", ""))
        if not about or about[2] not in RECEPTOR_OF or not resource["code"].get("coding"):
            return None
        value = resource.get("valueCodeableConcept", {}).get("text")
        if value not in RESULT and "valueQuantity" not in resource:
            return None
        tissue = RECEPTOR_OF[about[2]][0].strip()
        again = without(resource, "bodySite", "interpretation") | {
            "code": concept(*resource["code"]["coding"], text=f"{about[1]}-receptor")
        }
        if value:
            again["valueCodeableConcept"] = concept(coding("sct", *RESULT[value]))
        return again | ({"specimen": {"display": f"Biopt {tissue}"}} if tissue else {})

    def _in_words(self, resource: Resource) -> Resource | None:
        """A lesion or an assessment: no code of a zib names it; its site and its value are coded where they can be."""
        said = self.words.Observation(resource)
        if said is None:
            return None
        site, side = cases.site_of(resource), cases.side_of(resource)
        sites = body_site(site, side, ZIB_LATERALITY)
        value = resource.get("valueCodeableConcept", {}).get("text")
        if value == "onzeker":
            said = without(said, "valueString") | {
                "valueCodeableConcept": concept(coding("sct", "82334004", "Onbepaald"))
            }
        return filled(said | {"bodySite": sites and sites[0]})

    def DiagnosticReport(self, resource: Resource) -> Resource | None:
        said = cases.examination(resource)
        if said is None or said.concept not in TEXT_RESULT:
            return self.words.DiagnosticReport(resource)
        conclusion = self.words._conclusion(resource)
        if conclusion is None:
            return None
        code = concept(
            coding("sct", *TEXT_RESULT[said.concept]), text=phrase(said, "nl", self.seed)
        )
        meta = {"profile": [f"{PROFILE}TextResult"]}
        again = without(resource, "conclusionCode", "conclusion") | {"meta": meta, "code": code}
        return again | ({"conclusion": conclusion} if conclusion else {})

    def Procedure(self, resource: Resource) -> Resource | None:
        again = self._treatment(resource, "Procedure-event")
        if again and (day := again.pop("performedDateTime", None)):
            again["performedPeriod"] = {"start": day, "end": day}
        return again

    def ServiceRequest(self, resource: Resource) -> Resource | None:
        again = self._treatment(resource, "Procedure-request")
        if again and "reasonCode" in again:
            again["reasonCode"] = [
                {"text": reason.get("text", "")} for reason in again["reasonCode"]
            ]
            return again if all(reason["text"] for reason in again["reasonCode"]) else None
        return again

    def _treatment(self, resource: Resource, profile: str) -> Resource | None:
        said = cases.done(resource)
        if said is None:
            return None
        code = snomed.PROCEDURES.get(said.concept)
        words = (
            phrase(said, "nl", self.seed)
            if code is None or said.concept in snomed.NEEDS_WORDS
            else None
        )
        site = snomed.SITE_OF.get(said.concept) or site_of(said)
        about = {
            "code": concept(*([coding("sct", *code)] if code else []), text=words),
            "bodySite": body_site(site, said.side, ZIB_LATERALITY),
        }
        return filled(
            without(resource, "bodySite") | {"meta": {"profile": [f"{PROFILE}{profile}"]}} | about
        )

    def _medicine(self, resource: Resource) -> Resource | None:
        """The product is a contained Medication, as in the medication process; its G-standaard code is not ours to print, its ATC is."""
        drug = resource.get("medicationCodeableConcept", {})
        if not drug.get("coding") or not drug.get("text"):
            return None
        product = {"resourceType": "Medication", "id": "product", "code": drug}
        return without(resource, "medicationCodeableConcept") | {
            "contained": [product],
            "medicationReference": {"reference": "#product"},
        }

    MedicationRequest = MedicationAdministration = MedicationStatement = _medicine

    def FamilyMemberHistory(self, resource: Resource) -> Resource | None:
        return resource
