"""The searches of the sandbox as searchset Bundles, page by page (search.html, http.html#paging). Knows no HTTP."""

import re
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlencode

from cds_service.fhir.search import BadParameter, UnknownParameter, is_used, parameters_of, references, search
from cds_service.fhir.store import Store, StoreError

PAGE_SIZE = 100
LARGEST_PAGE = 1000
_KEPT_SEARCHES = 100


@dataclass(frozen=True)
class _Found:
    """What a search found, kept for its further pages: later writes do not move them."""

    resource_type: str
    resources: list[dict]
    includes: list[tuple[str, str]]
    page_size: int


class Pages:
    """Searches in a store, and those that still have pages to come. May be used from several threads.

    `base` is the address of the server. Each refusal is a StoreError.
    """

    def __init__(self, store: Store):
        self._store = store
        self._lock = Lock()
        self._searches: OrderedDict[str, _Found] = OrderedDict()

    def first(self, resource_type: str, parameters: list[tuple[str, str]], base: str, strict: bool) -> dict:
        """Search; the Bundle with the first page of what was found."""
        try:
            includes, page_size = _includes(resource_type, parameters, strict), _page_size(parameters, strict)
            resources = search(self._store.all_of(resource_type), resource_type, parameters, strict=strict, base=base)
        except UnknownParameter as error:
            raise StoreError(400, "not-supported", [str(error)]) from None
        except BadParameter as error:
            raise StoreError(400, "value", [str(error)]) from None
        used = urlencode([pair for pair in parameters if is_used(resource_type, pair[0])])
        address = f"{base}/{resource_type}?{used}" if used else f"{base}/{resource_type}"
        return self._page(_Found(resource_type, resources, includes, page_size), "", 0, address, base)

    def further(self, resource_type: str, cursor: str, base: str) -> dict:
        """A page that a next link leads to; 410 where the search is not kept any more."""
        key, _, offset = cursor.partition(".")
        with self._lock:
            found = self._searches.get(key)
        if found is None or found.resource_type != resource_type or not re.fullmatch("[0-9]{1,9}", offset):
            raise StoreError(410, "not-found", ["This page is not kept any more; search again."])
        return self._page(found, key, int(offset), _cursor_address(base, resource_type, key, int(offset)), base)

    def _page(self, found: _Found, key: str, offset: int, address: str, base: str) -> dict:
        following = offset + found.page_size
        shown = found.resources[offset:following]
        links = [{"relation": "self", "url": address}]
        if shown and following < len(found.resources):
            key = key or self._keep(found)
            links.append({"relation": "next", "url": _cursor_address(base, found.resource_type, key, following)})
        entries = [_entry(resource, "match", base) for resource in shown]
        entries += [_entry(resource, "include", base) for resource in self._included(shown, found.includes, base)]
        bundle = {"resourceType": "Bundle", "type": "searchset", "total": len(found.resources), "link": links}
        return {**bundle, "entry": entries} if entries else bundle

    def _keep(self, found: _Found) -> str:
        key = uuid.uuid4().hex
        with self._lock:
            self._searches[key] = found
            while len(self._searches) > _KEPT_SEARCHES:
                self._searches.popitem(last=False)
        return key

    def _included(self, shown: list[dict], includes: list[tuple[str, str]], base: str) -> list[dict]:
        present = {(resource["resourceType"], resource["id"]) for resource in shown}
        texts = [text for resource in shown for name, target in includes for text in references(resource, name, target)]
        included = {}
        for text in texts:
            resource_type, _, rest = text.removeprefix(f"{base}/").partition("/")
            version = self._store.current(resource_type, rest.partition("/")[0])
            if version and (resource_type, version.resource["id"]) not in present:
                included[resource_type, version.resource["id"]] = version.resource
        return list(included.values())


def _cursor_address(base: str, resource_type: str, key: str, offset: int) -> str:
    return f"{base}/{resource_type}?_cursor={key}.{offset}"


def _entry(resource: dict, mode: str, base: str) -> dict:
    return {"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}", "resource": resource, "search": {"mode": mode}}


def _page_size(parameters: list[tuple[str, str]], strict: bool) -> int:
    counts = [value for name, value in parameters if name == "_count"]
    summaries = [value for name, value in parameters if name == "_summary"]
    if not all(re.fullmatch("[0-9]{1,9}", count) for count in counts):
        raise BadParameter("_count", "write a whole number")
    if strict and not {"count", "false"}.issuperset(summaries):
        raise BadParameter("_summary", "only count and false are offered")
    if "count" in summaries:
        return 0
    return min(int(counts[-1]), LARGEST_PAGE) if counts else PAGE_SIZE


def _includes(resource_type: str, parameters: list[tuple[str, str]], strict: bool) -> list[tuple[str, str]]:
    includes = []
    for value in (value for name, value in parameters if name == "_include"):
        source, _, rest = value.partition(":")
        name, _, target = rest.partition(":")
        if not source or not name:
            raise BadParameter("_include", "write Type:parameter or Type:parameter:Type")
        parameter = parameters_of(source).get(name)
        if parameter is not None and parameter.kind == "reference" and source == resource_type:
            includes.append((name, target))
        elif strict:
            raise BadParameter("_include", "it names no reference parameter of the type searched for")
    return includes
