"""Lists of the sandbox page by page: searchset and history Bundles with their links (search.html, http.html#paging). Knows no HTTP."""

import re
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlencode

from cds_service.demo.sandbox.search_values import BadParameter
from cds_service.demo.sandbox.store import StoreError

PAGE_SIZE = 100
LARGEST_PAGE = 1000
_KEPT_LISTS = 100


@dataclass(frozen=True)
class Listed:
    """What was found, kept for its further pages: later writes do not move it.

    `path` is where it was asked, below the base. `entries` makes the entries of a page, with what comes along with them.
    """

    kind: str  # Bundle.type
    path: str
    used: list[tuple[str, str]]  # the parameters that were noticed, for the self link
    items: list
    entries: Callable[[list], list[dict]]
    page_size: int
    total: int | None  # Bundle.total, None where it is not wanted


class Pages:
    """Makes the pages, and keeps the lists that have more than one. May be used from several threads.

    `base` is the address of the server. Each refusal is a StoreError.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._lists: OrderedDict[str, Listed] = OrderedDict()

    def first(self, listed: Listed, base: str) -> dict:
        """The Bundle with the first page."""
        query = urlencode(listed.used)
        address = "/".join(filter(None, (base, listed.path))) + (f"?{query}" if query else "")
        key = self._keep(listed) if 0 < listed.page_size < len(listed.items) else ""
        return self._page(listed, key, 0, address, base)

    def further(self, path: str, cursor: str, base: str) -> dict:
        """A page that a link leads to; 410 where the list is not kept any more."""
        key, _, offset = cursor.partition(".")
        with self._lock:
            listed = self._lists.get(key)
        if listed is None or listed.path != path or not re.fullmatch("[0-9]{1,9}", offset):
            raise StoreError(410, "not-found", ["This page is not kept any more; search again."])
        return self._page(listed, key, int(offset), _address(base, path, key, int(offset)), base)

    def _page(self, listed: Listed, key: str, offset: int, address: str, base: str) -> dict:
        size, count = listed.page_size, len(listed.items)
        links = {"self": address}
        if key:  # "first, last, next, and previous, as in RFC 5005"
            starts = {
                "first": 0,
                "previous": max(offset - size, 0) if offset else None,
                "next": offset + size,
                "last": (count - 1) // size * size,
            }
            reached = {
                relation: start
                for relation, start in starts.items()
                if start is not None and start < count
            }
            links |= {
                relation: _address(base, listed.path, key, start)
                for relation, start in reached.items()
            }
        shown = listed.items[offset : offset + size]
        total = {} if listed.total is None else {"total": listed.total}
        bundle = {
            "resourceType": "Bundle",
            "type": listed.kind,
            **total,
            "link": [{"relation": relation, "url": url} for relation, url in links.items()],
        }
        entries = listed.entries(shown) if shown else []
        return {**bundle, "entry": entries} if entries else bundle

    def _keep(self, listed: Listed) -> str:
        key = uuid.uuid4().hex
        with self._lock:
            self._lists[key] = listed
            while len(self._lists) > _KEPT_LISTS:
                self._lists.popitem(last=False)
        return key


def page_size(parameters: list[tuple[str, str]]) -> int:
    """What _count asks for, up to LARGEST_PAGE; 0 for counting only. Raises BadParameter."""
    counts = [value for name, value in parameters if name == "_count"]
    if not all(re.fullmatch("[0-9]{1,9}", count) for count in counts):
        raise BadParameter("_count", "write a whole number")
    return min(int(counts[-1]), LARGEST_PAGE) if counts else PAGE_SIZE


def _address(base: str, path: str, key: str, offset: int) -> str:
    return "/".join(filter(None, (base, path))) + f"?_cursor={key}.{offset}"
