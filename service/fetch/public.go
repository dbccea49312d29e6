package fetch

import "net/netip"

// closed are the ranges that are not the public network, or that lead into another one: this machine, private and shared ones, link-local with the
// metadata services of clouds, documentation, multicast, and the forms in which IPv6 carries IPv4.
var closed = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
	"192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32", // Azure's own, which looks public
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Public reports whether an address is on the public network, at a port of the web.
func Public(to netip.AddrPort) bool {
	if to.Port() != 80 && to.Port() != 443 {
		return false
	}
	ip := to.Addr().WithZone("").Unmap()
	if !ip.IsGlobalUnicast() || to.Addr().Zone() != "" {
		return false
	}
	for _, p := range closed {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}
