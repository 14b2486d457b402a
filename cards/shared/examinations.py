"""What an examination is made of: its modality, the region that it shows, the tracer that it is made with.

One row for each value of the fact `scan`, and for the examinations of the breast that an order asks for. The value is
the name of the whole; who wants a part of it asks here, and takes no name apart.
"""

from typing import NamedTuple


class Examination(NamedTuple):
    """The parts of one kind of examination."""

    modality: str  # pet, mri, ct, xray, ultrasound, nuclear (gamma camera), mammography
    region: str = ""  # "" where none is on record, and for a PET
    tracer: str = ""  # of a PET; "" where none is on record


NONE = Examination("")
EXAMINATIONS = {
    "fdg_pet": Examination("pet", tracer="fdg"),
    "fes_pet": Examination("pet", tracer="fes"),
    "naf_pet": Examination("pet", tracer="naf"),
    "fapi_pet": Examination("pet", tracer="fapi"),
    "psma_pet": Examination("pet", tracer="psma"),
    "fluciclovine_pet": Examination("pet", tracer="fluciclovine"),
    "other_pet": Examination("pet", tracer="other"),
    "pet": Examination("pet"),
    "bone_scan": Examination("nuclear", "bone"),
    "mri_spine": Examination("mri", "spine"),
    "mri_pelvis": Examination("mri", "pelvis"),
    "mri_liver": Examination("mri", "liver"),
    "mri_brain": Examination("mri", "brain"),
    "mri_breast": Examination("mri", "breast"),
    "mri_whole_body": Examination("mri", "whole_body"),
    "mri": Examination("mri"),
    "ct_chest": Examination("ct", "chest"),
    "ct_abdomen": Examination("ct", "abdomen"),
    "chest_xray": Examination("xray", "chest"),
    "liver_ultrasound": Examination("ultrasound", "liver"),
    "mammography": Examination("mammography", "breast"),
    "ultrasound": Examination("ultrasound", "breast"),
}
OWN_WORDS = frozenset(part for made in EXAMINATIONS.values() for part in made)
# Codes that stand for two examinations at once.
TOGETHER = {
    "ct_chest_and_abdomen": ("ct_chest", "ct_abdomen"),
    "mri_liver_and_pelvis": ("mri_liver", "mri_pelvis"),
}


def examination(kind: str) -> Examination:
    """The parts of a kind of examination; NONE for a value that is no examination."""
    return EXAMINATIONS.get(kind, NONE)


def kinds_of(modality: str, *regions: str) -> tuple[str, ...]:
    """The kinds of examination of a modality that show one of these regions."""
    return tuple(
        kind
        for kind, made in EXAMINATIONS.items()
        if made.modality == modality and made.region in regions
    )
