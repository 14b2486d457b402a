"""Words for what was measured or classified: stage, receptors, tumour markers, condition of the patient."""

from cds_service.casebook.vocabulary import Resource, Writer

from .building import (
    LOINC,
    OWN,
    SITES,
    SNOMED,
    UCUM,
    body_site,
    choice,
    concept,
    condition,
    dialect,
    in_category,
    observation,
    own,
)

_TNM = {  # code of the observation
    "clinical": {"t": "21905-5", "n": "21906-3", "m": "21907-1"},
    "pathologic": {"t": "21899-0", "n": "21900-6", "m": "21901-4"},
}
_TNM_CODES = {
    "cM0": "1229901006",
    "cM1": "1229903009",
    "pM1": "1229916009",
    "cNX": "1229966003",
    "cN0": "1229967007",
    "cN1": "1229973008",
    "cN2": "1229978004",
    "cN3": "1229984001",
    "pNX": "1229945006",
    "pN0": "1229947003",
    "pN1": "1229951001",
    "pN2": "1229957002",
    "pN3": "1229962001",
    "cT2": "1228929004",
    "pT1": "1228957006",
    "pT4d": "373190002",
}
_STAGE = {
    "0": "1222605001",
    "I": "1222723001",
    "II": "1222765007",
    "IIA": "1222766008",
    "IIB": "1222769001",
    "III": "1222801008",
    "IIIA": "1222802001",
    "IIIB": "1222805004",
    "IIIC": "1222806003",
    "IV": "1222837003",
}
_STAGE_OF = {"clinical": "21908-9", "pathologic": "21902-2", "other": "21914-7"}
_RECEPTORS = {  # name, code of the test, of the percentage, positive and negative as a condition
    "er": ("ER", "85337-4", "85329-1", {"positive": "416053008", "negative": "441117001"}),
    "pr": ("PR", "85339-0", "85325-9", {"positive": "416561008", "negative": "441118006"}),
    "her2": ("HER2", "48676-1", None, {"positive": "427685000", "negative": "431396003"}),
}
_ANSWER = {
    "positive": ("positief", "POS", "Positive"),
    "negative": ("negatief", "NEG", "Negative"),
    "equivocal": ("equivocaal", "IND", "Indeterminate"),
}
_INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_MARKERS = {
    "ca153": ("CA 15-3", "6875-9", "kU/L", "k[U]/L"),
    "cea": ("CEA", "2039-6", "ug/L", "ug/L"),
}
_ECOG = ("LA9622-7", "LA9623-5", "LA9624-3", "LA9625-0", "LA9626-8", "LA9627-6")


def tnm(
    write: Writer,
    *,
    t: str | None = None,
    n: str | None = None,
    m: str | None = None,
    kind: str = "clinical",
    coded: str | None = None,
    date: str | None = None,
) -> list[Resource]:
    """One Observation for each of t, n and m that is given ("2", "1", "0", "4d", X). kind: clinical or pathologic; coded: snomed (where the
    category has a verified code, else the value is words) or none (words only: also the name of the test)."""
    tests, prefix = choice("kind", kind, _TNM), kind[0]
    choice("coded", coded or "snomed", ("snomed", "none"))
    written = []
    for letter, value in (("t", t), ("n", n), ("m", m)):
        if value is None:
            continue
        category = f"{prefix}{letter.upper()}{value}"
        code = (
            (SNOMED, _TNM_CODES[category], None)
            if category in _TNM_CODES and coded != "none"
            else None
        )
        test = concept(
            None if coded == "none" else (LOINC, tests[letter], None),
            text=f"{prefix}{letter.upper()}-categorie",
        )
        written.append(
            observation(
                write,
                f"tnm-{letter}",
                test,
                {"valueCodeableConcept": concept(code, text=category)},
                date=date,
            )
        )
    return written


def stage(
    write: Writer,
    *,
    group: str = "IV",
    kind: str = "clinical",
    coded: str | None = None,
    date: str | None = None,
    text: str | None = None,
) -> Resource:
    """The stage group. group: 0, I, II, IIA, IIB, III, IIIA, IIIB, IIIC or IV; kind: clinical, pathologic or other; coded: snomed or none
    (the value in words); text: the value's words. See also `stage` of `breast_cancer`."""
    code = dialect(coded, {"snomed": (SNOMED, choice("group", str(group), _STAGE), None)})
    test = concept((LOINC, choice("kind", kind, _STAGE_OF), None), text="Stadium")
    return observation(
        write,
        "stage",
        test,
        {"valueCodeableConcept": concept(code, text=text or f"Stadium {group}")},
        date=date,
    )


def lymph_node_count(
    write: Writer,
    *,
    count: int,
    of: str = "positive",
    side: str = "none",
    side_in: str = "bodySite",
    date: str | None = None,
    coded: str | None = None,
) -> Resource:
    """How many nodes. count: a number; of: positive, examined or suspicious; coded: own or none; the side is that of the breast."""
    names = {
        "positive": "Aantal positieve lymfeklieren",
        "examined": "Aantal onderzochte lymfeklieren",
        "suspicious": "Aantal verdachte lymfeklieren",
    }
    test = concept(
        dialect(coded, {"own": (OWN, f"lymph-nodes-{of}", None)}), text=choice("of", of, names)
    )
    found = in_category("imaging" if of == "suspicious" else "laboratory")
    return observation(
        write,
        "node-count",
        test,
        found | {"bodySite": body_site(side, side_in), "valueInteger": int(count)},
        date=date,
    )


def receptors(
    write: Writer,
    *,
    er: str | int | None = None,
    pr: str | int | None = None,
    her2: str | None = None,
    of: str = "unspecified",
    site: str | None = None,
    side: str = "none",
    side_in: str = "bodySite",
    as_: str = "Observation",
    value_in: str = "text",
    coded: str | None = None,
    date: str | None = None,
    status: str | None = None,
) -> list[Resource]:
    """Receptors. er, pr: positive, negative, equivocal or a percentage (90); her2: positive, negative, equivocal; of: primary, metastasis
    or unspecified, in words; site: of the metastasis (bone, liver...), as bodySite; side: of the primary; as: Observation (coded: loinc or
    none; value_in: text or interpretation, which adds the HL7 code), Condition (a finding coded in SNOMED; positive and negative), or
    text (the words of one pathology report)."""
    whose = choice(
        "of", of, {"primary": " primaire tumor", "metastasis": " metastase", "unspecified": ""}
    )
    if site:
        whose += f" {choice('site', site, SITES)[1]}"
    choice("as", as_, ("Observation", "Condition", "text"))
    choice("value_in", value_in, ("text", "interpretation"))
    given = [
        (name, value)
        for name, value in (("er", er), ("pr", pr), ("her2", her2))
        if value is not None
    ]
    if as_ == "text":
        said = ", ".join(f"{_RECEPTORS[name][0]} {_in_words(name, value)}" for name, value in given)
        report = {
            "status": status or "final",
            "code": {"text": f"Pathologie{whose}"},
            "conclusion": f"Conclusie: {said}",
        }
        return [
            write("DiagnosticReport", "receptors", effectiveDateTime=write.date(date), **report)
        ]
    place = body_site(side, side_in, site or "breast")
    written = []
    for name, value in given:
        label, test, percentage, findings = _RECEPTORS[name]
        if as_ == "Condition":
            code = concept(
                (SNOMED, choice(name, value, findings), None),
                text=f"{label}-{_in_words(name, value)}{whose}",
            )
            written.append(
                condition(
                    write,
                    f"receptor-{name}",
                    code,
                    side,
                    side_in,
                    site=site or "breast",
                    recorded=date,
                )
            )
            continue
        if isinstance(value, int) and not isinstance(value, bool):
            test = percentage or test
            answer: dict = {
                "valueQuantity": {"value": value, "unit": "%", "system": UCUM, "code": "%"}
            }
        else:
            word, code_of, display = choice(name, value, _ANSWER)
            answer = {"valueCodeableConcept": {"text": word}}
            if value_in == "interpretation":
                answer["interpretation"] = [concept((_INTERPRETATION, code_of, display))]
        what = concept(
            dialect(coded, {"loinc": (LOINC, test, None)}), text=f"{label}-status{whose}"
        )
        written.append(
            observation(
                write,
                f"receptor-{name}",
                what,
                in_category("laboratory") | {"bodySite": place} | answer,
                date=date,
                status=status,
            )
        )
    return written


def _in_words(name: str, value: str | int) -> str:
    return f"{value}%" if isinstance(value, int) else choice(name, value, _ANSWER)[0]


def tumour_marker(
    write: Writer,
    *,
    kind: str = "ca153",
    value: float | None = None,
    date: str | None = None,
    coded: str | None = None,
) -> Resource:
    """kind: ca153 or cea; value: a number; coded: loinc or none."""
    name, code, unit, ucum = choice("kind", kind, _MARKERS)
    quantity = (
        None if value is None else {"value": value, "unit": unit, "system": UCUM, "code": ucum}
    )
    return observation(
        write,
        "marker",
        concept(dialect(coded, {"loinc": (LOINC, code, None)}), text=name),
        in_category("laboratory") | {"valueQuantity": quantity},
        date=date,
    )


def performance_status(
    write: Writer,
    *,
    ecog: int,
    date: str | None = None,
    coded: str | None = None,
    value_in: str = "code",
) -> Resource:
    """The ECOG or WHO performance status. ecog: 0 to 5; value_in: code (the LOINC answer), integer or text; coded: loinc or none."""
    answer = choice("ecog", int(ecog), dict(enumerate(_ECOG)))
    values = {
        "code": {"valueCodeableConcept": concept((LOINC, answer, None), text=f"WHO {ecog}")},
        "integer": {"valueInteger": int(ecog)},
        "text": {"valueString": f"WHO {ecog}"},
    }
    code = concept(
        dialect(coded, {"loinc": (LOINC, "89247-1", "ECOG Performance Status score")}),
        text="ECOG/WHO-performancestatus",
    )
    return observation(write, "performance", code, choice("value_in", value_in, values), date=date)


def leucocytosis(
    write: Writer,
    *,
    present: bool = True,
    value: float | None = None,
    as_: str = "Observation",
    date: str | None = None,
    text: str | None = None,
) -> Resource:
    """Raised leucocytes. as: Observation (present: yes or no; or value: in 10*9/L, with its interpretation), or Condition (text)."""
    if as_ == "Condition":
        return condition(
            write,
            "leucocytosis",
            own("leucocytosis", text or "Leukocytose"),
            "none",
            "text",
            recorded=date,
        )
    choice("as", as_, ("Observation", "Condition"))
    if value is None:
        told = in_category("exam") | {"valueBoolean": present}
        return observation(
            write, "leucocytosis", own("leucocytosis", text or "Leukocytose"), told, date=date
        )
    quantity = {"value": value, "unit": "10*9/L", "system": UCUM, "code": "10*9/L"}
    flag = ("H", "High") if present else ("N", "Normal")
    interpretation = [concept((_INTERPRETATION, *flag))]
    measured = in_category("laboratory") | {
        "valueQuantity": quantity,
        "interpretation": interpretation,
    }
    return observation(write, "leucocytosis", {"text": text or "Leukocyten"}, measured, date=date)
