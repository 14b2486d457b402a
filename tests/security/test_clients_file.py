"""The file of trusted clients (docs/clients.md; F29): read and checked at start, every fault told with its place, and no service with a fault in it."""

import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from cds_service.cli.group import main
from cds_service.errors import ConfigurationError
from cds_service.security.clients import load_clients
from cds_service.settings import Settings, from_environment
from cds_service.web import create_app
from tests.distribution.servers import environment, free_ports
from tests.security.tokens import PUBLIC_URL, Client, Service, jwk, key, private_jwk, write_clients

DOCS = Path(__file__).resolve().parents[2] / "docs"

GOOD = Client("zuid", kid="zuid-1").entry
NEIGHBOUR = Client("noord", "RS384", "RSA-2048", kid="noord-1").entry


def with_(**members: object) -> list[dict]:
    """The good entry with members replaced; None leaves one out."""
    return [{name: value for name, value in {**GOOD, **members}.items() if value is not None}]


def keyed(*keys: object, algorithm: str = "ES384") -> list[dict]:
    return with_(keys=list(keys), algorithm=algorithm)


def without(members: dict, *names: str) -> dict:
    return {name: value for name, value in members.items() if name not in names}


EC_KEY, RSA_KEY = (
    jwk(key("P-384", "zuid"), "zuid-1", "ES384"),
    jwk(key("RSA-2048", "noord"), "noord-1", "RS384"),
)

# what is wrong -> the entries, and the words of the message besides the place: the id of the client, or its number
FAULTS = {
    # members
    "an unknown member": (with_(isuer="https://x.example.org"), "isuer", "issuer"),
    "a member in other letters": (with_(Issuer="https://x.example.org"), "Issuer", "issuer"),
    "an unknown member that resembles nothing": (with_(xyzzy=1), "xyzzy"),
    "no id": (with_(id=None), "id"),
    "an empty id": (with_(id=""), "id"),
    "an id with a blank": (with_(id="zuid oost"), "id"),
    "an id that is a number": (with_(id=5), "id"),
    "an id with a line end": (with_(id="zuid\nauth accepted"), "id"),
    "no issuer": (with_(issuer=None), "issuer"),
    "an empty issuer": (with_(issuer=""), "issuer"),
    "an issuer that is a list": (with_(issuer=["https://x.example.org"]), "issuer"),
    "no algorithm": (with_(algorithm=None), "algorithm"),
    **{
        f"algorithm {name}": (with_(algorithm=name), "algorithm", "ES384", "RS384")
        for name in ("none", "HS256", "RS256", "ES256", "PS384", "EdDSA", "es384", "")
    },
    "algorithms as a list": (with_(algorithm=["ES384", "RS384"]), "algorithm"),
    "tenant as a number": (with_(tenant=5), "tenant"),
    "an empty tenant": (with_(tenant=""), "tenant"),
    "audiences as a text": (with_(audiences="https://x.example.org"), "audiences"),
    "an audience that is a number": (with_(audiences=[5]), "audiences"),
    "an empty audience": (with_(audiences=[""]), "audiences"),
    "an unknown profile": (with_(profile="epics"), "profile", "epic"),
    "a life of 3,601 s": (with_(max_token_seconds=3601), "max_token_seconds", "3600"),
    "a life of 0 s": (with_(max_token_seconds=0), "max_token_seconds"),
    "a negative life": (with_(max_token_seconds=-300), "max_token_seconds"),
    "a life as a text": (with_(max_token_seconds="300"), "max_token_seconds"),
    "a life that is true": (with_(max_token_seconds=True), "max_token_seconds"),
    "a deadline of 49 ms": (with_(fhir_deadline_ms=49), "fhir_deadline_ms", "50"),
    "a deadline of 2,001 ms": (with_(fhir_deadline_ms=2001), "fhir_deadline_ms", "2000"),
    # keys
    "neither keys nor jwks_url": (with_(keys=None), "keys", "jwks_url"),
    "both keys and jwks_url": (
        with_(jwks_url="https://x.example.org/jwks.json"),
        "keys",
        "jwks_url",
    ),
    "no keys": (keyed(), "keys"),
    "keys as an object": (with_(keys=EC_KEY), "keys"),
    "a key that is a text": (keyed("key"), "keys"),
    "a key without kid": (keyed(without(EC_KEY, "kid")), "kid"),
    "a key with an empty kid": (keyed({**EC_KEY, "kid": ""}), "kid"),
    "a key of another alg": (keyed({**EC_KEY, "alg": "ES512"}), "alg", "ES384"),
    "an RSA key for ES384": (keyed(RSA_KEY), "ES384"),
    "an EC key for RS384": (keyed(EC_KEY, algorithm="RS384"), "RS384"),
    "an EC key called RS384": (keyed({**EC_KEY, "alg": "RS384"}, algorithm="RS384"), "RS384"),
    "one kid for two keys": (keyed(EC_KEY, jwk(key("P-384", "another"), "zuid-1", "ES384")), "kid"),
    "the curve P-256": (keyed(jwk(key("P-256", "zuid"), "k", "ES384")), "P-384"),
    "the curve P-521": (keyed(jwk(key("P-521", "zuid"), "k", "ES384")), "P-384"),
    "RSA of 1,024 bits": (
        keyed(jwk(key("RSA-1024", "zuid"), "k", "RS384"), algorithm="RS384"),
        "2048",
    ),
    "RSA of 2,047 bits": (
        keyed(jwk(key("RSA-2047", "careless"), "k", "RS384"), algorithm="RS384"),
        "2048",
    ),
    "a private EC key": (keyed(private_jwk(key("P-384", "zuid"), "zuid-1", "ES384")), "private"),
    "a private RSA key": (
        keyed(private_jwk(key("RSA-2048", "zuid"), "k", "RS384"), algorithm="RS384"),
        "private",
    ),
    "a symmetric key": (
        keyed({"kty": "oct", "kid": "k", "alg": "ES384", "k": "c2VjcmV0"}),
        "secret",
    ),
    "a point that is not on the curve": (keyed({**EC_KEY, "y": EC_KEY["x"]}), "keys"),
    "a coordinate that is no base64": (keyed({**EC_KEY, "x": "!"}), "keys"),
    "a key without its x": (keyed(without(EC_KEY, "x")), "keys"),
    # URLs
    **{
        f"jwks_url {url}": (with_(keys=None, jwks_url=url), "jwks_url")
        for url in (
            "http://ehr.example.org/jwks.json",
            "http://127.0.0.1.example.org/jwks.json",
            "http://localhost.example.org/x",
            "http://10.0.0.5/jwks.json",
            "file:///etc/passwd",
            "data:application/json,{}",
            "ftp://ehr.example.org/jwks.json",
            "ehr.example.org/jwks.json",
            "https:///jwks.json",
            "https://user:secret@ehr.example.org/jwks.json",
            "https://ehr.example.org/jwks.json#x",
            "",
            "https://ehr.example.org:99999/jwks.json",
            "https://ehr.example.org/a b",
        )
    },
    "jwks_url as a list": (
        with_(keys=None, jwks_url=["https://ehr.example.org/jwks.json"]),
        "jwks_url",
    ),
    **{
        f"fhir_servers {url}": (with_(fhir_servers=[url]), "fhir_servers")
        for url in (
            "http://ehr.example.org/fhir",
            "https://ehr.example.org/fhir?x=y",
            "https://ehr.example.org/fhir#x",
            "https://user@ehr.example.org/fhir",
            "https://user:secret@ehr.example.org/fhir",
            "file:///etc",
            "ehr.example.org/fhir",
            "https:///fhir",
            "",
            "https://ehr.example.org\\@evil.example.org/fhir",
            "https://ehr.example.org/fh ir",
        )
    },
    "fhir_servers as a text": (with_(fhir_servers="https://ehr.example.org/fhir"), "fhir_servers"),
    "a FHIR server that is a number": (with_(fhir_servers=[5]), "fhir_servers"),
    **{
        f"origin {origin}": (with_(origins=[origin]), "origins")
        for origin in (
            "https://ehr.example.org/app",
            "https://ehr.example.org/",
            "*",
            "null",
            "ehr.example.org",
            "https://*.example.org",
            "http://ehr.example.org",
            "https://user@ehr.example.org",
            "https://ehr.example.org?x",
            "",
            "file://",
        )
    },
    "origins as a text": (with_(origins="https://ehr.example.org"), "origins"),
    # clients together
    "one id twice": ([GOOD, {**NEIGHBOUR, "id": "zuid"}], "id", "zuid"),
    "one issuer twice": ([GOOD, {**NEIGHBOUR, "issuer": GOOD["issuer"]}], "issuer"),
    "one issuer and tenant twice": (
        [{**GOOD, "tenant": "a"}, {**NEIGHBOUR, "issuer": GOOD["issuer"], "tenant": "a"}],
        "tenant",
    ),
}

SECRETS = [
    private_jwk(key("P-384", "zuid"), "", "")["d"],
    private_jwk(key("RSA-2048", "zuid"), "", "")["d"],
    "user:secret",
]


def load(folder: Path, entries: list[dict], **top: object):
    return load_clients(write_clients(folder / "clients.yaml", entries, **top))


@pytest.mark.parametrize(
    "entries, words", [(fault[0], fault[1:]) for fault in FAULTS.values()], ids=list(FAULTS)
)
def test_a_fault_is_told_with_its_place(tmp_path, entries, words):
    """F29: the message names the file, the client and the member, and says what to do; a secret is not repeated."""
    with pytest.raises(ConfigurationError) as told:
        load(tmp_path, entries)
    message = str(told.value)
    assert "clients.yaml" in message or "CDS_CLIENTS_FILE" in message
    assert re.search(r"clients(\.|\[)\w|zuid|noord", message), f"no place: {message}"
    for word in words:
        assert word in message.replace(",", ""), f"{word!r} is not in: {message}"
    assert not [secret for secret in SECRETS if secret in message]


def test_the_entry_that_all_faults_change_is_good(tmp_path, library):
    load(tmp_path, [GOOD, NEIGHBOUR])
    Service(tmp_path, library, [GOOD, NEIGHBOUR])


def test_the_service_is_not_composed_with_a_fault(tmp_path, library):
    with pytest.raises(ConfigurationError):
        Service(tmp_path, library, with_(algorithm="HS256"))
    with pytest.raises(ConfigurationError, match="CDS_CLIENTS_FILE"):
        create_app(Settings(auth="on"), library)


GOOD_ONES = {
    "everything at once": with_(
        tenant="a",
        audiences=["https://mammacards.example.org", "urn:mammacards"],
        fhir_servers=["https://ehr.example.org/fhir/", "https://ehr.example.org:8443/r4"],
        origins=["https://ehr.example.org", "https://ehr.example.org:8443"],
        profile="sandbox",
        max_token_seconds=3600,
        fhir_deadline_ms=2000,
    ),
    "https": with_(keys=None, jwks_url="https://127.0.0.1:9/jwks.json"),
    "loopback": with_(keys=None, jwks_url="http://127.0.0.1:9/jwks.json"),
    "loopback by name": with_(keys=None, jwks_url="http://localhost:9/jwks.json"),
    "loopback, FHIR and origin": with_(
        fhir_servers=["http://127.0.0.1:8001/fhir"], origins=["http://localhost:3000"]
    ),
    "loopback, IPv6": with_(fhir_servers=["http://[::1]:8001/fhir"]),
    "one issuer, two tenants": [
        {**GOOD, "tenant": "a"},
        {**NEIGHBOUR, "issuer": GOOD["issuer"], "tenant": "b"},
    ],
    "one kid at two clients": [
        GOOD,
        {**NEIGHBOUR, "keys": [jwk(key("RSA-2048", "noord"), "zuid-1", "RS384")]},
    ],
    "two keys": keyed(EC_KEY, jwk(key("P-384", "another"), "zuid-2", "ES384")),
    "an issuer that is no URL": with_(issuer="urn:oid:2.16.528.1"),
    "profile epic": with_(profile="epic"),
    "profile cds-hooks-1.0": with_(profile="cds-hooks-1.0"),
    "profile standard": with_(profile="standard"),
    "the least": with_(max_token_seconds=60, fhir_deadline_ms=50),
    "a key without use and alg": keyed(without(EC_KEY, "use", "alg")),
}


@pytest.mark.parametrize("entries", GOOD_ONES.values(), ids=list(GOOD_ONES))
def test_what_is_right_is_taken(tmp_path, entries):
    assert len(load(tmp_path, entries).all) == len(entries)


def test_every_fault_is_told_at_once(tmp_path):
    """docs/clients.md: every fault. (What the members of a client mean is looked at when they have their form.)"""
    entries = [
        {**GOOD, "algorithm": "HS256", "isuer": "x"},
        {
            **NEIGHBOUR,
            "profile": "epics",
            "origins": ["https://x.example.org/app"],
            "fhir_servers": ["file:///x"],
        },
    ]
    with pytest.raises(ConfigurationError) as told:
        load(tmp_path, entries)
    words = ("zuid.algorithm", "isuer", "epics", "noord.origins", "noord.fhir_servers")
    assert [word for word in words if word not in str(told.value)] == []
    assert len(str(told.value).splitlines()) == len(words), "a line for each"


def test_development_admits_http_beyond_this_machine(tmp_path):
    entries = with_(
        keys=None,
        jwks_url="http://127.0.0.2:9/jwks.json",
        fhir_servers=["http://fhir.test.example.org/r4"],
        origins=["http://test.example.org"],
    )
    assert load(tmp_path, entries, development=True).development


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "data:application/json,{}",
        "ftp://x.example.org/y",
        "https://user:secret@x.example.org/y",
    ],
)
def test_development_does_not_admit_everything(tmp_path, url):
    with pytest.raises(ConfigurationError):
        load(tmp_path, with_(keys=None, jwks_url=url), development=True)


# name -> the text of the file, words of the message
FILES = {
    "empty": ("", "clients"),
    "no clients": ("clients: []\n", "clients"),
    "clients missing": ("development: true\n", "clients"),
    "a list": ("- id: zuid\n", "clients"),
    "a text": ("hello\n", "clients"),
    "clients as an object": ("clients: {id: zuid}\n", "clients"),
    "a client that is a text": ("clients: [zuid]\n", "clients"),
    "an unknown member at the top": ("client: []\n", "client"),
    "development as a text": ("development: perhaps\nclients: []\n", "development"),
    "no YAML": ("clients: [\n", ""),
    "a member twice": ("clients:\n  - id: zuid\n    id: noord\n", "3"),
    "a tag": ("clients: !!python/object/apply:os.system ['true']\n", ""),
    "no UTF-8": (b"clients: \xff\xfe\n", ""),
}


@pytest.mark.parametrize("text, word", FILES.values(), ids=list(FILES))
def test_a_file_that_is_none_is_told(tmp_path, text, word):
    file = tmp_path / "clients.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError) as told:
        load_clients(file)
    assert word in str(told.value) and "clients.yaml" in str(told.value)


# ---------------------------------------------------------------------------------------------------- the examples of the documentation


def test_the_example_of_the_page_is_good(tmp_path, library):
    """The YAML of docs/clients.md."""
    (text,) = re.findall(r"```yaml\n(.*?)```", (DOCS / "clients.md").read_text(), re.S)
    file = tmp_path / "clients.yaml"
    file.write_text(
        text.replace(
            "https://ehr.zuiderziekenhuis.example/.well-known", "https://127.0.0.1:9/.well-known"
        )
    )
    create_app(
        Settings(
            auth="on",
            clients_file=file,
            database_url=f"sqlite:///{tmp_path}/x.db",
            public_url=PUBLIC_URL,
        ),
        library,
    )


def test_the_longer_example_is_good(tmp_path, library):
    """docs/clients-example.yaml."""
    file = tmp_path / "clients.yaml"
    file.write_text(
        (DOCS / "clients-example.yaml")
        .read_text()
        .replace(
            "https://ehr.zuiderziekenhuis.example/.well-known", "https://127.0.0.1:9/.well-known"
        )
    )
    create_app(
        Settings(
            auth="on",
            clients_file=file,
            database_url=f"sqlite:///{tmp_path}/x.db",
            public_url=PUBLIC_URL,
        ),
        library,
    )


def test_the_table_of_the_page_names_every_member():
    """A member that the page does not explain is not in the example either."""
    rows = set(re.findall(r"^\| `(\w+)` \|", (DOCS / "clients.md").read_text(), re.M))
    used = {
        name
        for client in yaml.safe_load((DOCS / "clients-example.yaml").read_text())["clients"]
        for name in client
    }
    assert used <= rows


# ---------------------------------------------------------------------------------------------------- as it is started


def gunicorn(port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "cds_service:create_app()",
        "--config",
        "python:cds_service.serving",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
    ]


def serve(port: int) -> list[str]:
    return [sys.executable, "-m", "cds_service", "serve", "--bind", f"127.0.0.1:{port}"]


def as_set(tmp_path: Path, **given: str) -> dict[str, str]:
    """An environment with these settings of the service only."""
    usual = {name: value for name, value in environment().items() if not name.startswith("CDS_")}
    return {
        **usual,
        "CDS_DATABASE_URL": f"sqlite:///{tmp_path}/x.db",
        "PYTHONPATH": str(Path.cwd()),
        **given,
    }


def settings_without_file(tmp_path: Path) -> tuple[dict[str, str], str]:
    return {"CDS_AUTH": "on"}, "CDS_CLIENTS_FILE"


def nothing_set(tmp_path: Path) -> tuple[dict[str, str], str]:
    return {}, "CDS_CLIENTS_FILE"


def absent_file(tmp_path: Path) -> tuple[dict[str, str], str]:
    return {"CDS_CLIENTS_FILE": str(tmp_path / "nowhere.yaml")}, "CDS_CLIENTS_FILE"


def faulty_file(tmp_path: Path) -> tuple[dict[str, str], str]:
    return {
        "CDS_CLIENTS_FILE": str(write_clients(tmp_path / "clients.yaml", with_(algorithm="HS256")))
    }, "clients.zuid.algorithm"


@pytest.mark.requirement("L1")
@pytest.mark.parametrize(
    "command, fault",
    [
        (gunicorn, nothing_set),
        (gunicorn, faulty_file),
        (serve, absent_file),
        (serve, settings_without_file),
    ],
    ids=lambda value: value.__name__,
)
def test_the_service_does_not_start(tmp_path, command, fault):
    """F29, decision 19: authentication is on unless it is switched off; exit code 3, what to set in one line, no traceback, nobody listens."""
    given, word = fault(tmp_path)
    port = free_ports()
    started = as_set(tmp_path, **given)
    ended = subprocess.run(
        command(port), env=started, cwd=tmp_path, capture_output=True, text=True, timeout=40
    )
    told = ended.stdout + ended.stderr
    assert ended.returncode == 3, told
    lines = [line for line in told.splitlines() if word in line]
    assert len(lines) == 1 and "Traceback" not in told, told
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("mode", ["maybe", "ON", "true", "0"])
def test_authentication_is_on_or_off(mode):
    with pytest.raises(ConfigurationError, match="CDS_AUTH"):
        from_environment({"CDS_AUTH": mode})


def test_authentication_is_on_unless_it_is_switched_off():
    assert (from_environment({}).auth, from_environment({"CDS_AUTH": "off"}).auth) == ("on", "off")


def test_development_listens_on_this_machine_only(tmp_path):
    """docs/clients.md: with `development: true` another bind is refused unless CDS_ALLOW_INSECURE_BIND=1."""
    file = write_clients(tmp_path / "clients.yaml", [GOOD], development=True)
    port = free_ports()
    started = as_set(tmp_path, CDS_CLIENTS_FILE=str(file), CDS_PUBLIC_URL="https://cds.example.org")
    words = [word.replace("127.0.0.1", "0.0.0.0") for word in gunicorn(port)]
    ended = subprocess.run(
        words, env=started, cwd=tmp_path, capture_output=True, text=True, timeout=40
    )
    assert ended.returncode == 3 and "development" in ended.stdout + ended.stderr


def check_command(file: Path):
    return CliRunner().invoke(main, ["check", "--clients", str(file)], env={"CDS_AUTH": "off"})


def test_check_tells_faults_of_a_file(tmp_path):
    """docs/clients.md: `cds-service check --clients FILE`."""
    for members, word in (
        ({"algorithm": "HS256"}, "algorithm"),
        ({"profile": "epics"}, "epics"),
        ({"isuer": "x"}, "issuer"),
    ):
        told = check_command(write_clients(tmp_path / "clients.yaml", with_(**members)))
        assert told.exit_code in (1, 3) and word in told.output and "Traceback" not in told.output


def test_check_takes_a_good_file_and_asks_nobody(tmp_path):
    file = write_clients(
        tmp_path / "clients.yaml",
        [GOOD, replace(Client("noord", kid="n"), jwks_url="http://127.0.0.1:9/jwks.json")],
    )
    told = check_command(file)
    assert told.exit_code == 0, told.output
