"""Words for what was done: surgery of the breast and the nodes, reconstruction, radiotherapy, biopsies."""

from typing import Any

from cds_service.casebook.vocabulary import Resource, Writer

from .building import (
    BREAST_OF,
    MCODE,
    OWN,
    SNOMED,
    body_site,
    choice,
    concept,
    condition,
    dialect,
    procedure,
    with_side,
)

MASTECTOMY = {  # text, code
    "unspecified": ("Mastectomie", (SNOMED, "5884001", "Mastectomy")),
    "simple": ("Ablatio mammae", (SNOMED, "172043006", "Simple mastectomy")),
    "modified_radical": (
        "Gemodificeerde radicale mastectomie",
        (SNOMED, "406505007", "Modified radical mastectomy"),
    ),
    "radical": ("Radicale mastectomie", (SNOMED, "384723003", "Radical mastectomy")),
    "skin_sparing": ("Huidsparende mastectomie", (SNOMED, "428564008", "Skin sparing mastectomy")),
    "subcutaneous": ("Subcutane mastectomie", (SNOMED, "70183006", "Subcutaneous mastectomy")),
    "prophylactic": (
        "Profylactische mastectomie",
        (SNOMED, "447421006", "Prophylactic mastectomy"),
    ),
    "with_axilla": (
        "Mastectomie met okselklierdissectie",
        (SNOMED, "446420001", "Simple mastectomy with complete axillary lymphadenectomy"),
    ),
}
MASTECTOMY_OF = {
    "left": (SNOMED, "428571003", "Mastectomy of left breast"),
    "right": (SNOMED, "429400009", "Mastectomy of right breast"),
    "both": (SNOMED, "27865001", "Bilateral mastectomy"),
}
_HAD_MASTECTOMY = {
    "left": (SNOMED, "429009003", "History of left mastectomy"),
    "right": (SNOMED, "429242008", "History of right mastectomy"),
    "both": (SNOMED, "428529004", "History of bilateral mastectomy"),
}
CONSERVING = {
    "lumpectomy": ("Lumpectomie mamma", (SNOMED, "392021009", "Lumpectomy of breast")),
    "part": ("Borstsparende operatie", (SNOMED, "64368001", "Excision of part of breast")),
    "wide_excision": (
        "Ruime lokale excisie mamma",
        (SNOMED, "237371007", "Wide local excision of breast lesion"),
    ),
    "quadrantectomy": ("Kwadrantectomie mamma", (SNOMED, "172049005", "Quadrantectomy of breast")),
    "re_excision": (
        "Re-excisie mamma",
        (SNOMED, "395165008", "Re-excision of breast for clearance of tumor margins"),
    ),
}
CONSERVING_OF = {
    "left": (SNOMED, "735085002", "Lumpectomy of left breast"),
    "right": (SNOMED, "735086001", "Lumpectomy of right breast"),
}
RECONSTRUCTION = {
    "unspecified": ("Borstreconstructie", (SNOMED, "33496007", "Reconstruction of breast")),
    "implant": (
        "Borstreconstructie met prothese",
        (
            SNOMED,
            "443611007",
            "Reconstruction of breast with immediate insertion of breast prosthesis",
        ),
    ),
    "expander": (
        "Borstreconstructie met tissue expander",
        (SNOMED, "172061002", "Reconstruction of breast with expander or prosthesis"),
    ),
    "diep": (
        "DIEP-lapreconstructie",
        (
            SNOMED,
            "395167000",
            "Breast reconstruction with deep inferior epigastric perforator skin flap",
        ),
    ),
    "ld": (
        "Latissimus-dorsi-lapreconstructie",
        (
            SNOMED,
            "172057008",
            "Reconstruction of breast using myocutaneous flap of latissimus dorsi muscle",
        ),
    ),
    "ld_implant": (
        "Latissimus-dorsi-lapreconstructie met prothese",
        (SNOMED, "14561009", "Breast reconstruction with latissimus dorsi flap with implant"),
    ),
    "fat": (
        "Borstreconstructie met lipofilling",
        (SNOMED, "764926003", "Transfer of fat to breast"),
    ),
}
FAT_TRANSFER = (
    "Autologe vettransplantatie (lipofilling) borst",
    (SNOMED, "764926003", "Transfer of fat to breast"),
)
DISSECTION = {
    "complete": ("Okselklierdissectie", (SNOMED, "79544006", "Complete axillary lymphadenectomy")),
    "level_1": (
        "Okselklierdissectie level 1",
        (SNOMED, "408484000", "Level 1 axillary clearance of lymph nodes"),
    ),
    "level_2": (
        "Okselklierdissectie level 1-2",
        (SNOMED, "408486003", "Level 2 axillary clearance of lymph nodes"),
    ),
    "level_3": (
        "Okselklierdissectie level 1-3",
        (SNOMED, "408499000", "Level 3 axillary clearance of lymph nodes"),
    ),
    "excision": ("Excisie okselklier", (SNOMED, "234262008", "Excision of axillary lymph node")),
}
SENTINEL = ("Schildwachtklierprocedure", (SNOMED, "396487001", "Sentinel lymph node biopsy"))
MARKING = {
    "seed": ("Markering lymfeklier met jodiumzaadje", (OWN, "node-marking", None)),
    "clip": ("Markering lymfeklier met clip", (OWN, "node-marking", None)),
    "magnetic": ("Markering lymfeklier met magnetisch zaadje", (OWN, "node-marking", None)),
    "unspecified": ("Markering lymfeklier", (OWN, "node-marking", None)),
}
MARI = ("MARI-procedure", (OWN, "mari", None))
TAD = ("Targeted axillary dissection (TAD)", (OWN, "targeted-axillary-dissection", None))
GENERIC_RADIOTHERAPY = (SNOMED, "1287742003", "Radiotherapy")
FIELDS = {  # text, site, code of this field
    "breast": ("Radiotherapie mamma", "breast", (SNOMED, "428923005", "Radiotherapy to breast")),
    "chest_wall": (
        "Radiotherapie thoraxwand",
        "chest_wall",
        (SNOMED, "428624002", "Radiotherapy to chest wall"),
    ),
    "axilla": ("Radiotherapie oksel", "axilla", (SNOMED, "429579007", "Radiotherapy to axilla")),
    "supraclavicular": ("Radiotherapie supraclaviculair", "supraclavicular", None),
    "infraclavicular": ("Radiotherapie infraclaviculair", "infraclavicular", None),
    "internal_mammary": ("Radiotherapie parasternale klieren", "internal_mammary", None),
    "regional": ("Locoregionale radiotherapie", None, None),
    "bone": ("Radiotherapie botmetastase", "bone", None),
    "spine": ("Radiotherapie wervelkolom", "spine", None),
    "brain": ("Radiotherapie hersenen", "brain", None),
    "unspecified": ("Radiotherapie", None, None),
}
BIOPSY = {  # text, site, code
    "breast": ("Dikkenaaldbiopsie", "breast", (SNOMED, "44578009", "Core needle biopsy of breast")),
    "skin": ("Huidbiopt mamma", "breast", (SNOMED, "87697008", "Punch biopsy of skin")),
    "liver": ("Leverbiopsie", None, (SNOMED, "86259008", "Biopsy of liver")),
    "bone": ("Botbiopsie", None, (SNOMED, "274333000", "Surgical biopsy of bone")),
    "node": ("Lymfeklierbiopsie", "axilla", (SNOMED, "21911005", "Biopsy of lymph node")),
    "metastasis": ("Biopsie van metastase", None, (OWN, "biopsy-of-metastasis", None)),
}


def sided(
    kinds: dict, kind: str, of_side: dict, side: str, side_in: str | None
) -> tuple[str, tuple]:
    """The text and code of a kind; with side_in code the code that names the side."""
    text, code = choice("kind", kind, kinds)
    return (text, choice("side", side, of_side)) if side_in == "code" else (text, code)


def mastectomy(
    write: Writer,
    *,
    kind: str = "unspecified",
    side: str = "none",
    side_in: str | None = None,
    as_: str = "Procedure",
    **options: Any,
) -> Resource:
    """A mastectomy. kind: unspecified, simple, modified_radical, radical, skin_sparing, subcutaneous, prophylactic or with_axilla;
    side_in: also code; as: Procedure (options as in `procedure`: date, until, status, coded, text, reason, remark), or Condition: the
    history of one (side needed; recorded and the rest as in `condition`)."""
    if as_ == "Condition":
        text = with_side("Status na mastectomie", side, "text")
        return condition(
            write,
            "mastectomy",
            concept(choice("side", side, _HAD_MASTECTOMY), text=text),
            side,
            "code",
            **options,
        )
    choice("as", as_, ("Procedure", "Condition"))
    text, code = sided(MASTECTOMY, kind, MASTECTOMY_OF, side, side_in)
    return procedure(write, "mastectomy", code, text, side=side, side_in=side_in, **options)


def breast_conserving_surgery(
    write: Writer,
    *,
    kind: str = "lumpectomy",
    side: str = "none",
    side_in: str | None = None,
    **options: Any,
) -> Resource:
    """kind: lumpectomy, part, wide_excision, quadrantectomy or re_excision; side_in: also code; options as in `procedure`."""
    text, code = sided(CONSERVING, kind, CONSERVING_OF, side, side_in)
    return procedure(write, "conserving-surgery", code, text, side=side, side_in=side_in, **options)


def breast_reconstruction(write: Writer, *, kind: str = "unspecified", **options: Any) -> Resource:
    """kind: unspecified, implant, expander, diep, ld, ld_implant or fat; options as in `procedure`."""
    text, code = choice("kind", kind, RECONSTRUCTION)
    return procedure(write, "reconstruction", code, text, **options)


def fat_transfer(write: Writer, **options: Any) -> Resource:
    """Autologous fat transfer to the breast; options as in `procedure`."""
    return procedure(write, "fat-transfer", FAT_TRANSFER[1], FAT_TRANSFER[0], **options)


def axillary_dissection(write: Writer, *, kind: str = "complete", **options: Any) -> Resource:
    """kind: complete, level_1, level_2, level_3 or excision; side_in: zib (default), bodySite, mcode, text; as in `procedure`."""
    text, code = choice("kind", kind, DISSECTION)
    return procedure(write, "axillary-dissection", code, text, **_of_the_axilla(options))


def sentinel_node(write: Writer, **options: Any) -> Resource:
    """A sentinel node procedure; options as in `axillary_dissection`, without kind."""
    return procedure(write, "sentinel-node", SENTINEL[1], SENTINEL[0], **_of_the_axilla(options))


def node_marking(write: Writer, *, kind: str = "seed", **options: Any) -> Resource:
    """Marking of a node. kind: seed, clip, magnetic or unspecified; coded: own or none; the rest as in `axillary_dissection`."""
    text, code = choice("kind", kind, MARKING)
    return procedure(write, "node-marking", {"own": code}, text, **_of_the_axilla(options))


def mari(write: Writer, **options: Any) -> Resource:
    """A MARI procedure; coded: own or none; the rest as in `axillary_dissection`, without kind."""
    return procedure(write, "mari", {"own": MARI[1]}, MARI[0], **_of_the_axilla(options))


def tad(write: Writer, **options: Any) -> Resource:
    """A targeted axillary dissection; coded: own or none; the rest as in `axillary_dissection`, without kind."""
    return procedure(write, "tad", {"own": TAD[1]}, TAD[0], **_of_the_axilla(options))


def _of_the_axilla(options: dict) -> dict:
    usual = "text" if options.get("coded") in ("none", False) else "zib"
    return {"site": "axilla"} | options | {"side_in": options.get("side_in") or usual}


def radiotherapy(
    write: Writer,
    *,
    field: str = "breast",
    side: str = "none",
    side_in: str | None = None,
    coded: str | None = None,
    boost: bool = False,
    **options: Any,
) -> Resource:
    """Radiotherapy. field: breast, chest_wall, axilla, supraclavicular, infraclavicular, internal_mammary, regional, bone, spine, brain or
    unspecified; coded: snomed (the code of the field, or the generic one + bodySite), site (generic + bodySite), mcode (site with
    profile) or none; side_in: zib (default beside the breast), bodySite, mcode or text; boost: yes, in words; the rest as in `procedure`."""
    usual, site, code = choice("field", field, FIELDS)
    codes = {
        "snomed": code or GENERIC_RADIOTHERAPY,
        "site": GENERIC_RADIOTHERAPY,
        "mcode": GENERIC_RADIOTHERAPY,
    }
    words_only = dialect(coded, codes) is None
    side_in = side_in or (
        "text"
        if words_only or site is None
        else "mcode"
        if coded == "mcode"
        else "bodySite"
        if site == "breast"
        else "zib"
    )
    extra: dict = (
        {"meta": {"profile": [f"{MCODE}radiotherapy-course-summary"]}} if coded == "mcode" else {}
    )
    written = procedure(
        write,
        "radiotherapy",
        codes,
        usual + (" met boost" if boost else ""),
        extra,
        side=side,
        side_in=side_in,
        site=None,
        coded=coded,
        **options,
    )
    place = None if words_only else body_site(side, side_in, site)
    if site == "breast" and side == "none" and coded in ("site", "mcode"):
        place = concept((SNOMED, "76752008", "Breast structure"))
    return written | ({"bodySite": [place]} if place else {})


def hyperthermia(write: Writer, **options: Any) -> Resource:
    """Hyperthermia; options as in `procedure`."""
    return procedure(
        write,
        "hyperthermia",
        (SNOMED, "31847002", "Hyperthermia treatment"),
        "Hyperthermie",
        **options,
    )


def bone_surgery(write: Writer, *, site: str = "bone", **options: Any) -> Resource:
    """Surgical stabilisation of a bone metastasis. site: bone, spine, pelvic_bone...; coded: own or none; the rest as in `procedure`."""
    text = (
        "Stabiliserende operatie wervelkolom"
        if "spine" in site
        else "Osteosynthese bij botmetastase"
    )
    return procedure(
        write,
        "bone-surgery",
        {"own": (OWN, "bone-stabilisation", None)},
        text,
        site=site,
        **options,
    )


def biopsy(
    write: Writer,
    *,
    of: str = "breast",
    side: str = "none",
    side_in: str | None = None,
    date: str | None = None,
    result: str | None = None,
    **options: Any,
) -> list[Resource]:
    """A biopsy, without its result unless given. of: breast (core needle), skin, liver, bone, node or metastasis; result: the words of a
    pathology report beside it; the rest as in `procedure`. See also `tissue_diagnosis`."""
    text, site, code = choice("of", of, BIOPSY)
    side_in = side_in or (
        "zib" if of == "node" and options.get("coded") not in ("none", False) else None
    )
    done = procedure(
        write,
        "biopsy",
        code,
        text,
        site=site if side in BREAST_OF else None,
        side=side,
        side_in=side_in,
        date=date,
        **options,
    )
    if result is None:
        return [done]
    code_of_report = {"text": with_side(f"Pathologie {text[0].lower()}{text[1:]}", side, "text")}
    report = write(
        "DiagnosticReport",
        "pathology",
        status="final",
        code=code_of_report,
        effectiveDateTime=write.date(date),
        conclusion=result,
    )
    return [done, report]
