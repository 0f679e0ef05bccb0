"""What belongs to the house's own network."""

from __future__ import annotations

import ipaddress


def is_local(address: str) -> bool:
    """Whether an address is this machine's, or one that the internet does not route. Raises
    `ValueError` for what is no address, such as a name."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return found.is_private or found.is_loopback or found.is_link_local
