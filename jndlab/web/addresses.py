"""From where a request comes, as far as that says something about who sends it.

Many people may have one address: those of a university, and all who come by a proxy that nobody
has told of. So an address is asked about new sessions and wrong passwords only.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from flask import request

HOST_BITS = 64
"""Of an IPv6 address: who has one has all that differ in them."""


def client_address() -> str:
    """The address of the client, or its network; empty for this machine itself.

    Behind a proxy that is not told of by JNDLAB_PUBLIC_URL everybody seems to be this machine:
    then nothing is counted by address, rather than everybody as one.
    """
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return ""
    if isinstance(address, IPv6Address):
        return f"{IPv6Address(int(address) >> HOST_BITS << HOST_BITS)}/{128 - HOST_BITS}"
    return str(address)
