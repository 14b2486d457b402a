"""The search parameters of FHIR R4 that are offered, per resource type; a type that is not here cannot be searched or stored.

One row per kind of parameter, which comes first. "name" looks at the element of that name, "name=path,path" at other places,
"name=path:Type" only at references to that type, "name=telecom:phone" only at contact points of that system.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_MEDICATION = "code=medicationCodeableConcept"
_SUBJECT = "subject patient=subject:Patient"

# Every type of TABLE has these too.
EVERY_TYPE = (
    "token _id=id _tag=meta.tag _security=meta.security",
    "uri _profile=meta.profile _source=meta.source",
    "date _lastUpdated=meta.lastUpdated",
)
TABLE = {
    "AllergyIntolerance": (
        "token identifier category clinical-status=clinicalStatus code=code,reaction.substance criticality"
        " manifestation=reaction.manifestation type verification-status=verificationStatus",
        "date date=recordedDate last-date=lastOccurrence onset=reaction.onset",
        "reference asserter patient=patient:Patient recorder",
    ),
    "Appointment": (
        "token identifier appointment-type=appointmentType part-status=participant.status reason-code=reasonCode"
        " service-category=serviceCategory service-type=serviceType specialty status",
        "date date=start",
        "reference actor=participant.actor based-on=basedOn location=participant.actor:Location"
        " patient=participant.actor:Patient practitioner=participant.actor:Practitioner reason-reference=reasonReference"
        " slot supporting-info=supportingInformation",
    ),
    "BodyStructure": ("token identifier location morphology", "reference patient=patient:Patient"),
    "CarePlan": (
        "token identifier activity-code=activity.detail.code category intent status",
        "uri instantiates-uri=instantiatesUri",
        "date date=period activity-date=activity.detail.scheduledTiming,activity.detail.scheduledPeriod",
        f"reference {_SUBJECT} activity-reference=activity.reference based-on=basedOn care-team=careTeam"
        " condition=addresses encounter goal part-of=partOf performer=activity.detail.performer replaces",
    ),
    "Condition": (
        "token identifier body-site=bodySite category clinical-status=clinicalStatus code evidence=evidence.code severity"
        " stage=stage.summary verification-status=verificationStatus",
        "date onset-date=onsetDateTime,onsetPeriod abatement-date=abatementDateTime,abatementPeriod"
        " recorded-date=recordedDate",
        "quantity onset-age=onsetAge abatement-age=abatementAge",
        "string onset-info=onsetString abatement-string=abatementString",
        f"reference {_SUBJECT} asserter encounter evidence-detail=evidence.detail",
    ),
    "Device": (
        "token identifier status type",
        "uri url",
        "string device-name=deviceName.name,type.coding.display,type.text manufacturer model=modelNumber",
        "reference location organization=owner patient=patient:Patient",
    ),
    "DiagnosticReport": (
        "token identifier category code conclusion=conclusionCode status",
        "date date=effectiveDateTime,effectivePeriod issued",
        f"reference {_SUBJECT} based-on=basedOn encounter media=media.link performer result"
        " results-interpreter=resultsInterpreter specimen",
    ),
    "DocumentReference": (
        "token identifier=masterIdentifier,identifier category contenttype=content.attachment.contentType"
        " event=context.event facility=context.facilityType format=content.format relation=relatesTo.code"
        " security-label=securityLabel setting=context.practiceSetting status type",
        "string description",
        "uri location=content.attachment.url",
        "date date period=context.period",
        f"reference {_SUBJECT} authenticator author custodian encounter=context.encounter:Encounter"
        " related=context.related relatesto=relatesTo.target",
    ),
    "Encounter": (
        "token identifier class participant-type=participant.type reason-code=reasonCode"
        " special-arrangement=hospitalization.specialArrangement status type",
        "date date=period location-period=location.period",
        "quantity length",
        f"reference {_SUBJECT} account appointment based-on=basedOn diagnosis=diagnosis.condition"
        " episode-of-care=episodeOfCare location=location.location part-of=partOf participant=participant.individual"
        " practitioner=participant.individual:Practitioner reason-reference=reasonReference service-provider=serviceProvider",
    ),
    "FamilyMemberHistory": (
        "token identifier code=condition.code relationship sex status",
        "uri instantiates-uri=instantiatesUri",
        "date date",
        "reference patient=patient:Patient",
    ),
    "ImagingStudy": (
        "token identifier bodysite=series.bodySite dicom-class=series.instance.sopClass instance=series.instance.uid"
        " modality=series.modality reason=reasonCode series=series.uid status",
        "date started",
        f"reference {_SUBJECT} basedon=basedOn encounter endpoint=endpoint,series.endpoint interpreter"
        " performer=series.performer.actor referrer",
    ),
    "Location": (
        "token identifier operational-status=operationalStatus status type",
        "string name=name,alias address address-city=address.city address-postalcode=address.postalCode",
        "reference endpoint organization=managingOrganization partof=partOf",
    ),
    "Medication": (
        "token identifier code form ingredient-code=ingredient.itemCodeableConcept lot-number=batch.lotNumber status",
        "date expiration-date=batch.expirationDate",
        "reference ingredient=ingredient.itemReference manufacturer",
    ),
    "MedicationAdministration": (
        f"token identifier {_MEDICATION} reason-given=reasonCode reason-not-given=statusReason status",
        "date effective-time=effectiveDateTime,effectivePeriod",
        f"reference {_SUBJECT} context device medication=medicationReference performer=performer.actor request",
    ),
    "MedicationRequest": (
        f"token identifier category {_MEDICATION} intended-performertype=performerType intent priority status",
        "date authoredon=authoredOn date=dosageInstruction.timing.event",
        f"reference {_SUBJECT} encounter intended-dispenser=dispenseRequest.performer intended-performer=performer"
        " medication=medicationReference requester",
    ),
    "MedicationStatement": (
        f"token identifier category {_MEDICATION} status",
        "date effective=effectiveDateTime,effectivePeriod",
        f"reference {_SUBJECT} context medication=medicationReference part-of=partOf source=informationSource",
    ),
    "Observation": (
        "token identifier category code combo-code=code,component.code"
        " combo-value-concept=valueCodeableConcept,component.valueCodeableConcept component-code=component.code"
        " component-value-concept=component.valueCodeableConcept data-absent-reason=dataAbsentReason method status"
        " component-data-absent-reason=component.dataAbsentReason combo-data-absent-reason=dataAbsentReason,component.dataAbsentReason"
        " value-concept=valueCodeableConcept",
        "date date=effectiveDateTime,effectivePeriod,effectiveInstant,effectiveTiming value-date=valueDateTime,valuePeriod",
        "quantity value-quantity=valueQuantity component-value-quantity=component.valueQuantity"
        " combo-value-quantity=valueQuantity,component.valueQuantity",
        "string value-string=valueString",
        f"reference {_SUBJECT} based-on=basedOn derived-from=derivedFrom device encounter focus has-member=hasMember"
        " part-of=partOf performer specimen",
    ),
    "Organization": (
        "token identifier active address-use=address.use type",
        "string name=name,alias address address-city=address.city address-country=address.country"
        " address-postalcode=address.postalCode address-state=address.state",
        "reference endpoint partof=partOf",
    ),
    "Patient": (
        "token identifier active address-use=address.use deceased=deceasedBoolean,deceasedDateTime email=telecom:email gender"
        " language=communication.language phone=telecom:phone telecom",
        "string name family=name.family given=name.given address address-city=address.city address-country=address.country"
        " address-postalcode=address.postalCode address-state=address.state",
        "date birthdate=birthDate death-date=deceasedDateTime",
        "reference general-practitioner=generalPractitioner link=link.other organization=managingOrganization",
    ),
    "Practitioner": (
        "token identifier active address-use=address.use communication email=telecom:email gender phone=telecom:phone telecom",
        "string name family=name.family given=name.given address address-city=address.city address-country=address.country"
        " address-postalcode=address.postalCode address-state=address.state",
    ),
    "PractitionerRole": (
        "token identifier active email=telecom:email phone=telecom:phone role=code specialty telecom",
        "date date=period",
        "reference endpoint location organization practitioner service=healthcareService",
    ),
    "Procedure": (
        "token identifier category code reason-code=reasonCode status",
        "uri instantiates-uri=instantiatesUri",
        "date date=performedDateTime,performedPeriod",
        f"reference {_SUBJECT} based-on=basedOn encounter location part-of=partOf performer=performer.actor"
        " reason-reference=reasonReference",
    ),
    "ResearchSubject": (
        "token identifier status",
        "date date=period",
        "reference individual patient=individual:Patient study",
    ),
    "ServiceRequest": (
        "token identifier body-site=bodySite category code intent performer-type=performerType priority requisition status",
        "uri instantiates-uri=instantiatesUri",
        "date authored=authoredOn occurrence=occurrenceDateTime,occurrencePeriod,occurrenceTiming",
        f"reference {_SUBJECT} based-on=basedOn encounter performer replaces requester specimen",
    ),
    "Specimen": (
        "token identifier accession=accessionIdentifier bodysite=collection.bodySite container=container.type"
        " container-id=container.identifier status type",
        "date collected=collection.collectedDateTime,collection.collectedPeriod",
        f"reference {_SUBJECT} collector=collection.collector parent",
    ),
    "Task": (
        "token identifier business-status=businessStatus code group-identifier=groupIdentifier intent"
        " performer=performerType priority status",
        "date authored-on=authoredOn modified=lastModified period=executionPeriod",
        "reference based-on=basedOn encounter focus owner part-of=partOf patient=for:Patient requester subject=for",
    ),
}

# Composite parameters: the parameters that must hold together, separated by $. Before a slash stands the element that must
# hold them all; several rows are alternatives (search.html#composite).
_CODE_VALUE = {
    f"{prefix}code-value-{kind}": tuple(
        f"{place}{inner}code${inner}value-{kind}" for place, inner in places
    )
    for prefix, kinds, places in (
        ("", ("quantity", "concept", "date", "string"), (("", ""),)),
        ("component-", ("quantity", "concept"), (("component/", "component-"),)),
        ("combo-", ("quantity", "concept"), (("", ""), ("component/", "component-"))),
    )
    for kind in kinds
}
COMPOSITES = {"Observation": _CODE_VALUE, "DocumentReference": {"relationship": ("relatesTo/relatesto$relation",)}}


@dataclass(frozen=True)
class Parameter:
    """A search parameter: its kind, the elements it looks at, and the only type or system that counts ("" for any).

    A composite has `parts` instead of paths: per alternative the element that holds all of it and the names of its parameters.
    """

    name: str
    kind: str
    paths: tuple[tuple[str, ...], ...] = ()
    target: str = ""
    parts: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    def values(self, resource: dict) -> list:
        """The values it looks at in a resource."""
        found = [value for path in self.paths for value in walk(resource, path)]
        if self.name == "deceased":  # Patient.deceased.exists() and Patient.deceased != false
            return [any(value is not False for value in found)]
        if self.kind == "token" and self.target:
            return [value for value in found if isinstance(value, dict) and value.get("system") == self.target]
        return found

    def inside(self, holder: tuple[str, ...], node: object) -> list:
        """The values in one element of those at `holder`."""
        return [value for path in self.paths if path[: len(holder)] == holder for value in walk(node, path[len(holder) :])]


def walk(node: object, path: tuple[str, ...]) -> Iterator[object]:
    """The values at a path, those of repeated elements one by one."""
    if isinstance(node, list):
        for item in node:
            yield from walk(item, path)
    elif path and isinstance(node, dict):
        yield from walk(node.get(path[0]), path[1:])
    elif not path and node is not None:
        yield node


def _read_row(row: str) -> Iterator[Parameter]:
    kind, *names = row.split()
    for entry in names:
        name, _, place = entry.partition("=")
        paths, _, target = (place or name).partition(":")
        yield Parameter(name, kind, tuple(tuple(path.split(".")) for path in paths.split(",")), target)


def _read_composite(name: str, rows: tuple[str, ...]) -> Parameter:
    parts = [row.rpartition("/") for row in rows]
    return Parameter(name, "composite", parts=tuple((tuple(filter(None, holder.split("."))), tuple(names.split("$"))) for holder, _, names in parts))


_OF_EVERY_TYPE = {parameter.name: parameter for row in EVERY_TYPE for parameter in _read_row(row)}
_PARAMETERS = {
    resource_type: {
        **_OF_EVERY_TYPE,
        **{parameter.name: parameter for row in rows for parameter in _read_row(row)},
        **{name: _read_composite(name, composite) for name, composite in COMPOSITES.get(resource_type, {}).items()},
    }
    for resource_type, rows in TABLE.items()
}
TYPES = tuple(_PARAMETERS)


def parameters_of(resource_type: str) -> Mapping[str, Parameter]:
    """The search parameters of a resource type by name; those of every type for "", none for a type that is not in TYPES."""
    return _PARAMETERS.get(resource_type, {}) if resource_type else _OF_EVERY_TYPE
