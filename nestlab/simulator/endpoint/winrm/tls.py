"""The certificates of one run: of a certificate authority (CA), the endpoint and a client."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from nestlab.dataclass import dataclass

_LIFETIME = dt.timedelta(days=30)


@dataclass(frozen=True)
class Certificates:
    """Paths of the PEM files, and the certificate that a client signs in with, in DER form."""

    ca: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path
    client_der: bytes

    def server_context(self) -> ssl.SSLContext:
        """Return the TLS context of the server; a client certificate is optional."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.server, self.server_key)
        context.load_verify_locations(self.ca)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context


_KEY_USAGE_OF_CA = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def make_certificates(
    folder: Path, *, names: tuple[str, ...] = ("localhost", "127.0.0.1"), user: str = "nestlab"
) -> Certificates:
    """Generate the certificates in `folder`; the endpoint's is valid for `names`."""
    ca_key, client_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    issuer = _name("nestlab simulated host CA")
    ca_builder = _builder(issuer, issuer, ca_key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    ca_builder = ca_builder.add_extension(
        x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False
    )
    # Clients on Python 3.13 and later verify strictly, as RFC 5280 says: a CA needs its key usage.
    ca_builder = ca_builder.add_extension(_KEY_USAGE_OF_CA, critical=True)
    ca_certificate = ca_builder.sign(ca_key, hashes.SHA256())

    def leaf_certificate(
        subject: str,
        key: ec.EllipticCurvePrivateKey,
        usage: x509.ObjectIdentifier,
        names: tuple[str, ...],
    ) -> x509.Certificate:
        builder = _builder(_name(subject), issuer, key).add_extension(
            x509.ExtendedKeyUsage([usage]), critical=False
        )
        key_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
        builder = builder.add_extension(key_identifier, critical=False)
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        return builder.add_extension(alternatives, critical=False).sign(ca_key, hashes.SHA256())

    server_cert = leaf_certificate(names[0], server_key, ExtendedKeyUsageOID.SERVER_AUTH, names)
    client_cert = leaf_certificate(
        user, client_key, ExtendedKeyUsageOID.CLIENT_AUTH, (f"{user}.localhost",)
    )
    return Certificates(
        ca=_write_certificate(folder / "ca.pem", ca_certificate),
        server=_write_certificate(folder / "server.pem", server_cert),
        server_key=_write_key(folder / "server-key.pem", server_key),
        client=_write_certificate(folder / "client.pem", client_cert),
        client_key=_write_key(folder / "client-key.pem", client_key),
        client_der=client_cert.public_bytes(serialization.Encoding.DER),
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
    )
    builder = builder.serial_number(x509.random_serial_number())
    # The clocks of two machines may differ by minutes; a start an hour ago keeps a new certificate
    # valid on both.
    return builder.not_valid_before(now - dt.timedelta(hours=1)).not_valid_after(now + _LIFETIME)


def _write_certificate(path: Path, certificate: x509.Certificate) -> Path:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> Path:
    path.touch(mode=0o600)
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    )
    return path
