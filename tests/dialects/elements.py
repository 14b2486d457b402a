"""The elements that the dialects share: codes, sites with their side, the parts of a resource that no dialect changes."""

from tests.dialects.cases import SYSTEMS, table
from tests.dialects.said import Resource, Said

ZIB_LATERALITY = "http://nictiz.nl/fhir/StructureDefinition/ext-AnatomicalLocation.Laterality"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/"
SIDES = {
    "left": ("7771000", "Left"),
    "right": ("24028007", "Right"),
    "both": ("51440002", "Right and left"),
}
# site | SNOMED CT | display; all of them in mCODE's, DICOM's or the zibs' lists of body sites
SITES = {
    site: (code, display)
    for site, code, display in table("""
breast           | 76752008  | Breast structure
nipple           | 24142002  | Nipple structure
axilla           | 91470000  | Axillary region structure
supraclavicular  | 77621008  | Structure of supraclavicular region of neck
internal mammary | 245282001 | Internal mammary lymph node group
lung             | 39607008  | Lung structure
liver            | 10200004  | Liver structure
bone             | 272673000 | Bone structure
spine            | 421060004 | Structure of vertebral column
cervical spine   | 122494005 | Structure of cervical vertebral column
thoracic spine   | 122495006 | Thoracic spine structure
lumbar spine     | 122496007 | Lumbar spine structure
pelvic bone      | 118645006 | Structure of innominate bone and/or sacrum and/or coccyx
pelvis           | 12921003  | Pelvic structure
pleura           | 3120008   | Pleural membrane structure
chest wall       | 78904004  | Chest wall structure
""")
}
_OF_THE_SPINE = {"C": "cervical spine", "T": "thoracic spine", "L": "lumbar spine"}


def coding(system: str, code: str, display: str | None = None) -> dict:
    return {"system": SYSTEMS.get(system, system), "code": code} | (
        {"display": display} if display else {}
    )


def concept(*codings: dict, text: str | None = None) -> dict:
    return ({"coding": list(codings)} if codings else {}) | ({"text": text} if text else {})


def body_site(
    site: str | None, side: str | None, extension: str, text: str | None = None
) -> list[dict] | None:
    """A site with its side in an extension, as zib and mCODE both have it; nothing where neither is known."""
    if site is None:
        return None
    written = concept(coding("sct", *SITES[site]), text=text)
    if side:
        written = {
            "extension": [
                {"url": extension, "valueCodeableConcept": concept(coding("sct", *SIDES[side]))}
            ],
            **written,
        }
    return [written]


def spine_of(place: str) -> str | None:
    """L3 is of the lumbar spine."""
    return (
        _OF_THE_SPINE.get(place[:1])
        if place and place[-1].isdigit() and not place.startswith(("seg", "rib"))
        else None
    )


def site_of(said: Said) -> str | None:
    """Where a statement stands: the site the case gave, that of its level, or the breast where it has a side."""
    of_place = (
        "liver"
        if said.place.startswith("segment")
        else "bone"
        if said.place.startswith("rib")
        else spine_of(said.place)
    )
    return said.site or of_place or ("breast" if said.side else None)


def without(resource: Resource, *elements: str) -> Resource:
    return {key: value for key, value in resource.items() if key not in elements}


def filled(resource: Resource) -> Resource:
    return {key: value for key, value in resource.items() if value is not None}
