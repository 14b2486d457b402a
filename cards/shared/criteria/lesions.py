"""What several guidelines ask about the disease: cancer on record, lesions and their number, what was done since, orders.

A lesion is a metastasis or a finding that may be one (fact `lesion`). Sources: the catalogue's "How criteria are judged";
the project's rulings on lesions (distinct sites; refuted, resolved and regional nodes do not count), on suspicion (the first
record of the latest metastasis; a scan up to 31 days before it found it) and on orders (no reason = staging).
"""

from collections.abc import Iterable

from cds_service.facts.model import Fact, Laterality
from cds_service.fhir.dates import Dates, first, latest
from cds_service.guideline.criterion import Answer, Facts, criterion
from cds_service.logic import MET, NOT_MET, UNKNOWN, Truth

from .answers import attribute_values, first_record
from .cancer import cancer_sides

# Stations that are regional on the side of the cancer and distant on the other.
REGIONAL_NODES = frozenset(
    ("axillary_nodes", "supraclavicular_nodes", "infraclavicular_nodes", "internal_mammary_nodes")
)
LOCAL = frozenset(("chest_wall",))
# A site adds nothing to the count beside a part of it.
PARTS = {
    "bone": frozenset(
        ("spine", "cervical_spine", "thoracic_spine", "lumbar_spine", "sacrum", "pelvis")
    ),
    "spine": frozenset(("cervical_spine", "thoracic_spine", "lumbar_spine", "sacrum")),
    "brain_or_meninges": frozenset(("brain", "meninges")),
}
REGIONS = {
    "spine": frozenset(("spine", "cervical_spine", "thoracic_spine", "lumbar_spine", "sacrum")),
    "pelvis": frozenset(("pelvis", "sacrum")),
    "liver": frozenset(("liver",)),
}
CARCINOMATOSIS = frozenset(("pleura", "peritoneum", "meninges"))
DAYS_BEFORE_RECORD = 31  # the scan that found a lesion may precede its record by so many days


# --- lesions


def is_distant(facts: Facts, lesion: Fact) -> Truth:
    """Whether a lesion lies outside the breast and its regional nodes. Nodes of the other side are distant."""
    if lesion.value in LOCAL:
        return NOT_MET
    if lesion.value == "lymph_nodes":
        return UNKNOWN
    if lesion.value not in REGIONAL_NODES:
        return MET
    sides = cancer_sides(facts)
    here = {Laterality.LEFT, Laterality.RIGHT} if lesion.side is Laterality.BOTH else {lesion.side}
    if not sides or not (sides | here) <= {Laterality.LEFT, Laterality.RIGHT}:
        return UNKNOWN
    return NOT_MET if here <= sides else MET


def counts(facts: Facts, lesion: Fact) -> Truth:
    """Whether a lesion is a distant one that exists now: confirmed, suspected or uncertain alike. A finding of which nobody
    says what it is ("afwijking in de lever") may be anything."""
    here = lesion.asserted & lesion.current
    if here is NOT_MET:
        return NOT_MET
    known = MET if certainty(lesion) else UNKNOWN
    return here & is_distant(facts, lesion) & known


def distant_lesions(facts: Facts, wanted: tuple[Truth, ...] = (MET,)) -> list[Fact]:
    """The distant lesions that surely (or, as `wanted` says, possibly) exist."""
    return [fact for fact in facts.of("lesion").facts if counts(facts, fact) in wanted]


def certainty(lesion: Fact) -> str:
    """confirmed, suspected or uncertain; the least certain where a lesion is called several things; "" for a finding of which nobody
    says what it is, also on the problem list (R4: that a finding is verified says nothing of its nature)."""
    said = attribute_values(lesion, "certainty")
    for word in ("uncertain", "suspected", "confirmed"):
        if word in said:
            return word
    return ""


def confirmed(lesion: Fact) -> Truth:
    """Whether a lesion is called confirmed; less than that leaves it unknown."""
    return MET if certainty(lesion) == "confirmed" else UNKNOWN


@criterion(reads=("cancer_diagnosis", "lesion"), source="oligometastases-2026, Uitgangsvraag")
def distant_lesion_on_record(facts: Facts) -> Answer:
    """Is at least one distant lesion on record that is, or may be, a metastasis?"""
    found = distant_lesions(facts)
    if found:
        return Answer(MET, tuple(found))
    doubtful, unread = distant_lesions(facts, (UNKNOWN,)), facts.of("lesion").unread
    return Answer(UNKNOWN, tuple(doubtful), unread) if doubtful or unread else Answer(NOT_MET)


def distinct(lesions: Iterable[Fact]) -> set[tuple[str, str]]:
    """Distinct lesions as (site, place). A site without a place adds nothing beside the same site with one, nor beside a
    part of it; what has no site adds nothing beside any other."""
    keys = {(f.value, place) for f in lesions for place in (attribute_values(f, "place") or {""})}
    sites = {site for site, _ in keys}
    told = {place for site, place in keys if place and site != "bone"}
    placed = {site for site, place in keys if place}

    def adds(site: str, place: str) -> bool:
        if place:
            return not (site == "bone" and place in told)
        return (
            site not in placed
            and not PARTS.get(site, frozenset()) & sites
            and not (site == "unspecified" and len(sites) > 1)
        )

    return {key for key in keys if adds(*key)}


def number_of_lesions(facts: Facts) -> tuple[int, int | None]:
    """How many distinct distant lesions there are: at least, and at most (None: nobody can say)."""
    sure, possible = distant_lesions(facts), distant_lesions(facts, (MET, UNKNOWN))
    many = any("multiple" in attribute_values(f, "extent") for f in possible)
    return len(distinct(sure)), None if many else len(distinct(possible))


@criterion(
    reads=("cancer_diagnosis", "lesion"),
    settings=("most_oligo_lesions",),
    source="oligometastases-2026, Uitgangsvraag; Overwegingen, uitgangsvraag 1",
    values=("lesions",),
)
def at_most_so_many_lesions(facts: Facts) -> Answer:
    """Are there at most so many distinct distant lesions on record (a setting)?"""
    limit, (least, most) = facts.setting("most_oligo_lesions"), number_of_lesions(facts)
    evidence, unread = tuple(distant_lesions(facts, (MET, UNKNOWN))), facts.of("lesion").unread
    told = {"lesions": least if least == most else None}
    if least > limit:
        return Answer(NOT_MET, evidence, values=told)
    if unread or most is None or most > limit:
        return Answer(UNKNOWN, evidence, unread, told)
    return Answer(MET, evidence, values=told)


@criterion(
    reads=("lesion",), source="oligometastases-2026, Uitgangsvraag; Overwegingen, uitgangsvraag 1"
)
def carcinomatosis_on_record(facts: Facts) -> Answer:
    """Is a pleural, peritoneal or meningeal carcinomatosis confirmed?"""

    def surely(lesion: Fact) -> Truth:
        if lesion.value == "brain_or_meninges":
            return UNKNOWN
        if lesion.value not in CARCINOMATOSIS:
            return NOT_MET
        return lesion.current & confirmed(lesion)

    return facts.on_record("lesion", surely)


def newest_lesion(lesions: list[Fact]) -> Dates:
    """When the latest of some distinct lesions was first on record; a site that is told without its place, or as part of a
    larger one, may have been recorded so before."""

    def began(site: str, place: str) -> Dates:
        places = {"", place}
        same = [
            f
            for f in lesions
            if f.value == site and (attribute_values(f, "place") or {""}) & places
        ]
        larger = [f for f in lesions if site in PARTS.get(f.value, ())]
        return first(first_record(f) for f in (*same, *larger))

    return latest(began(site, place) for site, place in distinct(lesions))


def suspicion(facts: Facts) -> Dates:
    """When the suspicion arose: the first record of the latest distant lesion."""
    return newest_lesion(distant_lesions(facts, (MET, UNKNOWN)))


def since_suspicion(facts: Facts) -> Dates:
    """From when a scan counts as one for this suspicion."""
    return suspicion(facts).shifted(days=-DAYS_BEFORE_RECORD)
