"""The CapabilityStatement of the sandbox, read off the tables by which it searches (capabilitystatement.html)."""

from datetime import datetime

from cds_service.demo.sandbox.search_parameters import TYPES, parameters_of
from cds_service.fhir.validation import reference_targets
from cds_service.version import __version__

INTERACTIONS = (
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
)
SYSTEM = ("transaction", "batch", "search-system", "history-system")
_VALIDATE = {
    "name": "validate",
    "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate",
}
_EVERYTHING = {
    "name": "everything",
    "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything",
}


def capability_statement(base: str, started: datetime) -> dict:
    """What this server can do, nothing more. `started` is when the process began; a server's abilities do not change later."""
    includes = {
        kind: [
            f"{kind}:{parameter.name}"
            for parameter in parameters_of(kind).values()
            if parameter.kind == "reference"
        ]
        for kind in TYPES
    }
    backwards = sorted(reference for references in includes.values() for reference in references)
    resources = [
        {
            "type": kind,
            "interaction": [{"code": code} for code in INTERACTIONS],
            "versioning": "versioned",
            "readHistory": True,
            "updateCreate": True,
            "conditionalCreate": True,
            "conditionalRead": "full-support",
            "conditionalUpdate": True,
            "conditionalDelete": "single",
            "referencePolicy": ["literal", "logical", "local"],
            **({"searchInclude": includes[kind]} if includes[kind] else {}),
            "searchRevInclude": [name for name in backwards if _may_refer(name, kind)],
            "searchParam": [{"name": p.name, "type": p.kind} for p in parameters_of(kind).values()],
            "operation": [_VALIDATE, *([_EVERYTHING] if kind == "Patient" else [])],
        }
        for kind in TYPES
    ]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": started.isoformat(timespec="seconds"),
        "kind": "instance",
        "software": {"name": "MammaCards sandbox", "version": __version__},
        "implementation": {
            "description": "MammaCards sandbox: synthetic patients, in memory",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"cors": True},
                "resource": resources,
                "interaction": [{"code": code} for code in SYSTEM],
                "searchParam": [
                    {"name": p.name, "type": p.kind} for p in parameters_of("").values()
                ],
                "compartment": ["http://hl7.org/fhir/CompartmentDefinition/patient"],
            }
        ],
    }


def _may_refer(name: str, kind: str) -> bool:
    """May this reference parameter (Type:name) refer to resources of that type, by the standard?"""
    source, _, parameter = name.partition(":")
    found = parameters_of(source)[parameter]
    return found.target in ("", kind) and any(
        {kind} <= (reference_targets(source, path) or {kind}) for path in found.paths
    )
