"""mCODE: primary and secondary cancer conditions, tumour markers, surgery, radiotherapy, medication; beside it US Core in SNOMED CT.

Shapes as in HL7/fhir-mCODE-ig, input/fsh: SD_Condition (profiles, laterality qualifier on bodySite, related primary), SD_Extensions
(mcode-procedure-intent), EX_ExtendedExample (a woman with breast cancer: pre-coordinated side, receptors answered with LOINC's
LA6576-8 and LA6577-6, RxNorm of doxorubicin, cyclophosphamide and paclitaxel, pathology 22637-3) and EX_Radiotherapy (1217123003
with a category and the site). The generic code 363346000 with the breast as site is that of the example primary-cancer-condition-breast.
"""

import re

from tests.dialects import cases, snomed
from tests.dialects.elements import (
    MCODE,
    body_site,
    coding,
    concept,
    filled,
    site_of,
    spine_of,
    without,
)
from tests.dialects.said import Resource, Said
from tests.dialects.wording import chosen, phrase
from tests.dialects.words import DRUGS, RECEPTOR_OF, BesideWords

LATERALITY = f"{MCODE}mcode-laterality-qualifier"
RELATED = "http://hl7.org/fhir/StructureDefinition/condition-related"
INTENT = f"{MCODE}mcode-procedure-intent"
INTENTS = {
    "neoadjuvant": ("373847000", "Neo-adjuvant - intent"),
    "adjuvant": ("373846009", "Adjuvant - intent"),
    "palliatief": ("363676003", "Palliative - procedure intent"),
}
SIDED = {
    "left": ("353431000119107", "Primary malignant neoplasm of female left breast"),
    "right": ("353511000119101", "Primary malignant neoplasm of female right breast"),
}
RXNORM = {"Doxorubicine": "3639", "Cyclofosfamide": "3002", "Paclitaxel": "56946"}
ANSWERS = {"positief": ("LA6576-8", "Positive"), "negatief": ("LA6577-6", "Negative")}
RADIOTHERAPY = ("1217123003", "Radiotherapy course of treatment")
FIELDS = {
    "breast radiotherapy": "breast",
    "chest wall radiotherapy": "chest wall",
    "axilla radiotherapy": "axilla",
    "spine radiotherapy": "spine",
}
SURGERY = {
    "mastectomy",
    "simple mastectomy",
    "modified radical",
    "skin sparing",
    "subcutaneous",
    "lumpectomy",
    "wide excision",
    "axillary dissection",
    "sentinel node",
}
_PRIMARY = {
    "breast cancer",
    "male breast cancer",
    "ductal breast cancer",
    "lobular breast cancer",
    "inflammatory breast cancer",
    "triple negative cancer",
    "hormone positive cancer",
    "dcis",
    "local recurrence",
}
ACTIVE = {"coding": [{"code": "active"}]}  # a problem without a status is active
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
# LOINC of reports of breast imaging, by side: RSNA radiology playbook as in LOINC 2.71
REPORTS = {
    "mammography": {"left": "36627-8", "right": "37774-7", "both": "36626-0"},
    "breast ultrasound": {"left": "26215-4", "right": "26216-2"},
    "breast mri": {"both": "30795-9"},
    "fdg pet-ct": {None: "81555-5"},
    "spine mri": {None: "36067-7"},
    "bone scan": {None: "39818-0"},
}


class Mcode(BesideWords):
    """An oncology system that speaks mCODE."""

    name = "mcode"
    language = "en"

    def of(self, resources, orders):
        primaries = [
            one["id"]
            for one in resources
            if one["resourceType"] == "Condition"
            and (said := cases.problem(one))
            and said.concept in _PRIMARY
        ]
        self.primary = primaries[0] if primaries else None
        return super().of(resources, orders)

    # --- conditions

    def Condition(self, resource: Resource) -> Resource | None:
        said = cases.problem(resource)
        if said is None or not self.words._notes_known(resource):
            return None
        again = self.words._with_notes(without(resource, "code", "bodySite", "stage", "meta"))
        again["category"] = [
            concept(
                coding(
                    "http://terminology.hl7.org/CodeSystem/condition-category", "problem-list-item"
                )
            )
        ]
        again |= {
            "code": self._code(said),
            "bodySite": body_site(site_of(said), said.side, LATERALITY, said.place or None),
        }
        if said.concept in _PRIMARY:
            again["meta"] = {"profile": [f"{MCODE}mcode-primary-cancer-condition"]}
        elif (
            "metasta" in said.concept
            or "carcinomatosis" in said.concept
            or said.concept in snomed.RECURRENCE
        ):
            again["meta"] = {"profile": [f"{MCODE}mcode-secondary-cancer-condition"]}
            if self.primary:
                again["extension"] = [
                    {"url": RELATED, "valueReference": {"reference": f"Condition/{self.primary}"}}
                ]
        if (
            said.concept in snomed.RECURRENCE
            and resource.get("clinicalStatus", ACTIVE)["coding"][0]["code"] == "active"
        ):
            again["clinicalStatus"] = concept(coding(CLINICAL, "recurrence"))
        if said.doubt and "verificationStatus" not in resource:
            again["verificationStatus"] = concept(
                coding("http://terminology.hl7.org/CodeSystem/condition-ver-status", "provisional")
            )
        return filled(again)

    def _code(self, said: Said) -> dict:
        code = snomed.VERTEBRAE.get(spine_of(said.place) or "") or snomed.PROBLEMS.get(said.concept)
        if code is None:
            return concept(text=phrase(said, "en", self.seed))
        if said.concept == "breast cancer" and said.side in SIDED:
            code = chosen(
                (code, SIDED[said.side], ("363346000", "Malignant neoplastic disease")),
                self.seed,
                "primary",
            )
        more = said.details or said.concept in snomed.WORDS_OF_DISCHARGE
        return concept(coding("sct", *code), text=phrase(said, "en", self.seed) if more else None)

    # --- observations

    def Observation(self, resource: Resource) -> Resource | None:
        return self._finding(resource) or self._marker(resource) or self._in_words(resource)

    def _finding(self, resource: Resource) -> Resource | None:
        said = cases.problem(resource)
        spoken = self.words._finding(resource)
        if said is None or spoken is None:
            return None
        sites = body_site(site_of(said), said.side, LATERALITY)
        again = resource | {"code": self._code(said), "bodySite": sites and sites[0]}
        if "component" in again:
            again = without(again, "component", "valueBoolean") | {
                "valueString": spoken["valueString"]
            }
        return filled(again)

    def _marker(self, resource: Resource) -> Resource | None:
        """TumorMarkerTest."""
        about = re.fullmatch(r"(ER|PR|HER2)-status(.*)", resource["code"].get("text", ""))
        value = resource.get("valueCodeableConcept", {}).get("text")
        if (
            not about
            or about[2] not in RECEPTOR_OF
            or not resource["code"].get("coding")
            or (value not in ANSWERS and "valueQuantity" not in resource)
        ):
            return None
        again = without(resource, "bodySite", "interpretation", "category") | {
            "meta": {"profile": [f"{MCODE}mcode-tumor-marker-test"]},
            "category": [
                concept(
                    coding(
                        "http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"
                    )
                )
            ],
            "code": concept(*resource["code"]["coding"]),
        }
        if value:
            again["valueCodeableConcept"] = concept(coding("loinc", *ANSWERS[value]))
        tissue = RECEPTOR_OF[about[2]][1].removeprefix(" of ")
        return again | ({"specimen": {"display": f"Specimen of {tissue}"}} if tissue else {})

    def _in_words(self, resource: Resource) -> Resource | None:
        said = self.words.Observation(resource)
        if said is None:
            return None
        sites = body_site(cases.site_of(resource), cases.side_of(resource), LATERALITY)
        if resource.get("valueCodeableConcept", {}).get("text") == "onzeker":
            said = without(said, "valueString") | {
                "valueCodeableConcept": concept(coding("sct", "82334004", "Indeterminate"))
            }
        return filled(said | {"bodySite": sites and sites[0]})

    # --- examinations, treatment, orders

    def DiagnosticReport(self, resource: Resource) -> Resource | None:
        said, spoken = cases.examination(resource), self.words.DiagnosticReport(resource)
        if spoken is None:
            return None
        loinc = REPORTS.get(said.concept, {}).get(said.side) if said else "22637-3"
        if loinc is None:
            return spoken
        again = without(spoken, "code") | {
            "code": concept(coding("loinc", loinc), text=None if said else spoken["code"]["text"])
        }
        if (
            said
            and said.concept == "mammography"
            and all(
                "BI-RADS" in code.get("text", "") for code in resource.get("conclusionCode", [{}])
            )
        ):
            codes = [{"coding": code["coding"]} for code in resource["conclusionCode"]]
            again = without(again, "conclusion") | {"conclusionCode": codes}
        return again

    def Procedure(self, resource: Resource) -> Resource | None:
        again = self._treatment(resource)
        if again is None or not (outcome := resource.get("outcome", {}).get("text")):
            return again
        words = self.words.translated(outcome)
        return again | {"outcome": {"text": words}} if words else None

    def ServiceRequest(self, resource: Resource) -> Resource | None:
        spoken, again = self.words.ServiceRequest(resource), self._treatment(resource)
        if spoken is None or again is None:
            return None
        return again | {
            element: spoken[element]
            for element in ("reasonCode", "orderDetail")
            if element in spoken
        }

    def _treatment(self, resource: Resource) -> Resource | None:
        said = cases.done(resource)
        if said is None:
            return None
        code, site = (
            snomed.PROCEDURES.get(said.concept),
            snomed.SITE_OF.get(said.concept) or site_of(said),
        )
        again = without(resource, "bodySite")
        if said.concept in FIELDS:
            code, site = RADIOTHERAPY, FIELDS[said.concept]
            if resource["resourceType"] == "Procedure":
                day = again.pop("performedDateTime", None)
                again |= {
                    "meta": {"profile": [f"{MCODE}mcode-radiotherapy-course-summary"]},
                    "category": concept(
                        coding("sct", "108290001", "Radiation oncology AND/OR radiotherapy")
                    ),
                }
                again |= {"performedPeriod": {"start": day, "end": day}} if day else {}
        elif said.concept in SURGERY and resource["resourceType"] == "Procedure":
            again["meta"] = {"profile": [f"{MCODE}mcode-cancer-related-surgical-procedure"]}
        words = (
            phrase(said, "en", self.seed)
            if code is None or said.concept in snomed.NEEDS_WORDS
            else None
        )
        about = {
            "code": concept(*([coding("sct", *code)] if code else []), text=words),
            "bodySite": body_site(site, said.side, LATERALITY),
        }
        return filled(again | about)

    def _medicine(self, resource: Resource) -> Resource | None:
        drug = resource.get("medicationCodeableConcept", {}).get("text")
        notes = [note["text"] for note in resource.get("note", [])]
        if drug not in DRUGS or not all(note in INTENTS for note in notes):
            return None
        codings = (
            [coding("http://www.nlm.nih.gov/research/umls/rxnorm", RXNORM[drug], DRUGS[drug])]
            if drug in RXNORM
            else []
        )
        again = without(resource, "note") | {
            "medicationCodeableConcept": concept(*codings, text=None if codings else DRUGS[drug])
        }
        intents = [
            {"url": INTENT, "valueCodeableConcept": concept(coding("sct", *INTENTS[note]))}
            for note in notes
        ]
        return again | ({"extension": intents} if intents else {})

    MedicationRequest = MedicationAdministration = MedicationStatement = _medicine

    def FamilyMemberHistory(self, resource: Resource) -> Resource | None:
        known = [
            one for one in resource["condition"] if one["code"].get("text") == "Mammacarcinoom"
        ]
        return (
            resource | {"condition": [{"code": concept(*one["code"]["coding"])} for one in known]}
            if len(known) == len(resource["condition"])
            else None
        )
