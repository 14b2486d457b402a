"""Words for orders: under `record:` on record (active since a week), under `orders:` drafts of today. Options as in `order`."""

from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from . import medicines, scans, treatment
from .breast_imaging import IMAGING
from .building import OWN, SNOMED, choice
from .care import MDT
from .ordering import order


def order_mri(
    write: Writer,
    *,
    region: str = "spine",
    region_in: str = "code",
    contrast: bool | None = None,
    **options: Any,
) -> Resource:
    """region: spine, whole_spine, cervical, thoracic, lumbar, sacrum, pelvis, liver, abdomen, brain, whole_body or breast; region_in: code,
    text, or bodySite (with the code of any MRI); coded: snomed, loinc or none; contrast: yes or no, in words."""
    if region == "breast":
        return order_breast_mri(write, **options)
    text, site, codes = choice("region", region, scans.MRI_OF)
    if choice("region_in", region_in, ("code", "text", "bodySite")) != "code":
        codes = {"snomed": scans.MRI}
    if contrast is not None:
        text += " met contrast" if contrast else " zonder contrast"
    return order(
        write,
        "order-mri",
        codes,
        "MRI" if region_in == "bodySite" else text,
        **{"site": site if region_in == "bodySite" else None, **options},
    )


def order_pet_ct(
    write: Writer, *, tracer: str = "fdg", tracer_in: str | None = None, **options: Any
) -> Resource:
    """tracer: fdg, fes, naf, fapi, psma, fluciclovine or none; tracer_in: code (fdg, naf), text, or detail (orderDetail, the order itself only
    says PET/CT); coded: snomed, loinc or none."""
    usual, codes, _ = choice("tracer", tracer, scans.TRACERS)
    tracer_in = choice(
        "tracer_in", tracer_in or ("code" if codes else "text"), ("code", "text", "detail")
    )
    if tracer_in == "code" and not codes:
        raise ValueError(f"tracer_in: no code of a PET/CT names {tracer}; text or detail")
    detail = {"detail": f"Tracer: {usual.partition('-PET')[0]}"} if tracer_in == "detail" else {}
    text = "PET/CT" if tracer_in == "detail" else usual
    return order(
        write,
        "order-pet-ct",
        codes if tracer_in == "code" else scans.TRACERS["none"][1],
        text,
        **{"site": None} | detail | options,
    )


def order_bone_scan(write: Writer, **options: Any) -> Resource:
    """coded: snomed, loinc or none."""
    return order(
        write, "order-bone-scan", scans.BONE_SCAN, "Skeletscintigrafie", **{"site": None} | options
    )


def order_ct(write: Writer, *, region: str = "thorax_abdomen", **options: Any) -> Resource:
    """region: thorax, abdomen or thorax_abdomen; coded: snomed, loinc or none."""
    text, codes = choice("region", region, scans.CT_OF)
    return order(write, "order-ct", codes, text, **{"site": None} | options)


def order_chest_xray(write: Writer, **options: Any) -> Resource:
    """coded: own or none."""
    return order(
        write,
        "order-chest-xray",
        scans.CHEST_XRAY,
        "Röntgenfoto van de thorax",
        **{"site": None} | options,
    )


def order_liver_ultrasound(write: Writer, **options: Any) -> Resource:
    """coded: own or none."""
    return order(
        write,
        "order-liver-ultrasound",
        scans.LIVER_ULTRASOUND,
        "Echografie van de lever",
        **{"site": None} | options,
    )


def order_breast_mri(write: Writer, **options: Any) -> Resource:
    """An order for MRI of the breast."""
    return order(
        write, "order-breast-mri", IMAGING["mri"]["plain"], IMAGING["mri"]["text"], **options
    )


def order_surveillance_imaging(
    write: Writer, *, kind: str = "mammography", **options: Any
) -> Resource:
    """kind: mammography, ultrasound or mri of the breast as routine follow-up; text: instead of "Controle mammografie"."""
    about = IMAGING[choice("kind", kind, ("mammography", "ultrasound", "mri"))]
    return order(
        write,
        "order-surveillance",
        about["plain"],
        f"Controle {about['text'] if kind == 'mri' else about['text'].lower()}",
        **options,
    )


def order_mastectomy(
    write: Writer,
    *,
    kind: str = "unspecified",
    side: str = "none",
    side_in: str | None = None,
    **options: Any,
) -> Resource:
    """kind and side_in as in `mastectomy`; the indication (DCIS, breast cancer) as reason, reason_of or reason_reference."""
    text, code = treatment.sided(treatment.MASTECTOMY, kind, treatment.MASTECTOMY_OF, side, side_in)
    return order(write, "order-mastectomy", code, text, side=side, side_in=side_in, **options)


def order_breast_conserving_surgery(
    write: Writer,
    *,
    kind: str = "lumpectomy",
    side: str = "none",
    side_in: str | None = None,
    **options: Any,
) -> Resource:
    """kind and side_in as in `breast_conserving_surgery`."""
    text, code = treatment.sided(treatment.CONSERVING, kind, treatment.CONSERVING_OF, side, side_in)
    return order(
        write, "order-conserving-surgery", code, text, side=side, side_in=side_in, **options
    )


def order_reconstruction(write: Writer, *, kind: str = "unspecified", **options: Any) -> Resource:
    """kind as in `breast_reconstruction`."""
    text, code = choice("kind", kind, treatment.RECONSTRUCTION)
    return order(write, "order-reconstruction", code, text, **options)


def order_fat_transfer(write: Writer, **options: Any) -> Resource:
    """An order for autologous fat transfer."""
    return order(
        write, "order-fat-transfer", treatment.FAT_TRANSFER[1], treatment.FAT_TRANSFER[0], **options
    )


def order_axillary_dissection(write: Writer, *, kind: str = "complete", **options: Any) -> Resource:
    """kind as in `axillary_dissection`; side_in: zib (default), bodySite, mcode or text."""
    text, code = choice("kind", kind, treatment.DISSECTION)
    return order(write, "order-axillary-dissection", code, text, **_of_the_axilla(options))


def order_sentinel_node(write: Writer, **options: Any) -> Resource:
    """An order for a sentinel node procedure; side_in as in `order_axillary_dissection`."""
    return order(
        write,
        "order-sentinel-node",
        treatment.SENTINEL[1],
        treatment.SENTINEL[0],
        **_of_the_axilla(options),
    )


def order_mari(write: Writer, **options: Any) -> Resource:
    """An order for a MARI procedure; side_in as in `order_axillary_dissection`; coded: own or none."""
    return order(
        write,
        "order-mari",
        {"own": treatment.MARI[1]},
        treatment.MARI[0],
        **_of_the_axilla(options),
    )


def order_tad(write: Writer, **options: Any) -> Resource:
    """An order for a targeted axillary dissection; side_in as in `order_axillary_dissection`; coded: own or none."""
    return order(
        write, "order-tad", {"own": treatment.TAD[1]}, treatment.TAD[0], **_of_the_axilla(options)
    )


def order_node_marking(write: Writer, *, kind: str = "seed", **options: Any) -> Resource:
    """kind as in `node_marking`; side_in as in `order_axillary_dissection`; coded: own or none."""
    text, code = choice("kind", kind, treatment.MARKING)
    return order(write, "order-node-marking", {"own": code}, text, **_of_the_axilla(options))


def _of_the_axilla(options: dict) -> dict:
    usual = "text" if options.get("coded") in ("none", False) else "zib"
    return {"site": "axilla"} | options | {"side_in": options.get("side_in") or usual}


def order_radiotherapy(
    write: Writer,
    *,
    field: str = "breast",
    side: str = "none",
    side_in: str | None = None,
    **options: Any,
) -> Resource:
    """field as in `radiotherapy`; side_in: bodySite (breast), zib (elsewhere), mcode or text."""
    text, site, code = choice("field", field, treatment.FIELDS)
    words_only = options.get("coded") in ("none", False) or site is None
    side_in = side_in or ("text" if words_only else "bodySite" if site == "breast" else "zib")
    return order(
        write,
        "order-radiotherapy",
        code or treatment.GENERIC_RADIOTHERAPY,
        text,
        site=site,
        side=side,
        side_in=side_in,
        **options,
    )


def order_systemic(
    write: Writer,
    *,
    drug: str | None = None,
    kind: str | None = None,
    as_: str = "MedicationRequest",
    text: str | None = None,
    **options: Any,
) -> list[Resource]:
    """drug or kind as in `systemic_therapy`; as: MedicationRequest (coded: atc, snomed or none; medication_in, intent, intent_in) or
    ServiceRequest (coded: snomed or none); priority, reason... as in `order`."""
    if as_ == "ServiceRequest":
        usual, code = choice(
            "kind",
            kind or (choice("drug", drug, medicines.DRUGS)[0] if drug else "systemic"),
            medicines.KINDS,
        )
        named = f"{usual}: {medicines.DRUGS[drug][1].lower()}" if drug else usual
        return [order(write, "order-systemic", code, text or named, **{"site": None} | options)]
    choice("as", as_, ("MedicationRequest", "ServiceRequest"))
    return medicines.medicine(
        write, "order-systemic", drug=drug, kind=kind, as_=as_, text=text, **options
    )


def order_bone_agent(
    write: Writer, *, drug: str = "zoledronic_acid", **options: Any
) -> list[Resource]:
    """drug: zoledronic_acid or denosumab; the rest as in `order_systemic`."""
    return medicines.medicine(
        write, "order-bone-agent", drug=drug, as_="MedicationRequest", **options
    )


def order_mdt(
    write: Writer, *, text: str = "Bespreking MDO mammacarcinoom", **options: Any
) -> Resource:
    """A request for a multidisciplinary meeting; coded: snomed, own or none."""
    return order(write, "order-mdt", MDT, text, **{"site": None} | options)


def order_biopsy(
    write: Writer, *, of: str = "metastasis", side: str = "none", **options: Any
) -> Resource:
    """of: as in `biopsy`."""
    text, site, code = choice("of", of, treatment.BIOPSY)
    return order(
        write,
        "order-biopsy",
        code,
        text,
        **{"site": site if side != "none" else None, "side": side, **options},
    )


def order_receptors(
    write: Writer,
    *,
    text: str = "Hormoonreceptoren en HER2 op weefsel van de metastase",
    **options: Any,
) -> Resource:
    """An order for the receptors of a metastasis; coded: own or none."""
    return order(
        write,
        "order-receptors",
        {"own": (OWN, "receptors-of-metastasis", None)},
        text,
        **{"site": None} | options,
    )


def order_skin_biopsy(write: Writer, **options: Any) -> Resource:
    """An order for a skin biopsy of the breast."""
    return order_biopsy(write, **{"of": "skin"} | options)


def order_restaging(
    write: Writer, *, text: str = "Stadiëringsonderzoek", **options: Any
) -> Resource:
    """An order for staging that names no examination; coded: own or none."""
    return order(
        write, "order-staging", {"own": (OWN, "staging", None)}, text, **{"site": None} | options
    )


def order_referral(
    write: Writer, *, text: str = "Verwijzing mammachirurg", **options: Any
) -> Resource:
    """A referral to a breast surgeon (see also `order_breast_clinic`); coded: snomed or none."""
    return order(
        write,
        "order-referral",
        (SNOMED, "306300002", "Referral to breast surgeon"),
        text,
        **{"site": None} | options,
    )
