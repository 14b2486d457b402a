"""The patient's record as it was read for one request: resources by type, and how completely each input was read.

Whatever version of FHIR a resource was sent in, here it has the shape of R4 (see versions.py), and its codes the spelling of FHIR (codes.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cds_service.fhir.codes import in_fhir_spelling
from cds_service.fhir.elements import reference, relative
from cds_service.fhir.state import State
from cds_service.fhir.versions import as_r4, is_plain, outdated


@dataclass(frozen=True)
class DataIssue:
    """Something in the data that a reader should know; of the record it holds codes at most, never words."""

    reference: str
    kind: str  # unreadable, read-in-part, version, invalid, future, set-aside, no-patient, incomplete, fault (of the content)
    text: str


@dataclass(frozen=True)
class PrefetchInput:
    """One input (an advertised prefetch key) and its state; `reason` is a short word for the trace."""

    key: str
    resource_type: str
    state: State
    reason: str = ""


@dataclass
class Record:
    """Everything about one patient that one request may use."""

    patient_id: str
    resources: Mapping[str, list[dict]]
    inputs: Mapping[str, PrefetchInput]
    problems: list[DataIssue] = field(default_factory=list)
    drafts: tuple[dict, ...] = ()  # context.draftOrders, part of the request and so always read
    judged: frozenset[int] = (
        frozenset()
    )  # positions in `drafts` of the orders that the hook asks about
    full_urls: Mapping[str, dict] = field(default_factory=dict)  # Bundle.entry.fullUrl -> resource
    outdated: Mapping[str, list[dict]] = field(
        default_factory=dict
    )  # R4 type -> resources in a shape before R4, which are not read

    def __post_init__(self) -> None:
        """Put every resource into the shape and spelling of R4, and those that are older aside; nearly all of them stay as they are."""
        self.outdated = {}
        changed: dict[int, dict | None] = {}
        kept: dict[str, list[dict]] = {}
        for kind, group in self.resources.items():
            kept[kind] = []
            for resource in group:
                told = in_fhir_spelling(resource)
                if not is_plain(told):
                    if meant := outdated(told):
                        self.outdated.setdefault(meant, []).append(resource)
                        changed[id(resource)] = None
                        continue
                    told = as_r4(told)
                kept[kind].append(told)
                if told is not resource:
                    changed[id(resource)] = told
        self.resources = kept
        self.drafts = tuple(as_r4(in_fhir_spelling(draft)) for draft in self.drafts)
        if changed:
            named = (
                (url, changed.get(id(resource), resource))
                for url, resource in self.full_urls.items()
            )
            self.full_urls = {url: resource for url, resource in named if resource is not None}

    def of_type(self, resource_type: str) -> list[dict]:
        return self.resources.get(resource_type, [])

    def unread(self, resource_types: Iterable[str]) -> frozenset[str]:
        """The keys of inputs of these types that were not read completely."""
        wanted = set(resource_types)
        return frozenset(
            i.key for i in self.inputs.values() if i.resource_type in wanted and not i.state.is_read
        )

    def keys(self, resource_types: Iterable[str]) -> frozenset[str]:
        wanted = set(resource_types)
        return frozenset(i.key for i in self.inputs.values() if i.resource_type in wanted)

    def resolve(self, reference_text: str, container: dict | None = None) -> dict | None:
        """The resource that a reference names, here or contained in `container`; None where it was not read."""
        if reference_text.startswith("#"):
            contained = (container or {}).get("contained")
            for inner in contained if isinstance(contained, list) else []:
                if isinstance(inner, dict) and inner.get("id") == reference_text[1:]:
                    return inner
            return None
        if self._by_reference is None:
            self._by_reference = {
                reference(r): r for group in self.resources.values() for r in group if reference(r)
            }
        if reference_text in self.full_urls:
            return self.full_urls[reference_text]
        return self._by_reference.get(reference_text) or self._by_reference.get(
            relative(reference_text)
        )

    _by_reference: dict[str, dict] | None = None
