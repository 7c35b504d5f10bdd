"""A certificate that nobody but this test trusts."""

import ssl
import subprocess
from pathlib import Path


def certificate(directory: Path, address: str) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for the address; return its file, which is its own CA, and a server's context with it."""
    file, key = directory / "certificate.pem", directory / "key.pem"
    asked = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    name = ["-addext", f"subjectAltName=IP:{address}"]
    subprocess.run(
        ["openssl", "req", *asked, *name, "-keyout", str(key), "-out", str(file)], check=True, capture_output=True
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, key)
    return file, context
