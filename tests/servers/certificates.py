"""A throw-away certificate authority, and a certificate of it for this machine."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

EXTENSIONS = "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """Files in PEM: the authority's certificate; the server's certificate and key (`localhost` and 127.0.0.1)."""

    ca_file: str
    certificate: str
    key: str


def make_certificates(folder: Path, *, authority: str = "Throw-away test authority") -> Certificates:
    """Makes both anew in `folder`, with the openssl command; valid for two days."""
    folder.mkdir(parents=True, exist_ok=True)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    (folder / "extensions").write_text(EXTENSIONS)
    _openssl(
        folder, "req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", f"/CN={authority}"
    )
    _openssl(folder, "req", *curve, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    sign = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions")
    _openssl(folder, "x509", "-req", "-in", "server.csr", *sign, "-out", "server.pem")
    return Certificates(
        ca_file=str(folder / "ca.pem"), certificate=str(folder / "server.pem"), key=str(folder / "server.key")
    )


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)
