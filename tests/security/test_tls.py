"""Whose certificates are accepted, and what the log says of others (T33): certifi's roots, the system's store, CDS_CA_FILE, a client's own `ca_file`.

Every server here speaks real TLS on loopback, with a certificate that an authority of the test signed a moment ago.
"""

import contextlib
import hashlib
import json
import os
import re
import signal
import ssl
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from cds_service.casebook.render import render
from cds_service.cli.expansion import ExpansionError, terminology_server
from cds_service.cli.group import main
from cds_service.demo.run import load_examples
from cds_service.errors import ConfigurationError
from cds_service.fhir.state import Fetched, State
from cds_service.fhir_client.client import FhirClient
from cds_service.outbound import deadline, trust
from cds_service.outbound.trust import authorities, certificates, trusting
from cds_service.security.clients import load_clients
from cds_service.settings import from_environment
from tests.contract.helpers import CASES, DAY, REFERRAL, request_for
from tests.faults.stub import Stub, hangs_up, says_json, searchset, serves, silent
from tests.security.authority import Authority
from tests.security.tokens import VIEW, Client, JwksServer, Service, served, soon, write_clients

PATIENT = "canary-patient-81"
SEARCH = f"Condition?patient={PATIENT}"
TOKEN = "canary-token-tls"
EMPTY = says_json(searchset([]))
REFUSED = Fetched(State.UNAVAILABLE, (), "tls")
READ = Fetched(State.EMPTY)


@pytest.fixture
def zuid(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def noord(tmp_path):
    return Authority(tmp_path, "Noorderziekenhuis Root CA")


@pytest.fixture(autouse=True)
def nothing_waits():
    """No connection of another test is used here: ports come again."""
    from cds_service.outbound import egress

    egress._waiting().close()


def trusts(*files):
    return trusting(pem for file in files for pem in certificates(file))


def read(base: str, accepted=None, seconds: float = 5.0) -> Fetched:
    return FhirClient(base, TOKEN, seconds, trust=accepted).read({"key": SEARCH}, {})["key"]


# ---------------------------------------------------------------------------------------------------- whom to trust


def test_a_private_authority_is_trusted_where_it_is_named_and_only_there(zuid, noord):
    with Stub(EMPTY, zuid.server()) as server:
        assert read(server.base) == REFUSED
        assert read(server.base, trusts(noord.file)) == REFUSED
        assert not server.asked, "nothing is sent, the token least of all"
        assert read(server.base, trusts(zuid.file)) == READ
        assert (
            read(server.base.replace("127.0.0.1", "localhost"), trusts(noord.file, zuid.file))
            == READ
        )


def test_an_authority_comes_beside_the_usual_ones_not_instead(zuid):
    usual, more = (
        {c["serialNumber"] for c in context.get_ca_certs()}
        for context in (trusting(), trusts(zuid.file))
    )
    assert len(usual) > 50 and more - usual == {
        f"{zuid.certificate.serial_number:X}".zfill(len(next(iter(more - usual))))
    }


@pytest.mark.parametrize("named", ["root", "issuer", "both"])
def test_the_authority_between_suffices(tmp_path, zuid, named):
    """A hospital names the root, or the authority that issued the certificate of its server: each of them is trusted."""
    issuer = Authority(tmp_path, "Zuiderziekenhuis Issuing CA", above=zuid)
    files = {"root": [zuid.file], "issuer": [issuer.file], "both": [issuer.file, zuid.file]}[named]
    with Stub(EMPTY, issuer.server()) as server:
        assert read(server.base, trusts(*files)) == READ


WRITTEN = {
    "as it is": lambda pem: pem.encode(),
    "with words in Dutch": lambda pem: f"# Authoriteit: Reünie\n{pem}# tot hier\n".encode(),
    "with a mark before it": lambda pem: b"\xef\xbb\xbf" + pem.encode(),
    "with the line ends of Windows": lambda pem: pem.replace("\n", "\r\n").encode(),
    "indented": lambda pem: "".join(f"    {line}\n" for line in pem.splitlines()).encode(),
    "twice": lambda pem: (pem + pem).encode(),
    "without a last line end": lambda pem: pem.strip().encode(),
    "in Latin-1": lambda pem: f"# Reünie\n{pem}".encode("latin-1"),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_a_file_is_read_however_it_is_written(tmp_path, zuid, written):
    file = tmp_path / "ca.pem"
    file.write_bytes(WRITTEN[written](zuid.pem))
    with Stub(EMPTY, zuid.server()) as server:
        assert read(server.base, trusts(file)) == READ


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_the_store_of_the_system_is_honoured(tmp_path, zuid, monkeypatch, variable):
    """OpenSSL's own variables name it; those of other tools count for nothing."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(zuid.file))
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    with Stub(EMPTY, zuid.server()) as server:
        assert read(server.base) == REFUSED
        folder = tmp_path / "certs"
        folder.mkdir()
        (folder / f"{_hash(zuid.file)}.0").write_text(zuid.pem)
        monkeypatch.setenv(variable, str(zuid.file if variable == "SSL_CERT_FILE" else folder))
        assert read(server.base) == READ


def _hash(file) -> str:
    """The name under which OpenSSL looks for an authority in a folder (`openssl x509 -hash`): of its subject, one common name, in small letters."""
    (attribute,) = x509.load_pem_x509_certificate(file.read_bytes()).subject
    name = attribute.value.lower().encode()
    inner = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(name)]) + name
    inner = b"\x30" + bytes([len(inner)]) + inner
    return f"{int.from_bytes(hashlib.sha1(bytes([0x31, len(inner)]) + inner).digest()[:4], 'little'):08x}"


def test_a_connection_is_not_lent_to_who_does_not_trust_its_server(zuid, noord):
    kept = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 48\r\n\r\n"
        + b'{"resourceType": "Bundle", "type": "searchset"} '
    )

    def keeps_open(connection, asked, stub):
        connection.sendall(kept)
        while connection.recv(65536):
            connection.sendall(kept)

    with Stub(keeps_open, zuid.server()) as server:
        assert read(server.base, trusts(zuid.file)) == READ
        assert read(server.base, trusts(noord.file)) == REFUSED
        assert read(server.base) == REFUSED
        assert read(server.base, trusts(zuid.file)) == READ
        assert len(server.asked) == 1, "who trusts it goes on with the connection that waits"


# ---------------------------------------------------------------------------------------------------- settings


@pytest.fixture
def bad_files(tmp_path, zuid):
    """name -> a file that names no authority that can be used."""
    (tmp_path / "folder").mkdir()
    key = ssl.PEM_cert_to_DER_cert(zuid.pem)
    written = {
        "empty": b"",
        "no certificate": b"CDS_CA_FILE",
        "DER": key,
        "UTF-16": zuid.pem.encode("utf-16"),
        "cut off": zuid.pem[:-60].encode(),
        "second one cut off": (zuid.pem + zuid.pem[:200]).encode(),
        "first one cut off": (zuid.pem[:200] + "\n" + zuid.pem).encode(),
        "not base64": zuid.pem.replace("MI", "??", 1).encode(),
        "a key": b"-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n",
        "a request": zuid.pem.replace("CERTIFICATE", "CERTIFICATE REQUEST").encode(),
    }
    for number, content in enumerate(written.values()):
        (tmp_path / f"bad-{number}.pem").write_bytes(content)
    return {name: tmp_path / f"bad-{number}.pem" for number, name in enumerate(written)} | {
        "a folder": tmp_path / "folder",
        "nowhere": tmp_path / "nowhere.pem",
    }


BAD = [
    "empty",
    "no certificate",
    "DER",
    "UTF-16",
    "cut off",
    "second one cut off",
    "first one cut off",
    "not base64",
    "a key",
    "a request",
    "a folder",
    "nowhere",
]


@pytest.mark.parametrize(
    "command, bad",
    [
        *(("settings", bad) for bad in BAD),
        ("check", "empty"),
        ("check", "nowhere"),
        ("serve", "empty"),
    ],
)
def test_a_file_of_authorities_that_cannot_be_used_is_told(bad_files, bad, command):
    """Exit code 3, and one line that names the setting and says what to set."""
    told = CliRunner().invoke(
        main,
        [command],
        env={
            "CDS_CA_FILE": str(bad_files[bad]),
            "CDS_CLIENTS_FILE": "",
            "CDS_SITE_FILE": "",
            "CDS_AUTH": "off",
        },
    )
    assert told.exit_code == 3 and len(told.output.strip().splitlines()) == 1, told.output
    assert (
        "CDS_CA_FILE" in told.output
        and str(bad_files[bad]) in told.output
        and "leave it out" in told.output
    )


def test_every_bad_file_is_in_the_table(bad_files):
    assert list(bad_files) == BAD


@pytest.mark.parametrize("auth", ["on", "off"])
def test_the_service_does_not_start_with_such_a_file(tmp_path, library, bad_files, auth):
    with pytest.raises(ConfigurationError, match="CDS_CA_FILE"):
        Service(
            tmp_path, library, [Client("hospital", kid="h")], auth=auth, ca_file=bad_files["empty"]
        )


def test_a_good_file_is_counted(zuid):
    told = CliRunner().invoke(
        main,
        ["check"],
        env={"CDS_CA_FILE": str(zuid.file), "CDS_CLIENTS_FILE": "", "CDS_SITE_FILE": ""},
    )
    assert told.exit_code == 0 and "CDS_CA_FILE: 1 certificate of" in told.output
    assert from_environment({"CDS_CA_FILE": str(zuid.file)}).ca_file == zuid.file


def test_what_cannot_be_loaded_is_told_at_start(monkeypatch, tmp_path):
    monkeypatch.setattr(trust, "where", lambda: str(tmp_path / "gone.pem"))
    with pytest.raises(ConfigurationError, match="certifi"):
        trusting()


@pytest.mark.parametrize("bad", BAD)
def test_a_clients_own_file_is_checked_with_its_place(tmp_path, bad_files, bad):
    client = Client("zuid", kid="z", more={"ca_file": bad_files[bad].name})
    with pytest.raises(
        ConfigurationError, match=r"clients\.zuid\.ca_file: .*" + re.escape(bad_files[bad].name)
    ):
        load_clients(write_clients(tmp_path / "clients.yaml", [client]))


def test_clients_with_one_key_set_trust_the_same_there(tmp_path, zuid, noord):
    """What is fetched for one of them counts for the other."""

    def clients(*files):
        return [
            Client(
                f"c{n}",
                kid="k",
                jwks_url="https://keys.example.org/jwks.json",
                more={"ca_file": f.name} if f else {},
            )
            for n, f in enumerate(files)
        ]

    for files in ((zuid.file, noord.file), (zuid.file, None), (None, zuid.file)):
        with pytest.raises(ConfigurationError, match="jwks_url"):
            load_clients(write_clients(tmp_path / "clients.yaml", clients(*files)))
    found = load_clients(
        write_clients(tmp_path / "clients.yaml", clients(zuid.file, zuid.file))
    ).all
    assert found[0].trust is found[1].trust is trusts(zuid.file)


# ---------------------------------------------------------------------------------------------------- FHIR servers and key sets of clients


def hook_body(base: str, templates: dict, clock) -> dict:
    """A hook whose data must all be read from a FHIR server."""
    body = request_for(REFERRAL, "patient-view", templates, clock)
    body |= {
        "fhirServer": base,
        "fhirAuthorization": {
            "access_token": TOKEN,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "user/*.rs",
            "subject": "x",
        },
    }
    del body["prefetch"]
    return body


def hook(service: Service, client: Client, base: str, templates: dict):
    """What a client is answered."""
    return service.call(client, VIEW, hook_body(base, templates, service.clock))


def hospital(name: str, server: Stub, **more: object) -> Client:
    return Client(
        name, kid=name, more={"fhir_servers": [server.base], "fhir_deadline_ms": 2000, **more}
    )


@pytest.mark.parametrize("named", ["CDS_CA_FILE", "ca_file", "nowhere"])
def test_a_hook_reads_a_server_of_a_private_authority(tmp_path, library, templates, zuid, named):
    with Stub(serves(render(CASES[REFERRAL], DAY).resources), zuid.server()) as server:
        client = hospital(
            "zuid", server, **({"ca_file": zuid.file.name} if named == "ca_file" else {})
        )
        service = Service(
            tmp_path,
            library,
            [client],
            **({"ca_file": zuid.file} if named == "CDS_CA_FILE" else {}),
        )
        answer = hook(service, client, server.base, templates)
    if named == "nowhere":
        assert answer.status_code == 412
    else:
        assert [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]] == [
            "ductoscopyReferral"
        ]


def test_a_clients_own_authority_is_trusted_for_it_alone_beside_the_common_one(
    tmp_path, library, templates, zuid, noord
):
    record = serves(render(CASES[REFERRAL], DAY).resources)
    with Stub(record, zuid.server()) as south, Stub(record, noord.server()) as north:
        both = {"fhir_servers": [south.base, north.base]}
        own, other = (
            hospital("own", north, **both, ca_file=noord.file.name),
            hospital("other", north, **both),
        )
        service = Service(tmp_path, library, [own, other], ca_file=zuid.file)
        status = {
            (client.id, name): hook(service, client, server.base, templates).status_code
            for client in (own, other)
            for name, server in (("south", south), ("north", north))
        }
    assert status == {
        ("own", "south"): 200,
        ("own", "north"): 200,
        ("other", "south"): 200,
        ("other", "north"): 412,
    }


@pytest.mark.parametrize("named", ["CDS_CA_FILE", "ca_file", "nowhere"])
def test_a_key_set_of_a_private_authority(tmp_path, library, caplog, zuid, named):
    server = JwksServer(zuid.server())
    try:
        client = Client(
            "zuid",
            kid="z",
            jwks_url=server.url("/canary/jwks.json"),
            more={"ca_file": zuid.file.name} if named == "ca_file" else {},
        )
        server.serve("/canary/jwks.json", client.jwk)
        service = Service(
            tmp_path,
            library,
            [client],
            **({"ca_file": zuid.file} if named == "CDS_CA_FILE" else {}),
        )
        assert service.accepts(client) is (named != "nowhere")
    finally:
        server.down()
    told = [
        record.getMessage() for record in caplog.records if "tls refused" in record.getMessage()
    ]
    assert told == (
        [f"tls refused host=127.0.0.1:{server.port} reason=unknown-authority"]
        if named == "nowhere"
        else []
    )


def test_the_demos_own_fhir_server_of_a_private_authority(zuid):
    with Stub(
        says_json({"resourceType": "CapabilityStatement", "fhirVersion": "3.0.2"}), zuid.server()
    ) as server:
        with pytest.raises(ConfigurationError, match="not a FHIR R4 server"):
            load_examples(server.base, trusts(zuid.file))
        with pytest.raises(ConfigurationError, match="does not answer"):
            load_examples(server.base)
        assert len(server.asked) == 1


def test_a_terminology_server_of_a_private_authority(zuid):
    with Stub(EMPTY, zuid.server()) as server:
        assert (
            terminology_server(server.base, "", 5.0, trusts(zuid.file))("ValueSet/$expand")["type"]
            == "searchset"
        )
        with pytest.raises(ExpansionError, match="unknown-authority"):
            terminology_server(server.base, "", 5.0)("ValueSet/$expand")


# ---------------------------------------------------------------------------------------------------- what the log says

FAULTS = {
    "expired": ({"ends": -timedelta(hours=1)}, "expired"),
    "not yet valid": ({"begins": timedelta(hours=1)}, "not-yet-valid"),
    "another host": ({"names": ["ehr.noord.example"]}, "wrong-name"),
    "another address": ({"names": ["127.0.0.2"]}, "wrong-name"),
    "a wildcard": ({"names": ["*.zuid.example"]}, "wrong-name"),
    "for clients": ({"purpose": ExtendedKeyUsageOID.CLIENT_AUTH}, "wrong-purpose"),
}


def told(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "mammacards"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_certificate_that_is_not_accepted_is_told_by_host(zuid, caplog, fault):
    """Host and reason; no path, no patient, no token (the oracle of the whole suite looks for them in every record)."""
    changes, reason = FAULTS[fault]
    with Stub(
        EMPTY,
        zuid.server(
            *changes.get("names", []), **{k: v for k, v in changes.items() if k != "names"}
        ),
    ) as server:
        assert read(server.base, trusts(zuid.file)) == REFUSED
        assert not server.asked
    assert told(caplog) == [f"tls refused host={server.host} reason={reason}"]
    assert not [r for r in caplog.records if re.search("canary|/fhir|Condition", r.getMessage())]


def test_an_unknown_authority_is_told_by_host_each_time(zuid, noord, tmp_path, caplog):
    between = Authority(tmp_path, "Issuing CA", above=zuid)
    for issuer in (zuid, between):
        with Stub(EMPTY, issuer.server()) as server:
            for _ in range(2):
                caplog.clear()
                assert read(server.base, trusts(noord.file)) == REFUSED
                assert told(caplog) == [f"tls refused host={server.host} reason=unknown-authority"]


def test_an_authority_that_has_expired_is_told(tmp_path, caplog):
    gone = Authority(tmp_path, "Old Root CA", ends=-timedelta(hours=1))
    with Stub(EMPTY, gone.server()) as server:
        assert read(server.base, trusts(gone.file)) == REFUSED
    assert told(caplog) == [f"tls refused host={server.host} reason=expired"]


def test_the_host_is_told_as_it_is_configured(zuid, caplog):
    with Stub(EMPTY, zuid.server("127.0.0.1")) as server:
        assert read(server.base.replace("127.0.0.1", "localhost"), trusts(zuid.file)) == REFUSED
        assert read(server.base, trusts(zuid.file)) == READ
    assert told(caplog) == [
        f"tls refused host={server.host.replace('127.0.0.1', 'localhost')} reason=wrong-name"
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_server_of_an_old_tls_is_told_as_that(zuid, caplog):
    """T33: TLS 1.2 or later."""
    old = zuid.server()
    old.maximum_version = old.minimum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with Stub(EMPTY, old) as server:
        assert read(server.base, trusts(zuid.file)) == REFUSED
    assert told(caplog) == [f"tls refused host={server.host} reason=handshake"]


def test_fifteen_reads_at_once_tell_it_once(zuid, caplog):
    with Stub(EMPTY, zuid.server()) as server:
        found = FhirClient(server.base, TOKEN, 5.0).read({str(n): SEARCH for n in range(15)}, {})
    assert set(map(str, found.values())) == {str(REFUSED)}
    assert told(caplog) == [f"tls refused host={server.host} reason=unknown-authority"]


@pytest.mark.parametrize("behave", [silent, hangs_up])
def test_other_failures_are_no_matter_of_certificates(zuid, caplog, behave):
    with Stub(behave, zuid.server()) as server:
        assert read(server.base, trusts(zuid.file), seconds=0.3).reason in ("timeout", "broken")
    time.sleep(0.1)
    assert told(caplog) == []


# ---------------------------------------------------------------------------------------------------- made once, before the fork


def test_threads_that_come_at_once_make_one_context(monkeypatch, zuid):
    made, filled = [], trust._filled
    monkeypatch.setattr(
        trust, "_filled", lambda named: (made.append(named), time.sleep(0.1), filled(named))[2]
    )
    found, pems = [], certificates(zuid.file)
    threads = [threading.Thread(target=lambda: found.append(trusting(pems))) for _ in range(15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and len(found) == 15 and len(set(map(id, found))) == 1


@pytest.mark.parametrize("auth", ["on", "off"])
def test_it_is_made_when_the_application_is_composed(
    tmp_path, library, templates, zuid, monkeypatch, auth
):
    """Not by the first hook: with authentication on and off, with a client's own file and without."""
    with Stub(serves(render(CASES[REFERRAL], DAY).resources), zuid.server()) as server:
        client = hospital("zuid", server, ca_file=zuid.file.name)
        service = Service(
            tmp_path,
            library,
            [client],
            auth=auth,
            fhir_deadline_seconds=2.0,
            **({"ca_file": zuid.file} if auth == "off" else {}),
        )
        monkeypatch.setattr(trust, "_filled", lambda named: pytest.fail("made by a hook"))
        assert hook(service, client, server.base, templates).status_code == 200


def test_a_changed_file_is_another_trust(tmp_path, zuid, noord):
    file = tmp_path / "ca.pem"
    file.write_text(zuid.pem)
    before = trusting(authorities(file))
    file.write_text(noord.pem)
    assert trusting(authorities(file)) is not before is trusts(zuid.file)


def test_a_fork_waits_for_a_context_that_is_being_made_and_for_handshakes(monkeypatch, zuid):
    """A child cannot wait for a lock whose holder it does not have; so nobody holds one when it is made, and it can go on by itself."""
    accepted = trusts(zuid.file)
    with Stub(EMPTY, zuid.server()) as server:
        stop, found = threading.Event(), []

        def reads_on():
            while not stop.is_set():
                found.append(read(server.base, accepted))

        threads = [threading.Thread(target=reads_on) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(20):
                child = os.fork()
                if child == 0:
                    signal.alarm(10)
                    os._exit(0 if read(server.base, accepted) == READ and trusting() else 1)
                assert os.waitpid(child, 0)[1] == 0
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    assert found and set(map(str, found)) == {str(READ)}


def test_a_fork_does_not_wait_for_ever(zuid):
    with Stub(EMPTY) as server:  # it never shakes hands
        thread = threading.Thread(
            target=read, args=(server.base.replace("http:", "https:"), trusts(zuid.file), 2.0)
        )
        server.behave = silent
        thread.start()
        assert soon(lambda: deadline._openings._count == 1)
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            os._exit(deadline._openings._count)
        assert os.waitpid(child, 0)[1] == 0 and time.monotonic() - started < 1.5
        thread.join()
    assert soon(lambda: deadline._openings._count == 0)


class Today:
    """A clock for requests that a real process judges: they play today."""

    day = date.today()


@pytest.mark.parametrize("preloaded", [True, False])
def test_the_first_hook_of_each_worker_reads_over_tls_in_time(tmp_path, templates, zuid, preloaded):
    """A cold start under gunicorn with two workers, 350 ms for all reads in parallel: each worker's first hook gives the advice. The keys of the
    client came over TLS before the fork, or in the worker where there is none.

    A machine that does other things meanwhile may be slow once; a service that makes a context for every read is late each time.
    """
    assert any(
        _first_hooks(tmp_path / str(attempt), templates, zuid, preloaded)
        == ["ductoscopyReferral"] * 2
        for attempt in range(3)
    )


def _first_hooks(folder: Path, templates: dict, zuid: Authority, preloaded: bool) -> list[str]:
    """What the first hook of each worker gives: a key, or the status where it is not 200."""
    folder.mkdir()
    config = folder / "serving.py"
    config.write_text(f"from cds_service.serving import *\npreload_app = {preloaded}\n")
    with (
        Stub(serves(render(CASES[REFERRAL], date.today()).resources), zuid.server()) as server,
        contextlib.ExitStack() as ending,
    ):
        keys = JwksServer(zuid.server())
        ending.callback(keys.down)
        client = Client(
            "zuid",
            kid="z",
            jwks_url=keys.url("/jwks.json"),
            more={"fhir_servers": [server.base]}
            | ({} if preloaded else {"ca_file": str(zuid.file)}),
        )
        keys.serve("/jwks.json", client.jwk)
        with served(
            folder,
            [client],
            str(config),
            CDS_FHIR_DEADLINE_MS="350",
            **({"CDS_CA_FILE": str(zuid.file)} if preloaded else {}),
        ) as running:
            assert soon(
                lambda: (
                    len(running.workers()) == 2 and all(_is_ready(pid) for pid in running.workers())
                ),
                30,
            )
            found = []
            for resting in running.workers():
                os.kill(resting, signal.SIGSTOP)  # so that the other one answers
                try:
                    answer = running.call(client, VIEW, hook_body(server.base, templates, Today()))
                finally:
                    os.kill(resting, signal.SIGCONT)
                found += (
                    [card["source"]["topic"]["code"] for card in json.loads(answer.body)["cards"]]
                    if answer.status == 200
                    else [str(answer.status)]
                )
        assert len({asked.resource_type for asked in server.asked}) >= 8, "many reads in parallel"
    return found


def _is_ready(pid: int) -> bool:
    """Whether a process waits for connections: it has set up the loop in which it does."""
    return any(
        "eventpoll" in str(descriptor.readlink())
        for descriptor in Path(f"/proc/{pid}/fd").iterdir()
    )
