"""A hook request, checked for what CDS Hooks 2.0.1 requires; unknown members are ignored (§Calling a CDS Service)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.cds_hooks.hooks import HOOKS
from cds_service.errors import RequestError

_TOKEN = re.compile(r"[!-~]+")  # what can stand in a header


@dataclass(frozen=True)
class HookRequest:
    """What the service needs of a request. `token` is never logged or stored."""

    hook: str
    hook_instance: str
    patient_id: str
    user_id: str
    prefetch: Mapping[str, object]
    drafts: tuple[dict, ...] = ()
    judged: frozenset[int] = frozenset()  # positions in drafts: the selections, or all of them
    fhir_server: str | None = None
    token: str | None = None

    @property
    def is_order_hook(self) -> bool:
        """Whether it asks about draft orders."""
        return HOOKS[self.hook].is_order_hook

    def __repr__(self) -> str:
        return f"HookRequest({self.hook}, {self.hook_instance})"


def parse(body: dict, hook: str) -> HookRequest:
    """Read a request for a service of `hook`. Raises RequestError (400) that names the place in the request."""
    if _text(body, "hook") != hook:
        raise _bad("hook", f"this service answers the hook {hook}")
    instance = _text(body, "hookInstance")
    context = body.get("context")
    if not isinstance(context, dict):
        raise _bad("context", "an object is required here")
    for name in HOOKS[hook].required_context:
        if context.get(name) is None:
            raise _bad(f"context.{name}", f"required for {hook}")
    patient_id, user_id = (
        _text(context, "patientId", "context."),
        _text(context, "userId", "context."),
    )
    prefetch = body.get("prefetch")
    if prefetch is not None and not isinstance(prefetch, dict):
        raise _bad(
            "prefetch", "an object is required here; leave it out when nothing was prefetched"
        )
    server, token = _access(body, patient_id)
    drafts = _drafts(context) if HOOKS[hook].is_order_hook else ()
    all_drafts = frozenset(range(len(drafts)))
    judged = _selected(context, drafts) if HOOKS[hook].judges == "selections" else all_drafts
    return HookRequest(
        hook, instance, patient_id, user_id, prefetch or {}, drafts, judged, server, token
    )


def _bad(expression: str, message: str) -> RequestError:
    return RequestError(400, "invalid", message, expression)


def _text(node: dict, name: str, prefix: str = "") -> str:
    value = node.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _bad(prefix + name, "a text is required here")
    return value


def _access(body: dict, patient_id: str) -> tuple[str | None, str | None]:
    server = body.get("fhirServer")
    if server is not None and not isinstance(server, str):
        raise _bad("fhirServer", "a URL is required here")
    authorization = body.get("fhirAuthorization")
    if authorization is None:
        return server or None, None
    if not isinstance(authorization, dict):
        raise _bad(
            "fhirAuthorization", "an object is required here; leave it out when no token is passed"
        )
    if not server:
        raise _bad("fhirServer", "required when fhirAuthorization is given")
    token = authorization.get("access_token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise _bad("fhirAuthorization.access_token", "a token is required here")
    if str(authorization.get("token_type", "Bearer")).lower() != "bearer":
        raise _bad("fhirAuthorization.token_type", "must be Bearer")
    named = authorization.get("patient")
    if named is not None and named not in (patient_id, f"Patient/{patient_id}"):
        raise RequestError(
            400,
            "conflict",
            "the token is for another patient than context.patientId",
            "fhirAuthorization.patient",
        )
    return server, token


def _drafts(context: dict) -> tuple[dict, ...]:
    """The resources of context.draftOrders; Bundle.type and fullUrl are not demanded (clients leave them out)."""
    bundle = context["draftOrders"]
    if not isinstance(bundle, dict):
        raise _bad("context.draftOrders", "a Bundle is required here")
    entries = bundle.get("entry")
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise _bad("context.draftOrders.entry", "a list is required here")
    drafts = []
    for number, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise _bad(
                f"context.draftOrders.entry[{number}]", "an entry with a resource is required here"
            )
        drafts.append(resource)
    return tuple(drafts)


def _selected(context: dict, drafts: tuple[dict, ...]) -> frozenset[int]:
    """Positions of the drafts that context.selections names, by exact type and id."""
    selections = context["selections"]
    if not isinstance(selections, list) or not all(isinstance(s, str) for s in selections):
        raise _bad("context.selections", "a list of Type/id is required here")
    wanted = set(selections)
    return frozenset(
        n
        for n, d in enumerate(drafts)
        if isinstance(d.get("id"), str) and f"{d['resourceType']}/{d['id']}" in wanted
    )
