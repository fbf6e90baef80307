"""Where the site may go when a stranger names an address: pure judgement, no sockets.

Two questions: is this URL one we would fetch at all (``parse_source_url``), and may this
*resolved* IP address be connected to (``refusal``). A host's spelling proves nothing: resolvers
read ``0177.1``, ``2130706433`` and full-width digits as 127.0.0.1, so only the answer of the
look-up is judged (CVE-2016-4029, CVE-2019-17669).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, quote, urlsplit

from comments.linkbacks.exceptions import SourceRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
PortRange = tuple[int, int]

MAX_URL_LENGTH = 2000  # characters
DEFAULT_PORTS: tuple[PortRange, ...] = ((80, 80), (443, 443))
SCHEME_PORTS = {"http": 80, "https": 443}

# ``is_global`` is no guard: on Python 3.11.7 it is True for many of these, and its answers change
# between releases. Sources: the IANA special-purpose registries, RFC 6890, and the cloud makers.
DENIED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # "this network"; 0.0.0.0 reaches the machine itself (CVE-2016-2222)
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers, RFC 6598; Alibaba's metadata 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host agent, on a public-looking address
        "169.254.0.0/16",  # link-local, and the metadata service of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays, withdrawn by RFC 7526
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "3fff::/20",  # documentation, RFC 9637
    )
)
# The only IPv6 space IANA has handed out for the public Internet. What lies outside (loopback,
# fc00::/7, fe80::/10, fec0::/10, 5f00::/16, 64:ff9b:1::/48, ff00::/8 ...) needs no list.
PUBLIC_IPV6 = IPv6Network("2000::/3")

NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: how an IPv6-only machine reaches public IPv4
# IPv6 prefixes which carry an IPv4 address in their last 32 bits.
TAILED = (
    NAT64,
    IPv6Network("64:ff9b:1::/48"),  # NAT64 for local use, RFC 8215
    IPv6Network("::/96"),  # IPv4-compatible, RFC 4291 2.5.5.1
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated, RFC 7915
)

# Characters IDNA 2003 and 2008 read differently: two readings are two owners (RFC 5894 7.2).
AMBIGUOUS_IDNA = frozenset("\u00df\u03c2\u200c\u200d")
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
# ``urlsplit`` overlooks what stands beside brackets, as in ``[::1]example.org`` (CVE-2024-11168).
_BRACKETED = re.compile(r"\[[0-9a-f:.]*:[0-9a-f:.]*\](?::[0-9]*)?", re.IGNORECASE)
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cs", "Zs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class ParsedURL:
    """A URL whose form is acceptable; where its host leads is still to be judged.

    ``host`` is lower-case ASCII without brackets or a closing dot; ``target`` is the path and
    query, percent-encoded, as sent in a request line. The fragment is gone.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and, where it is not the scheme's own, port: the ``Host`` header (RFC 9110 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == SCHEME_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address in full."""
        return f"{self.scheme}://{self.authority}{self.target}"


def refusal(address: str, allowed: Sequence[Network] = ()) -> str | None:
    """Why ``address``, a resolved IP address, must not be connected to; ``None`` if it may be.

    An IPv4 address wrapped in an IPv6 one is judged too, whatever the wrapping. ``allowed``
    networks are exceptions for intranets and tests; an exception for a wrapping does not
    extend to what is wrapped. The reason is for the owner's log, never for the sender.
    """
    if "%" in address:
        return "it names a network interface"
    try:
        parsed = ip_address(address)
    except ValueError:
        return "it is not an IP address"
    return _refusal(parsed, allowed)


def _refusal(address: Address, allowed: Sequence[Network]) -> str | None:
    for inner in _unwrapped(address):
        reason = _refusal(inner, allowed)
        if reason:
            return f"{reason}, wrapped in IPv6"
    if any(address in network for network in allowed) or _is_plain_wrapping(address):
        return None
    return _reserved_use(address)


def _reserved_use(address: Address) -> str | None:
    for network in DENIED:
        if address in network:
            return f"it is in {network}, which is not public"
    if isinstance(address, IPv6Address) and address not in PUBLIC_IPV6:
        return f"it is outside {PUBLIC_IPV6}, the public part of IPv6"
    if address.is_multicast or address.is_reserved or not address.is_global:
        return "it is set aside for special use"
    return None


def _unwrapped(address: Address) -> Iterator[IPv4Address]:
    """Every IPv4 address carried inside an IPv6 one."""
    if not isinstance(address, IPv6Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    yield from address.teredo or ()
    is_own = address.is_loopback or address.is_unspecified  # ::1 and :: wrap nothing
    if not is_own and any(address in network for network in TAILED):
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def _is_plain_wrapping(address: Address) -> bool:
    """Whether connecting means connecting to the wrapped IPv4 address and to nothing else."""
    return isinstance(address, IPv6Address) and (bool(address.ipv4_mapped) or address in NAT64)


def parse_source_url(url: str, *, allowed_ports: Sequence[PortRange] = DEFAULT_PORTS) -> ParsedURL:
    """Take a stranger's URL apart; ``SourceRefused`` with a plain sentence if it is unfit.

    ``allowed_ports`` are inclusive ranges. Nothing is looked up here.
    """
    _refuse_characters(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SourceRefused("The source is not a valid web address.") from None
    scheme = parts.scheme
    if scheme not in SCHEME_PORTS:
        raise SourceRefused("The source address must start with http:// or https://.")
    _refuse_netloc(parts.netloc)
    if port is None:
        port = SCHEME_PORTS[scheme]
    if not any(low <= port <= high for low, high in allowed_ports):
        raise SourceRefused("The source address uses a port that is not fetched from.")
    return ParsedURL(scheme, _ascii_host(parts.hostname or ""), port, _target(parts))


def _refuse_characters(url: str) -> None:
    if len(url) > MAX_URL_LENGTH:
        raise SourceRefused(f"The source address is longer than {MAX_URL_LENGTH} characters.")
    # Browsers, parsers and servers disagree on what a backslash means.
    if "\\" in url or any(unicodedata.category(char) in _UNSAFE_CATEGORIES for char in url):
        raise SourceRefused("The source address holds blanks, backslashes or control characters.")


def _refuse_netloc(netloc: str) -> None:
    if "@" in netloc:
        raise SourceRefused("The source address must not hold a user name or password.")
    if "[" in netloc and not _BRACKETED.fullmatch(netloc):
        raise SourceRefused("The source address names no valid host.")


def _ascii_host(host: str) -> str:
    """The host as sent over the wire: an IPv6 literal, or a name of IDNA-encoded labels."""
    if not host:
        raise SourceRefused("The source address names no host.")
    if ":" in host:
        return _ipv6_literal(host)
    name = _encoded_name(host)
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise SourceRefused("The source address names no valid host.")
    return name


def _encoded_name(host: str) -> str:
    if AMBIGUOUS_IDNA.intersection(host):
        raise SourceRefused("The source's host is ambiguous: write it in its xn-- form.")
    if host.isascii():
        return host.removesuffix(".")
    try:
        return host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise SourceRefused("The source address names no valid host.") from None


def _ipv6_literal(host: str) -> str:
    try:
        return str(IPv6Address(host))
    except ValueError:
        raise SourceRefused("The source address names no valid host.") from None


def _target(parts: SplitResult) -> str:
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~") or "/"
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~?[]|")
    return f"{path}?{query}" if query else path
