"""The search parameters of FHIR R4 that are offered, per resource type; a type that is not here cannot be searched or stored.

One row per kind of parameter, which comes first. "name" looks at the element of that name, "name=path,path" at other places,
"name=path:Type" only at references to that type, "name=telecom:phone" only at contact points of that system.
"""

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
    "CareTeam": (
        "token identifier category status",
        "date date=period",
        f"reference {_SUBJECT} encounter participant=participant.member",
    ),
    "Communication": (
        "token identifier category medium status",
        "uri instantiates-uri=instantiatesUri",
        "date received sent",
        f"reference {_SUBJECT} based-on=basedOn encounter part-of=partOf recipient sender",
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
    "Coverage": (
        "token identifier class-type=class.type status type",
        "string class-value=class.value dependent",
        "reference beneficiary patient=beneficiary:Patient payor policy-holder=policyHolder subscriber",
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
    "EpisodeOfCare": (
        "token identifier status type",
        "date date=period",
        "reference patient=patient:Patient care-manager=careManager:Practitioner condition=diagnosis.condition"
        " incoming-referral=referralRequest organization=managingOrganization",
    ),
    "FamilyMemberHistory": (
        "token identifier code=condition.code relationship sex status",
        "uri instantiates-uri=instantiatesUri",
        "date date",
        "reference patient=patient:Patient",
    ),
    "Goal": (
        "token identifier achievement-status=achievementStatus category lifecycle-status=lifecycleStatus",
        "date start-date=startDate target-date=target.dueDate",
        f"reference {_SUBJECT}",
    ),
    "Group": (
        "token identifier actual characteristic=characteristic.code code exclude=characteristic.exclude type",
        "reference managing-entity=managingEntity member=member.entity",
    ),
    "ImagingStudy": (
        "token identifier bodysite=series.bodySite dicom-class=series.instance.sopClass instance=series.instance.uid"
        " modality=series.modality reason=reasonCode series=series.uid status",
        "date started",
        f"reference {_SUBJECT} basedon=basedOn encounter endpoint=endpoint,series.endpoint interpreter"
        " performer=series.performer.actor referrer",
    ),
    "Immunization": (
        "token identifier reason-code=reasonCode status status-reason=statusReason target-disease=protocolApplied.targetDisease"
        " vaccine-code=vaccineCode",
        "string lot-number=lotNumber series=protocolApplied.series",
        "date date=occurrenceDateTime reaction-date=reaction.date",
        "reference patient=patient:Patient location manufacturer performer=performer.actor reaction=reaction.detail"
        " reason-reference=reasonReference",
    ),
    "List": (
        "token identifier code empty-reason=emptyReason status",
        "string notes=note.text title",
        "date date",
        f"reference {_SUBJECT} encounter item=entry.item source",
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
    "MedicationDispense": (
        f"token identifier {_MEDICATION} status type",
        "date whenhandedover=whenHandedOver whenprepared=whenPrepared",
        f"reference {_SUBJECT} context destination medication=medicationReference performer=performer.actor"
        " prescription=authorizingPrescription receiver responsibleparty=substitution.responsibleParty",
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
    "Provenance": (
        "token agent-role=agent.role agent-type=agent.type signature-type=signature.type",
        "date recorded when=occurredDateTime,occurredPeriod",
        "reference agent=agent.who entity=entity.what location patient=target:Patient target",
    ),
    "QuestionnaireResponse": (
        "token identifier status",
        "date authored",
        f"reference {_SUBJECT} author based-on=basedOn encounter part-of=partOf source",
    ),
    "RelatedPerson": (
        "token identifier active address-use=address.use email=telecom:email gender phone=telecom:phone relationship telecom",
        "string name address address-city=address.city address-country=address.country"
        " address-postalcode=address.postalCode address-state=address.state",
        "date birthdate=birthDate",
        "reference patient=patient:Patient",
    ),
    "ResearchStudy": (
        "token identifier category focus keyword location status",
        "string title",
        "date date=period",
        "reference partof=partOf principalinvestigator=principalInvestigator protocol site sponsor",
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
COMPOSITES: dict[str, dict[str, tuple[str, ...]]] = {
    "Observation": _CODE_VALUE,
    "DocumentReference": {"relationship": ("relatesTo/relatesto$relation",)},
}
