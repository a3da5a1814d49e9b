"""What the pages' certificate is about, this machine's names and addresses; and how browsers show it."""

import hashlib
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import psutil

from edge.errors import WebError

_END = "-----END CERTIFICATE-----"


def own_names(device: str, more: Sequence[str] = ()) -> list[str]:
    """Return the names under which this machine may be asked for, in small letters."""
    host = socket.gethostname().lower()
    short = host.partition(".")[0]
    found = [device, host, short, f"{short}.local", f"{device}.local", "localhost", *more]
    return [name for name in dict.fromkeys(found) if name and name.isascii()]


def own_addresses() -> list[str]:
    """Return the addresses of this machine, those of the link alone excepted."""
    found = {"127.0.0.1", "::1"}
    for addresses in psutil.net_if_addrs().values():
        internet = (one.address for one in addresses if one.family in {socket.AF_INET, socket.AF_INET6})
        found.update(str(ipaddress.ip_address(one)) for one in internet if "%" not in one)
    return sorted(found)


def fingerprint(path: Path) -> str:
    """Return the SHA-256 fingerprint of the first certificate in a PEM file, as browsers show it.

    Raises WebError where there is none.
    """
    try:
        text = path.read_text("ascii")
    except OSError as error:
        raise WebError(f"{path}: it cannot be read: {error.strerror}") from None
    except ValueError:
        text = ""
    begin = text.find("-----BEGIN CERTIFICATE-----")
    try:
        der = ssl.PEM_cert_to_DER_cert(text[begin : text.index(_END) + len(_END)])
    except ValueError:
        raise WebError(f"{path}: it holds no certificate") from None
    return hashlib.sha256(der).digest().hex(":").upper()
