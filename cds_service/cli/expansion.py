"""What a terminology server knows below the SNOMED CT codes of the value sets, as a file of codes for the site file.

The service itself never asks a terminology server: its value sets list every code. `cds-service expand` asks one on somebody's
behalf (FHIR R4, ValueSet/$expand over the implicit value set of an ECL expression) and writes what it said to a file that people
read before it counts (`code_files`, docs/site.md). A code below two rows that mean different things is left out and named.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from cds_service.errors import MammaCardsError
from cds_service.outbound.deadline import Deadline, within
from cds_service.outbound.egress import Failure, fetch
from cds_service.outbound.trust import Trust
from cds_service.strict import json as strict_json
from cds_service.terminology.systems import SNOMED, code_faults
from cds_service.terminology.value_set import ValueSet

PAGE, MOST_CODES, MOST_BYTES = 1000, 20_000, 20_000_000
_JSON = {"application/fhir+json", "application/json"}


class ExpansionError(MammaCardsError):
    """The terminology server did not answer as FHIR R4 wants; the message says how."""


@dataclass
class Expansion:
    """What was found: rows for each value set by its name, versions of SNOMED CT that the server named, codes that were left out."""

    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    versions: set[str] = field(default_factory=set)
    ambiguous: list[str] = field(default_factory=list)


# Asks for the resource at an address below the server's base.
Ask = Callable[[str], dict]


def expand(value_sets: Mapping[str, ValueSet], ask: Ask) -> Expansion:
    """The descendants of every SNOMED CT code of these value sets that they do not list yet, each with the meaning of its ancestor.

    Raises ExpansionError.
    """
    found = Expansion()
    for name, value_set in value_sets.items():
        meanings: dict[str, set[tuple[str, str]]] = {}
        displays: dict[str, str] = {}
        for (system, code), (value, side, _) in value_set.codes.items():
            if system == SNOMED:
                for below, display in _descendants(code, ask, found.versions):
                    if (SNOMED, below) not in value_set.codes:
                        meanings.setdefault(below, set()).add((value, side))
                        displays[below] = display
        rows = []
        for code in sorted(meanings, key=int):
            values = {value for value, _ in meanings[code]}
            sides = {side for _, side in meanings[code] if side}
            if len(values) > 1 or len(sides) > 1:
                found.ambiguous.append(f"{name}: {code} {displays[code]}")
                continue
            row = {
                "system": SNOMED,
                "code": code,
                "display": displays[code],
                "value": values.pop(),
                "side": sides.pop() if sides else "",
            }
            rows.append({key: text for key, text in row.items() if text or key == "display"})
        if rows:
            found.rows[name] = rows
    return found


def written(found: Expansion, server: str, day: date) -> str:
    """The file of codes: one row a line, with where and when it was asked above it."""
    versions = ", ".join(sorted(found.versions)) or "a version that the server did not name"
    lines = [
        f"# SNOMED CT codes below those of the value sets, asked of {server} on {day} ({versions}). Read every row before it counts."
    ]
    for name, rows in found.rows.items():
        lines += ["", f"{name}:", *(f"  - {json.dumps(row, ensure_ascii=False)}" for row in rows)]
    return "\n".join([*lines, ""] if found.rows else [*lines, "{}", ""])


def _descendants(code: str, ask: Ask, versions: set[str]) -> Iterable[tuple[str, str]]:
    """(code, display) of everything below a code, page by page."""
    offset, total = 0, 1
    while offset < total:
        query = urlencode(
            {
                "url": f"{SNOMED}?fhir_vs=ecl/<{code}",
                "count": PAGE,
                "offset": offset,
                "activeOnly": "true",
            }
        )
        answer = ask(f"ValueSet/$expand?{query}")
        expansion = answer.get("expansion") if answer.get("resourceType") == "ValueSet" else None
        if not isinstance(expansion, dict):
            raise ExpansionError(f"the terminology server gave no expansion for {code}")
        versions.update(
            str(p.get("valueUri"))
            for p in expansion.get("parameter", [])
            if isinstance(p, dict)
            and p.get("name") in ("version", "used-codesystem")
            and p.get("valueUri")
        )
        contained = expansion.get("contains", [])
        total = (
            expansion["total"]
            if isinstance(expansion.get("total"), int)
            else offset + len(contained)
        )
        if total > MOST_CODES:
            raise ExpansionError(
                f"{code} has {total} descendants, more than {MOST_CODES}: it is too wide for a value set"
            )
        if not contained and offset < total:
            raise ExpansionError(
                f"the terminology server promised {total} descendants of {code} and gave {offset}"
            )
        for concept in contained:
            if not isinstance(concept, dict) or code_faults(
                str(concept.get("system")), str(concept.get("code"))
            ):
                raise ExpansionError(
                    f"the terminology server gave a code below {code} that is none"
                )
            if concept.get("inactive") is not True and concept.get("abstract") is not True:
                yield concept["code"], str(concept.get("display") or concept["code"])
        offset += len(contained)


def terminology_server(base: str, token: str, seconds: float, trust: Trust | None = None) -> Ask:
    """Asks a terminology server, at most `seconds` for each answer. Raises ExpansionError from the call."""
    headers = {"Accept": "application/fhir+json", "User-Agent": "MammaCards"} | (
        {"Authorization": f"Bearer {token}"} if token else {}
    )

    def ask(query: str) -> dict:
        def asked(line: Deadline) -> bytes:
            return fetch(
                line, f"{base.rstrip('/')}/{query}", headers, _check_head, MOST_BYTES, trust=trust
            )

        try:
            body = within(seconds, asked)
            if body is None:
                raise Failure("timeout")
            return strict_json.loads(body)
        except (Failure, strict_json.BadJson) as error:
            raise ExpansionError(
                f"the terminology server gave no answer that can be used ({getattr(error, 'refused', '') or getattr(error, 'reason', error)})"
            ) from None

    return ask


def _check_head(status: int, content_type: str) -> None:
    if status != 200:
        raise Failure(f"status-{status}")
    if content_type.partition(";")[0].strip().lower() not in _JSON:
        raise Failure("content-type")
