"""Conditional create, update, patch and delete (http.html#ccreate, #cond-update, #patch, #cdelete), and references by search. No HTTP.

What is to be written or deleted is named by a search that matches one resource at most: every criterion must be known here,
for one that were passed over would match too much. Each refusal is a StoreError; 412 where more than one resource matches:
"412 Precondition Failed error indicating the client's criteria were not selective enough".
"""

from urllib.parse import parse_qsl

from cds_service.demo.sandbox.search import RESULT_PARAMETERS, UnknownParameter, search
from cds_service.demo.sandbox.search_values import BadParameter
from cds_service.demo.sandbox.store import Store, StoreError, Version

_TOO_MANY = "More than one resource matches; write criteria that only one does."


def only_match(store: Store, resource_type: str, query: str, base: str) -> dict | None:
    """The one resource that matches, None where none does. 400 for no criteria or unknown ones, 412 for many matches."""
    # "just the search parameters (what would be in the URL following the ?)"; some clients send what stands before it too.
    query = query.removeprefix(resource_type).removeprefix("?")
    parameters = [
        pair
        for pair in parse_qsl(query, keep_blank_values=True)
        if pair[0] not in RESULT_PARAMETERS
    ]
    if not parameters:
        raise StoreError(
            400,
            "required",
            ["A conditional interaction needs criteria such as identifier=system|value."],
        )
    try:
        found = search(
            store.all_of(resource_type),
            resource_type,
            parameters,
            strict=True,
            base=base,
            others=store.all_of,
        )
    except (UnknownParameter, BadParameter) as error:
        raise StoreError(400, "value", [str(error)], parameter=error.name) from None
    if len(found) > 1:
        raise StoreError(412, "multiple-matches", [_TOO_MANY])
    return found[0] if found else None


def create_unless(
    store: Store, resource_type: str, resource: dict, query: str, base: str
) -> tuple[Version, bool]:
    """Create where nothing matches; else "the server ignores the post": the version that is there, and False."""
    with store.lock:
        match = only_match(store, resource_type, query, base)
        if match is not None:
            return store.read(resource_type, match["id"]), False
        return store.create(resource_type, resource), True


def updated_id(store: Store, resource_type: str, resource: dict, query: str, base: str) -> str:
    """The id that a conditional update writes to; a new one where nothing matches and the resource has none.

    "One Match, resource id provided but does not match resource found: the server returns a 400 Bad Request".
    """
    match = only_match(store, resource_type, query, base)
    if match is None:
        id = resource.get("id") or store.new_id()
        if (
            store.current(resource_type, id) is not None
        ):  # R5 says so where R4 says nothing: another resource is not overwritten
            raise StoreError(
                409, "conflict", ["Nothing matches, and another resource has the id that was sent."]
            )
        return id
    if resource.get("id") not in (None, match["id"]):
        raise StoreError(
            400, "invalid", ["The id of the resource is not that of the one that matches."]
        )
    return match["id"]


def update_where(
    store: Store, resource_type: str, resource: dict, query: str, base: str, if_match: str = ""
) -> tuple[Version, bool]:
    """Update the one that matches, or create where none does; True where it was created."""
    with store.lock:
        id = updated_id(store, resource_type, resource, query, base)
        return store.update(resource_type, id, {**resource, "id": id}, if_match)


def patch_where(
    store: Store, resource_type: str, operations: object, query: str, base: str, if_match: str = ""
) -> Version:
    """Patch the one that matches; "no matches: the server returns a 404 Not Found"."""
    with store.lock:
        match = only_match(store, resource_type, query, base)
        if match is None:
            raise StoreError(404, "not-found", ["Nothing matches."])
        return store.patch(resource_type, match["id"], operations, if_match)


def delete_where(
    store: Store, resource_type: str, query: str, base: str, if_match: str = ""
) -> None:
    """Delete the one that matches; where none does, nothing happens."""
    with store.lock:
        match = only_match(store, resource_type, query, base)
        if match is not None:
            store.delete(resource_type, match["id"], if_match)
