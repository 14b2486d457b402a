"""Inputs steered by which lines they reach (atheris), for everything here that parses what others wrote.

    python -m tests.fuzz.targets TARGET -max_total_time=60

A target fails where it raises what it should not, or where what must hold does not. `make fuzz` runs all of them; what was found is
kept in .hypothesis/atheris/, and a failing input is written beside it.
"""

import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

import atheris

with atheris.instrument_imports(include=["cds_service"], enable_loader_override=False):
    from cds_service.cds_hooks.feedback import parse_feedback
    from cds_service.cds_hooks.request import HookRequest
    from cds_service.decision.gather import gather
    from cds_service.errors import RequestError
    from cds_service.fhir_client.client import FhirClient
    from cds_service.outbound.egress import Failure
    from cds_service.rendering.voice import escape, plain
    from cds_service.security.clients import Client, Clients
    from cds_service.security.tokens import Refused, TokenVerifier
    from cds_service.strict import json as strict_json

from markdown_it import MarkdownIt

from tests.security.tokens import base64url, key

BASE = "https://ehr.example.org/fhir"
PATIENT = "p1"
WANTED = {
    "patient": f"Patient/{PATIENT}",
    "conditions": f"Condition?patient={PATIENT}",
    "appointments": f"Appointment?patient={PATIENT}",
}


def _text(data: bytes) -> str:
    """Any text at all; what is no UTF-8 becomes half characters."""
    return data.decode("utf-8", "surrogateescape")


def a_body(data: bytes) -> None:
    """strict_json: an object that is written and read back alike, or BadJson."""
    try:
        read = strict_json.loads(data)
    except strict_json.BadJson:
        return
    assert isinstance(read, dict) and strict_json.loads(json.dumps(read).encode()) == read


class _Store:
    """Nothing was used before."""

    def use(self, *_) -> bool:
        return True


_CLIENT = Client(
    "c",
    issuer="i",
    algorithm="ES384",
    keys={"k": key("P-384", "fuzz").public_key()},
    audiences=frozenset({"a"}),
)
_DOOR = TokenVerifier(Clients((_CLIENT,)), None, _Store())  # type: ignore[arg-type]
_HEADER, _CLAIMS = (
    {"alg": "ES384", "kid": "k", "typ": "JWT"},
    {"iss": "i", "aud": "a", "iat": 1000, "exp": 1100, "jti": "j"},
)


def a_token(data: bytes) -> None:
    """The header and the claims of a token: nobody who lacks the key is let in, whatever stands there; the reason is a word."""
    how, text = data[0] % 4 if data else 0, _text(data[1:])
    if how == 0:
        authorization = text
    elif how == 1:
        authorization = f"Bearer {text}"
    else:  # one part as it comes, the others good, so that more is reached
        parts = [json.dumps(_HEADER).encode(), json.dumps(_CLAIMS).encode(), b"x" * 96]
        parts[how - 2] = text.encode("utf-8", "surrogateescape")
        authorization = "Bearer " + ".".join(base64url(part) for part in parts)
    try:
        _DOOR.admit(authorization, frozenset({"a"}), 1000.0)
    except Refused as refused:
        assert re.fullmatch(r"[a-z-]+", refused.reason)
        return
    raise AssertionError("somebody was let in")


def a_record(data: bytes) -> None:
    """Whose data these are: what is used is this patient's or nobody's; all else is refused or named."""
    try:
        prefetch = strict_json.loads(data)
    except strict_json.BadJson:
        return
    request = HookRequest("patient-view", "i", PATIENT, "u", prefetch, fhir_server=BASE)
    try:
        record = gather(request, WANTED, None)
    except RequestError as error:
        assert error.status == 400
        return
    for resources in record.resources.values():
        for resource in resources:
            named = [
                node.get("reference")
                for name in ("subject", "patient")
                if isinstance(node := resource.get(name), dict)
            ]
            for text in (
                text for text in named if isinstance(text, str) and text and "urn:" not in text
            ):
                assert re.search(rf"(^|/)Patient/{PATIENT}(/_history/|$)", text), text


def a_reference(data: bytes) -> None:
    """The same, with a reference of any shape in a resource that is otherwise good."""
    text = data.decode("utf-8", "replace")
    resource = {"resourceType": "Condition", "id": "c", "subject": {"reference": text}}
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"fullUrl": text, "resource": {"resourceType": "Patient", "id": PATIENT}},
            {"resource": resource},
        ],
    }
    for prefetch in ({"conditions": resource}, {"conditions": bundle}):
        a_record(json.dumps(prefetch).encode())


_REGISTERED = Client("c", fhir_servers=(BASE,))
_ANYBODY = Client("anybody", reads_loopback=True)
_FHIR = FhirClient(BASE, None, 1.0)


def an_address(data: bytes) -> None:
    """Which addresses are asked: the configured one, or loopback while nobody has to prove who he is; links under it only."""
    text = _text(data)
    for url in (text, BASE + text, text + BASE, f"http://127.0.0.1{text}", f"http://[::1]{text}"):
        assert _REGISTERED.fhir_base(url) in (None, BASE)
        found = _ANYBODY.fhir_base(url)
        if found is not None:
            assert re.match(r"(?i)https?://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)", found), (
                found
            )
            FhirClient(found, None, 1.0)
        try:
            link = _FHIR._own_url(url)
        except Failure:
            continue
        parts = urlsplit(link)
        assert (
            (parts.scheme, parts.netloc) == ("https", "ehr.example.org")
            and f"{parts.path}/".startswith("/fhir/")
            and ".." not in parts.path.split("/")
        ), link


_MARKDOWN = [
    MarkdownIt("js-default"),
    MarkdownIt("commonmark").enable("table").enable("strikethrough"),
]


def a_text(data: bytes) -> None:
    """Text of a record in a card: it brings no markup, no link and no line of its own."""
    text = _text(data[:300])
    shown = escape(text)
    assert len(shown.splitlines()) <= 1 and len(plain(text)) <= 120
    for markdown in _MARKDOWN:
        for frame in (
            "{}",
            "a **b {} c** d",
            "| a | b |\n| --- | --- |\n| x | {} |",
            "- {}",
            "“{}”, 01-02-2026",
        ):
            skeleton, found = (
                re.findall(r"<[^>]*>", markdown.render(frame.format(inside)))
                for inside in ("x", shown or "x")
            )
            assert found == skeleton, (frame, shown)


def feedback(data: bytes) -> None:
    """Feedback: entries that fit their columns, or 400."""
    try:
        entries = parse_feedback(strict_json.loads(data))
    except strict_json.BadJson:
        return
    except RequestError as error:
        assert error.status == 400
        return
    assert all(
        len(entry.outcome_at) <= 40
        and len(entry.reason_code) <= 64
        and len(entry.reason_system) <= 200
        for entry in entries
    )


TARGETS = {
    "body": a_body,
    "token": a_token,
    "record": a_record,
    "reference": a_reference,
    "address": an_address,
    "text": a_text,
    "feedback": feedback,
}
SEEDS = {
    "body": [b'{"a": [1, 1.5, true, null, "x\\u00e9"]}', b'{"a": {"a": NaN}}'],
    "token": [
        b"\x01" + b"a.b.c",
        b"\x02" + json.dumps(_HEADER).encode(),
        b"\x03" + json.dumps(_CLAIMS).encode(),
    ],
    "record": [
        json.dumps(
            {
                "conditions": {
                    "resourceType": "Bundle",
                    "total": 1,
                    "link": [{"relation": "next", "url": "x"}],
                    "entry": [
                        {
                            "fullUrl": "urn:uuid:1",
                            "resource": {
                                "resourceType": "Condition",
                                "id": "c",
                                "subject": {"reference": f"Patient/{PATIENT}"},
                                "contained": [
                                    {"resourceType": "Observation", "patient": {"reference": "#x"}}
                                ],
                            },
                        }
                    ],
                },
                "appointments": {
                    "resourceType": "Appointment",
                    "participant": [{"actor": {"reference": f"Patient/{PATIENT}"}}],
                },
            }
        ).encode()
    ],
    "reference": [
        f"Patient/{PATIENT}".encode(),
        f"{BASE}/Patient/{PATIENT}/_history/1".encode(),
        b"urn:uuid:1",
        b"#x",
    ],
    "address": [b"", b"/Patient?x=y", b"http://127.0.0.1:80", BASE.encode()],
    "text": [b"**a** [x](http://y) `c` <b> | ~~d~~ www.e.nl", "\u202e\n# a\u2028- b".encode()],
    "feedback": [
        json.dumps(
            {
                "feedback": [
                    {
                        "card": "c",
                        "outcome": "overridden",
                        "outcomeTimestamp": "2026-01-01T00:00:00Z",
                        "overrideReason": {
                            "reason": {"code": "c", "system": "urn:x"},
                            "userComment": "x",
                        },
                    }
                ]
            }
        ).encode()
    ],
}


def main() -> None:
    name, *options = sys.argv[1:]
    corpus = Path(os.environ.get("FUZZ_CORPUS", ".hypothesis/atheris")) / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    atheris.Setup(
        [
            sys.argv[0],
            f"-artifact_prefix={corpus}-",
            "-max_len=2000",
            "-keep_seed=1",
            "-print_final_stats=1",
            *options,
            str(corpus),
        ],
        TARGETS[name],
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
