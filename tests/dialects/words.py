"""Text only: no code but FHIR's own (status, category), everything in words; one case in Dutch, the next in English."""

import re

from tests.dialects import cases, reports
from tests.dialects.cases import table
from tests.dialects.dialect import Dialect
from tests.dialects.elements import without
from tests.dialects.said import Resource
from tests.dialects.wording import chosen, phrase

# The Dutch words of the case | in English
DRUGS = dict(
    table("""
Doxorubicine            | Doxorubicin
Epirubicine             | Epirubicin
Cyclofosfamide          | Cyclophosphamide
Paclitaxel              | Paclitaxel
Docetaxel               | Docetaxel
Capecitabine            | Capecitabine
Carboplatine            | Carboplatin
Trastuzumab             | Trastuzumab
Tamoxifen               | Tamoxifen
Letrozol                | Letrozole
Palbociclib             | Palbociclib
Ribociclib              | Ribociclib
Zoledroninezuur         | Zoledronic acid
Denosumab               | Denosumab
Flucloxacilline         | Flucloxacillin
Amoxicilline/clavulaanzuur | Amoxicillin/clavulanic acid
Fusidinezuurcrème       | Fusidic acid cream
FDG                     | FDG
FES                     | FES
""")
)
RECEPTOR_OF = {  # after the Dutch name of the test: tissue in Dutch, in English
    "": ("", ""),
    " primaire tumor": (" primaire tumor", " of the primary tumor"),
    " metastase": (" metastase", " of metastasis"),
    " metastase lever": (" levermetastase", " of liver metastasis"),
    " metastase bot": (" botmetastase", " of bone metastasis"),
    " metastase long": (" longmetastase", " of lung metastasis"),
}
_ANSWERS = {
    "positief": ("positief", "positive"),
    "negatief": ("negatief", "negative"),
    "onzeker": ("onzeker", "indeterminate"),
}
_LESION = {"lever": "liver", "bekken": "pelvis", "bot": "bone", "long": "lung"}
_COLOURS = {
    "bloederig": "bloody",
    "bruin": "brown",
    "sereus/geel": "serous",
    "helder/waterig": "clear",
    "melkachtig": "milky",
}
_DUCTS = {"één melkgang": "from one duct", "meerdere melkgangen": "from multiple ducts"}


class Words(Dialect):
    """Everything in words."""

    name = "text"

    def __init__(self, case_id: str, language: str | None = None):
        super().__init__(case_id)
        self.language = language or chosen(("nl", "en"), case_id)

    def translated(self, words: str) -> str | None:
        return reports.sentence(words, self.language, self.seed)

    # --- problems

    def Condition(self, resource: Resource) -> Resource | None:
        said = cases.problem(resource)
        if said is None or not self._notes_known(resource):
            return None
        return self._with_notes(without(resource, "bodySite", "stage")) | {
            "code": {"text": phrase(said, self.language, self.seed)}
        }

    def Observation(self, resource: Resource) -> Resource | None:
        return (
            self._finding(resource)
            or self._receptor(resource)
            or self._lesion(resource)
            or self._assessment(resource)
        )

    def _finding(self, resource: Resource) -> Resource | None:
        said = cases.problem(resource)
        if said is None or resource.get("valueCodeableConcept"):
            return None
        again = without(resource, "bodySite", "component", "method", "valueBoolean")
        about, answers = phrase(said, self.language, self.seed), []
        if said.concept == "papilloma":
            about += " op echografie" if self.language == "nl" else " on ultrasound"
        for component in resource.get("component", []):
            name, value = (
                component["code"]["text"],
                component.get("valueCodeableConcept", {}).get(
                    "text", component.get("valueBoolean", component.get("valueString"))
                ),
            )
            if name == "Spontane tepeluitvloed":
                answers.append(
                    ("spontaan" if value else "niet spontaan")
                    if self.language == "nl"
                    else ("spontaneous" if value else "not spontaneous")
                )
            elif value in _COLOURS:
                answers.append(value if self.language == "nl" else _COLOURS[value])
            elif value in _DUCTS:
                answers.append(f"uit {value}" if self.language == "nl" else _DUCTS[value])
            else:
                return None
        if resource.get("valueBoolean") is False:
            answers.insert(0, "nee" if self.language == "nl" else "no")
        elif not answers:
            answers.append("ja" if self.language == "nl" else "yes")
        return again | {"code": {"text": about}, "valueString": ", ".join(answers)}

    def _receptor(self, resource: Resource) -> Resource | None:
        about = re.fullmatch(r"(ER|PR|HER2)-status(.*)", resource["code"].get("text", ""))
        value = resource.get("valueCodeableConcept", {}).get("text")
        if (
            not about
            or about[2] not in RECEPTOR_OF
            or (value not in _ANSWERS and "valueQuantity" not in resource)
        ):
            return None
        english = self.language == "en"
        answer = {"valueString": _ANSWERS[value][english]} if value else {}
        again = without(resource, "bodySite", "valueCodeableConcept", "interpretation")
        return (
            again
            | {
                "code": {
                    "text": f"{about[1]}{' status' if english else '-status'}{RECEPTOR_OF[about[2]][english]}"
                }
            }
            | answer
        )

    def _lesion(self, resource: Resource) -> Resource | None:
        about = re.fullmatch(r"Laesie (\S+)", resource["code"].get("text", ""))
        if not about or resource.get("valueCodeableConcept", {}).get("text") != "onzeker":
            return None
        place = (
            _LESION.get(about[1], about[1].replace("Th", "T"))
            if self.language == "en"
            else about[1]
        )
        options = (
            ("onzeker", "onduidelijk", "van onduidelijke aard")
            if self.language == "nl"
            else ("indeterminate", "uncertain", "equivocal")
        )
        again = without(resource, "bodySite", "valueCodeableConcept")
        return again | {
            "code": {"text": f"{'Lesion' if self.language == 'en' else 'Laesie'} {place}"},
            "valueString": chosen(options, self.seed),
        }

    def _assessment(self, resource: Resource) -> Resource | None:
        """A BI-RADS category or a tissue diagnosis as an Observation of its own."""
        about, value = (
            resource["code"].get("text", ""),
            resource.get("valueCodeableConcept", {}).get("text", ""),
        )
        side = {
            "left": ("links", "left"),
            "right": ("rechts", "right"),
            "both": ("beiderzijds", "bilateral"),
            None: ("", ""),
        }[cases.side_of(resource)]
        english = self.language == "en"
        again = without(resource, "bodySite", "valueCodeableConcept")
        if birads := re.fullmatch(r"BI-RADS (echografie van de borst|mammografie)", about):
            name = {
                "mammografie": ("mammografie", "mammography"),
                "echografie van de borst": ("echografie mamma", "breast ultrasound"),
            }[birads[1]]
            return again | {
                "code": {"text": f"BI-RADS {name[english]} {side[english]}".strip()},
                "valueString": value,
            }
        if about == "Histologie mammabiopt" and (result := self.translated(value)):
            return again | {
                "code": {
                    "text": f"{self.translated(about)}{', ' if english else ' '}{side[english]}".strip(
                        " ,"
                    )
                },
                "valueString": result,
            }
        return None

    # --- examinations and treatment

    def DiagnosticReport(self, resource: Resource) -> Resource | None:
        said = cases.examination(resource)
        title = (
            phrase(said, self.language, self.seed)
            if said
            else self.translated(resource["code"].get("text", ""))
            if not resource["code"].get("coding")
            else None
        )
        conclusion = self._conclusion(resource)
        if title is None or conclusion is None:
            return None
        return (
            without(resource, "conclusionCode", "conclusion")
            | {"code": {"text": title}}
            | ({"conclusion": conclusion} if conclusion else {})
        )

    def _conclusion(self, resource: Resource) -> str | None:
        """The conclusion with its codes in words; None where it cannot be said."""
        parts = []
        if words := resource.get("conclusion"):
            parts.append(self.translated(words))
        for code in resource.get("conclusionCode", []):
            if category := re.fullmatch(r"BI-RADS (\w+)", code.get("text", "")):
                parts.append(reports.birads(category[1], self.language, self.seed))
            elif not parts:
                parts.append(self.translated(code.get("text", "")))
        return None if None in parts else " ".join(parts)

    def Procedure(self, resource: Resource) -> Resource | None:
        said = cases.done(resource)
        outcome = resource.get("outcome", {}).get("text")
        if said is None or (outcome and self.translated(outcome) is None):
            return None
        again = without(resource, "bodySite") | {
            "code": {"text": phrase(said, self.language, self.seed)}
        }
        return again | ({"outcome": {"text": self.translated(outcome)}} if outcome else {})

    def ServiceRequest(self, resource: Resource) -> Resource | None:
        said = cases.done(resource)
        reasons = [
            self.translated(reason.get("text", "")) for reason in resource.get("reasonCode", [])
        ]
        details = [
            self.translated(detail.get("text", "")) for detail in resource.get("orderDetail", [])
        ]
        if said is None or None in [*reasons, *details]:
            return None
        again = without(resource, "bodySite") | {
            "code": {"text": phrase(said, self.language, self.seed)}
        }
        if details:
            again["orderDetail"] = [{"text": detail} for detail in details]
        return again | ({"reasonCode": [{"text": reason} for reason in reasons]} if reasons else {})

    def ImagingStudy(self, resource: Resource) -> Resource | None:
        """The modality is a DICOM code in every system: only the description is words."""
        said = cases.examination({"code": {"text": resource.get("description", "")}})
        return (
            None
            if said is None
            else resource | {"description": phrase(said, self.language, self.seed)}
        )

    def FamilyMemberHistory(self, resource: Resource) -> Resource | None:
        ill = [{"code": {"text": condition["code"]["text"]}} for condition in resource["condition"]]
        return resource | {"condition": ill} if self.language == "nl" else None

    def _medicine(self, resource: Resource) -> Resource | None:
        drug = resource.get("medicationCodeableConcept", {})
        if drug.get("text") not in DRUGS or not self._notes_known(resource):
            return None
        name = drug["text"] if self.language == "nl" else DRUGS[drug["text"]]
        return self._with_notes(resource) | {"medicationCodeableConcept": {"text": name}}

    MedicationRequest = MedicationAdministration = MedicationStatement = _medicine

    def Appointment(self, resource: Resource) -> Resource | None:
        words = (
            "MDO mammacarcinoom"
            if self.language == "nl"
            else "Multidisciplinary team meeting breast cancer"
        )
        return resource | {"serviceType": [{"text": words}], "description": words}

    def DocumentReference(self, resource: Resource) -> Resource | None:
        if resource.get("description"):
            return None
        words = (
            "Verslag MDO mammacarcinoom"
            if self.language == "nl"
            else "Tumour board report, breast cancer"
        )
        return resource | {
            "type": {"text": words},
            "content": [{"attachment": {"contentType": "text/plain", "title": words}}],
        }

    def Encounter(self, resource: Resource) -> Resource | None:
        return resource | {
            "type": [
                {
                    "text": "Multidisciplinair overleg"
                    if self.language == "nl"
                    else "Multidisciplinary team meeting"
                }
            ]
        }

    # --- remarks

    def _notes_known(self, resource: Resource) -> bool:
        return all(self.translated(note["text"]) for note in resource.get("note", []))

    def _with_notes(self, resource: Resource) -> Resource:
        notes = [{"text": self.translated(note["text"])} for note in resource.get("note", [])]
        return resource | ({"note": notes} if notes else {})


class BesideWords(Dialect):
    """A dialect that says some types of resources as plain words do, in its language."""

    language = ""

    def __init__(self, case_id: str):
        super().__init__(case_id)
        self.words = Words(case_id, self.language)

    def ImagingStudy(self, resource: Resource) -> Resource | None:
        return self.words.ImagingStudy(resource)

    def Appointment(self, resource: Resource) -> Resource | None:
        return self.words.Appointment(resource)

    def DocumentReference(self, resource: Resource) -> Resource | None:
        return self.words.DocumentReference(resource)

    def Encounter(self, resource: Resource) -> Resource | None:
        return self.words.Encounter(resource)
