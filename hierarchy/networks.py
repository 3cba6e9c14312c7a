"""Networks as people write them: one form for each, whichever way it was written."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

BETWEEN_NETWORKS: Final = re.compile(r"[\s,;]+")
MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")  # IPv4 within IPv6, RFC 4291


def split_list(text: str) -> list[str]:
    """Return the single networks of a text: a line each, or with commas or blanks between.

    What follows a "#" in a line is a remark.
    """
    lines = (line.partition("#")[0] for line in text.splitlines())
    return [part for line in lines for part in BETWEEN_NETWORKS.split(line) if part]


def parse_network(text: str) -> str:
    """Return a network in its canonical form: `10.0.0.0/24` for `10.0.0.5/24`, or with a mask.

    IPv4 addresses within IPv6 become IPv4, as which they are compared. Raises ValueError.
    """
    if "%" in text:
        raise ValueError  # a zone is a machine's own name for one of its links
    network = ipaddress.ip_network(text.strip(), strict=False)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(MAPPED):
        inner = network.network_address.ipv4_mapped
        return str(ipaddress.ip_network(f"{inner}/{network.prefixlen - MAPPED.prefixlen}"))
    return str(network)
