"""Several versions of one resource: which of them holds.

FHIR R4, Resource.meta (lastUpdated, versionId) and Bundle (bdl-7: one fullUrl may stand there with different versions). A version that was
corrected since must not speak, and what was withdrawn must not come back; so where nothing tells which is newer, none of them is used.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property

from cds_service.fhir.dates import BadDate, parse
from cds_service.fhir.elements import reference, relative
from cds_service.fhir.record import DataIssue


class Versions:
    """The resources of one record as they come in, by what they are: Type/id, or the fullUrl of what has no id.

    full_urls: (Bundle.entry.fullUrl, resource), for all of them. Nearly every resource comes once: the rest is looked at in the end.
    """

    def __init__(self, full_urls: list[tuple[str, dict]]):
        self.problems: list[DataIssue] = []
        self.in_doubt: set[str] = set()  # types of resources of which no version could be chosen
        self.by_url = dict(full_urls)
        self._urls = full_urls
        self._first: dict[str, dict] = {}
        self._further: dict[
            str, list[dict]
        ] = {}  # what came after the first one and is not the same

    def has(self, resource: dict, identity: str) -> bool:
        """Whether this resource came before, word for word. `identity`: what identity() says of it."""
        first = self._first.get(identity)
        return first is not None and (
            first == resource or resource in self._further.get(identity, ())
        )

    def add(self, resource: dict, identity: str) -> None:
        if self._first.setdefault(identity, resource) is not resource:
            self._further.setdefault(identity, []).append(resource)

    def held(self) -> tuple[list[dict], dict[str, dict]]:
        """Of every resource the version that holds, and what the fullUrls stand for; what was left out is told in `problems`."""
        if not self._further:
            return list(self._first.values()), self.by_url
        chosen = self._first | {
            identity: self._chosen(identity, [self._first[identity], *more])
            for identity, more in self._further.items()
        }
        full_urls = {
            url: chosen.get(self.identity(resource), resource) for url, resource in self._urls
        }
        return [r for r in chosen.values() if r is not None], {
            url: r for url, r in full_urls.items() if r is not None
        }

    def identity(self, resource: dict) -> str:
        if name := reference(resource):
            return name
        url = self._url_of.get(id(resource), "")
        named = relative(url)
        return (
            named if named.startswith(f"{resource['resourceType']}/") else url or f"#{id(resource)}"
        )

    @cached_property
    def _url_of(self) -> dict[int, str]:
        return {id(resource): url for url, resource in self._urls}

    def _chosen(self, identity: str, versions: list[dict]) -> dict | None:
        # The clock and the numbers of one server say nothing of another's.
        one_server = len({place for v in versions if (place := self._place(v))}) <= 1
        chosen = newest(versions, comparable=one_server)
        if chosen is None:
            self.in_doubt.add(versions[0]["resourceType"])
            self.problems.append(
                DataIssue(
                    identity,
                    "unreadable",
                    "two versions of one resource, and nothing tells which is the newer",
                )
            )
        elif any(_content(one) != _content(chosen) for one in versions):
            self.problems.append(DataIssue(identity, "set-aside", "an older version"))
        return chosen

    def _place(self, resource: dict) -> str:
        """The server that a fullUrl names, without http or https; "" where it names none."""
        scheme, _, rest = self._url_of.get(id(resource), "").partition("://")
        name = f"/{self.identity(resource)}"
        place = rest.split("/_history/")[0].lower()
        return (
            place.removesuffix(name.lower())
            if scheme.lower() in ("http", "https") and place.endswith(name.lower())
            else ""
        )


def newest(versions: Sequence[dict], *, comparable: bool = True) -> dict | None:
    """The version that holds, of resources with one identity; None where they differ and nothing tells which of them is the newest.

    comparable: whether what they say of their versions is about the same server.
    """
    distinct: list[dict] = []
    for one in versions:
        twin = next(
            (
                position
                for position, other in enumerate(distinct)
                if _content(other) == _content(one)
            ),
            None,
        )
        if twin is None:
            distinct.append(one)
        elif _is_newer(one, distinct[twin]):
            distinct[twin] = one
    if len(distinct) > 1 and not comparable:
        return None
    return next(
        (
            one
            for one in distinct
            if all(_is_newer(one, other) for other in distinct if other is not one)
        ),
        None,
    )


def _content(resource: dict) -> dict:
    """What a resource says, without what is said of the copy."""
    return {name: value for name, value in resource.items() if name != "meta"}


def _is_newer(one: dict, other: dict) -> bool:
    """Whether something tells that `one` came after `other`: when it was updated (as moments, whatever their offsets), or else the
    number of its version, where versions are numbered."""
    moments = _moment(one), _moment(other)
    if None not in moments and moments[0] != moments[1]:
        return moments[0] > moments[1]  # type: ignore[operator]
    numbers = _number(one), _number(other)
    return None not in numbers and numbers[0] > numbers[1]  # type: ignore[operator]


def _meta(resource: dict, name: str) -> object:
    meta = resource.get("meta")
    return meta.get(name) if isinstance(meta, dict) else None


def _moment(resource: dict) -> datetime | None:
    try:
        return parse(_meta(resource, "lastUpdated"), UTC).instant
    except BadDate:
        return None


def _number(resource: dict) -> int | None:
    version = _meta(resource, "versionId")
    return (
        int(version)
        if isinstance(version, str)
        and version.isascii()
        and version.isdigit()
        and len(version) <= 18
        else None
    )
