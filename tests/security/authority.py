"""A certificate authority of a test's own, and the TLS servers that it vouches for."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
HERE = ("127.0.0.1", "localhost")


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


class Authority:
    """An authority that signs certificates: its own, or one under another authority's."""

    def __init__(
        self,
        folder: Path,
        name: str = "Zuiderziekenhuis Root CA",
        above: "Authority | None" = None,
        ends: timedelta = DAY,
    ):
        self.folder, self.name, self.above = folder, _named(name), above
        self.key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        self.certificate = self._sign(
            self.name,
            self.key,
            now - DAY,
            now + ends,
            x509.BasicConstraints(ca=True, path_length=None),
            by=above or self,
        )
        self.pem = _pem(self.certificate)
        self.file = folder / f"{name.replace(' ', '-')}.pem"
        self.file.write_text(self.pem, encoding="ascii")

    def server(
        self,
        *names: str,
        begins: timedelta = -DAY,
        ends: timedelta = DAY,
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> ssl.SSLContext:
        """The context of a server with a certificate for these names (this machine's by default), valid from now + begins to now + ends."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        alternatives = [
            x509.IPAddress(ipaddress.ip_address(n)) if n[0].isdigit() else x509.DNSName(n)
            for n in names or HERE
        ]
        more = (x509.SubjectAlternativeName(alternatives), x509.ExtendedKeyUsage([purpose]))
        found = self._sign(
            _named((names or HERE)[0]),
            key,
            now + begins,
            now + ends,
            x509.BasicConstraints(ca=False, path_length=None),
            *more,
            by=self,
        )
        path = self.folder / f"server-{found.serial_number}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        path.write_text(_pem(found) + (self.pem if self.above else "") + secret, encoding="ascii")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(
        self,
        name: x509.Name,
        key,
        begins: datetime,
        ends: datetime,
        *extensions: x509.ExtensionType,
        by: "Authority",
    ) -> x509.Certificate:
        builder = x509.CertificateBuilder(
            by.name, name, key.public_key(), x509.random_serial_number(), begins, ends
        )
        for extension in extensions:
            builder = builder.add_extension(
                extension, critical=isinstance(extension, x509.BasicConstraints)
            )
        return builder.sign(by.key, hashes.SHA256())
