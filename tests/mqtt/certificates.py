"""Certificates of a test's own authorities, made with the openssl program."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates in `folder`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self.certificate = folder / f"{name}.crt"
        self._key = folder / f"{name}.key"
        _openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *(
                "-keyout",
                str(self._key),
                "-out",
                str(self.certificate),
                "-days",
                "30",
                "-subj",
                f"/CN={name}",
            ),
        )

    def sign(self, name: str, *, subject: str = "DNS:localhost,IP:127.0.0.1", days: int = 30) -> Pair:
        """Return a new pair; with negative `days` it has expired."""
        request, config = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        pair = Pair(self._folder / f"{name}.crt", self._folder / f"{name}.key")
        config.write_text(f"subjectAltName={subject}\n")
        _openssl(
            *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", str(pair.key), "-out", str(request), "-subj", f"/CN={name}"),
        )
        _openssl(
            *("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self._key)),
            *("-CAcreateserial", "-out", str(pair.certificate), "-days", str(days), "-extfile", str(config)),
        )
        return pair
