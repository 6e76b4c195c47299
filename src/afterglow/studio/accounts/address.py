"""Whom a request counts for where no account is known."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

__all__ = ["address_of"]


def address_of(scope: Scope) -> str:
    """Return whom to count a request for: the address, or the network of an IPv6 one, which has addresses to spare."""
    client = scope.get("client")
    host = str(client[0]) if client else "unknown"
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Address(int(found) >> 64 << 64)) + "/64"
    return str(found)
