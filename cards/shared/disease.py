"""What several guidelines ask about the disease: cancer on record, lesions and their number, what was done since, orders.

A lesion is a metastasis or a finding that may be one (fact `lesion`). Sources: the catalogue's "How criteria are judged";
the project's rulings on lesions (distinct sites; refuted, resolved and regional nodes do not count), on suspicion (the first
record of the latest metastasis; a scan up to 31 days before it found it) and on orders (no reason = staging).
"""

from collections.abc import Iterable
from datetime import date

from cds_service.facts.model import Fact, Side
from cds_service.fhir.dates import Dates, add_days, month_end
from cds_service.guideline.criterion import Answer, Facts, criterion
from cds_service.logic import Truth, either

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
CANCER = frozenset(("invasive", "inflammatory", "cancer", "history"))  # in situ does not metastasise
# Stations that are regional on the side of the cancer and distant on the other.
REGIONAL_NODES = frozenset(("axillary_nodes", "supraclavicular_nodes", "infraclavicular_nodes", "internal_mammary_nodes"))
LOCAL = frozenset(("chest_wall",))
# A site adds nothing to the count beside a part of it.
PARTS = {
    "bone": frozenset(("spine", "cervical_spine", "thoracic_spine", "lumbar_spine", "sacrum", "pelvis")),
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
URGENT = frozenset(("urgent", "asap", "stat"))
# What an order for staging may say; any other reason takes it out of the advice against it. A question about metastases or a recurrence of
# the breast cancer is the staging question itself.
STAGING_REASONS = frozenset((
    "staging", "surveillance", "cancer", "recurrence", "metastases", "suspected_metastases", "suspected_recurrence",
    "consequence", "no_consequence", "consequence_asked", "inconclusive", "no_biopsy",
))  # fmt: skip


def attribute_values(fact: Fact, name: str) -> frozenset[str]:
    """The values of an attribute that a fact states; denied ones are left out."""
    return frozenset(match.value for match in fact.attributes.get(name, ()) if not match.negated)


def first_record(fact: Fact) -> Dates:
    """When a fact was first on record: recorded, or else when it began or took place."""
    return fact.recorded if fact.recorded.is_known else fact.when


@criterion
def breast_cancer_on_record(facts: Facts) -> Answer:
    """Is there a breast cancer on record, current or past? In situ alone is not enough."""
    return facts.on_record("cancer_diagnosis", lambda fact: MET if fact.value in CANCER else NOT_MET)


# --- lesions


def cancer_sides(facts: Facts) -> frozenset[Side]:
    """The sides of the breast cancers on record, in situ left out."""
    found = [f for f in facts.of("cancer_diagnosis").facts if f.value in CANCER and f.holds is not NOT_MET]
    return frozenset(side for f in found for side in ((Side.LEFT, Side.RIGHT) if f.side is Side.BOTH else (f.side,)))


def is_distant(facts: Facts, lesion: Fact) -> Truth:
    """Whether a lesion lies outside the breast and its regional nodes. Nodes of the other side are distant."""
    if lesion.value in LOCAL:
        return NOT_MET
    if lesion.value == "lymph_nodes":
        return UNKNOWN
    if lesion.value not in REGIONAL_NODES:
        return MET
    sides = cancer_sides(facts)
    here = {Side.LEFT, Side.RIGHT} if lesion.side is Side.BOTH else {lesion.side}
    if not sides or not (sides | here) <= {Side.LEFT, Side.RIGHT}:
        return UNKNOWN
    return NOT_MET if here <= sides else MET


def counts(facts: Facts, lesion: Fact) -> Truth:
    """Whether a lesion is a distant one that exists now: confirmed, suspected or uncertain alike. A finding of which nobody
    says what it is ("afwijking in de lever") may be anything."""
    return lesion.holds & lesion.current & is_distant(facts, lesion) & (MET if certainty(lesion) else UNKNOWN)


def distant_lesions(facts: Facts, wanted: tuple[Truth, ...] = (MET,)) -> list[Fact]:
    """The distant lesions that surely (or, as `wanted` says, possibly) exist."""
    return [fact for fact in facts.of("lesion").facts if counts(facts, fact) in wanted]


def certainty(lesion: Fact) -> str:
    """confirmed, suspected or uncertain; the least certain where a lesion is called several things. A diagnosis of which nothing
    is said is confirmed; "" for a finding of which nobody says what it is."""
    said = attribute_values(lesion, "certainty")
    return next((word for word in ("uncertain", "suspected", "confirmed") if word in said), "confirmed" if lesion.resource_type == "Condition" else "")


@criterion
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
        return site not in placed and not PARTS.get(site, frozenset()) & sites and not (site == "unspecified" and len(sites) > 1)

    return {key for key in keys if adds(*key)}


def number_of_lesions(facts: Facts) -> tuple[int, int | None]:
    """How many distinct distant lesions there are: at least, and at most (None: nobody can say)."""
    sure, possible = distant_lesions(facts), distant_lesions(facts, (MET, UNKNOWN))
    many = any("multiple" in attribute_values(f, "extent") for f in possible)
    return len(distinct(sure)), None if many else len(distinct(possible))


@criterion(values=("lesions",))
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


@criterion
def carcinomatosis_on_record(facts: Facts) -> Answer:
    """Is a pleural, peritoneal or meningeal carcinomatosis confirmed?"""

    def surely(lesion: Fact) -> Truth:
        if lesion.value == "brain_or_meninges":
            return UNKNOWN
        if lesion.value not in CARCINOMATOSIS:
            return NOT_MET
        return lesion.current & (MET if certainty(lesion) == "confirmed" else UNKNOWN)

    return facts.on_record("lesion", surely)


def newest_lesion(lesions: list[Fact]) -> Dates:
    """When the latest of some distinct lesions was first on record; a site that is told without its place, or as part of a
    larger one, may have been recorded so before."""
    first = []
    for site, place in distinct(lesions):
        same = [f for f in lesions if f.value == site and (not place or place in attribute_values(f, "place") or not attribute_values(f, "place"))]
        same += [f for f in lesions if site in PARTS.get(f.value, frozenset())]
        known = [first_record(f) for f in same if first_record(f).is_known]
        first += [min(known, key=lambda d: d.earliest or date.min)] if known else []
    return max(first, key=lambda d: d.latest or date.max, default=Dates())


def suspicion(facts: Facts) -> Dates:
    """When the suspicion arose: the first record of the latest distant lesion."""
    return newest_lesion(distant_lesions(facts, (MET, UNKNOWN)))


def since_suspicion(facts: Facts) -> Dates:
    """From when a scan counts as one for this suspicion."""
    began = suspicion(facts)
    return Dates(*(add_days(day, -DAYS_BEFORE_RECORD) if day else None for day in (began.earliest, began.latest)))


# --- what was done


def done_since(facts: Facts, name: str, values: Iterable[str], opens: Dates, *, doubtful: Iterable[str] = ()) -> Answer:
    """Whether something of these values was done on or after a date. `doubtful`: values that may be one of them."""
    wanted, perhaps = frozenset(values), frozenset(doubtful)

    def counts_as(fact: Fact) -> Truth:
        if fact.value not in wanted | perhaps:
            return NOT_MET
        when = fact.when.not_before(opens) if opens.is_known and fact.when.is_known else UNKNOWN
        return when & (MET if fact.value in wanted else UNKNOWN)

    return facts.on_record(name, counts_as)


def started(when: Dates) -> Dates:
    """When a treatment began: the first day of a course from - to. A month or a year stays what it is."""
    if when.earliest is None or when.latest is None:
        return Dates(when.earliest, when.earliest or when.latest)
    whole_months = when.earliest.day == 1 and when.latest == month_end(when.latest.year, when.latest.month)
    return when if whole_months else Dates(when.earliest, when.earliest, when.instant)


def systemic_treatment_since(facts: Facts, since: Dates) -> Answer:
    """Whether a systemic treatment, of whatever kind, began on or after a date. What is only drafted did not begin."""

    def began(treatment: Fact) -> Truth:
        start = started(treatment.when)
        if treatment.draft is not None:
            return NOT_MET
        return start.not_before(since) if start.is_known and since.is_known else UNKNOWN

    return facts.on_record("systemic_treatment", began)


def mdt_since(facts: Facts, opens: Dates) -> Answer:
    """Whether a multidisciplinary meeting was held since a date, is planned, or is asked for."""

    def counts_as(meeting: Fact) -> Truth:
        if "yes" in attribute_values(meeting, "planned"):
            return MET
        return meeting.when.not_before(opens) if opens.is_known and meeting.when.is_known else UNKNOWN

    return facts.on_record("mdt_meeting", counts_as)


# --- the order under review


def reasons(order: Fact) -> frozenset[str]:
    """The reasons that an order gives; empty where it gives none."""
    return attribute_values(order, "reason")


def is_urgent(order: Fact) -> bool:
    """Whether an order says that it cannot wait."""
    return bool(attribute_values(order, "priority") & URGENT)


def may_be_urgent(order: Fact) -> bool:
    """Whether an order is urgent, or has a priority that nobody could read: it must not be told that it can wait."""
    return is_urgent(order) or "unreadable" in attribute_values(order, "priority")


@criterion
def order_is_for_staging(facts: Facts) -> Answer:
    """Is the order routine, and for staging or surveillance? Without a reason it is; urgency and any other reason exempt it."""
    order = facts.order
    exempt = order is None or may_be_urgent(order) or bool(reasons(order) - STAGING_REASONS)
    return Answer(NOT_MET if exempt else MET, (order,) if order is not None else ())


# --- receptors


def receptor(facts: Facts, name: str) -> Answer:
    """Whether a receptor ("er", "pr", "her2") is positive: the newest result wins, of whatever tissue.

    Results of one day that contradict each other leave it unknown.
    """
    results = [f for f in facts.of("receptor").facts if f.holds is MET and (f.value.startswith(f"{name}_") or f.value == "triple_negative")]
    if not results:
        return Answer(UNKNOWN, (), facts.of("receptor").unread)
    newest = max(f.when.latest or first_record(f).latest or date.min for f in results)
    latest = [f for f in results if (f.when.latest or first_record(f).latest or date.min) == newest]
    positive = {f.value.endswith("_positive") for f in latest}
    if len(positive) > 1:
        return Answer(UNKNOWN, tuple(latest), conflicting=True)
    return Answer(MET if positive == {True} else NOT_MET, tuple(latest))


@criterion
def her2_positive(facts: Facts) -> Answer:
    """Is the tumour HER2-positive, as the newest result says?"""
    return receptor(facts, "her2")


def hormone_receptor(facts: Facts) -> Answer:
    """Whether the tumour is hormone receptor positive: oestrogen or progesterone receptor."""
    answers = [receptor(facts, "er"), receptor(facts, "pr")]
    known = [a for a in answers if a.truth is not UNKNOWN]
    if any(a.truth is MET for a in known):
        return next(a for a in known if a.truth is MET)
    if len(known) == 2 or known and known[0] is answers[0] and not answers[1].evidence:
        return Answer(NOT_MET, tuple(f for a in known for f in a.evidence))
    return Answer(UNKNOWN, tuple(f for a in answers for f in a.evidence), facts.of("receptor").unread, conflicting=any(a.conflicting for a in answers))


def any_of(judged: Iterable[tuple[Fact, Truth]], unread: frozenset[str]) -> Answer:
    """Whether one of some judged facts counts; closed world over what was read."""
    pairs = list(judged)
    result = either(truth for _, truth in pairs)
    if result is NOT_MET and unread:
        result = UNKNOWN
    return Answer(result, tuple(f for f, truth in pairs if truth is result and truth is not NOT_MET), unread if result is UNKNOWN else frozenset())
