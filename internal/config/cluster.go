package config

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// Cluster is what the address of a cluster names:
// rqlite://USER@HOST:PORT,HOST:PORT, or rqlites:// with TLS.
type Cluster struct {
	TLS   bool
	User  string   // "" for none
	Hosts []string // host:port, one at least
}

// rqlitePort is where rqlite listens unless told otherwise.
const rqlitePort = "4001"

// ParseStore tells the address of a cluster from the path of a file: nil for
// the latter. The error has code invalid, and shows nothing that may be a
// password.
func ParseStore(store string) (*Cluster, error) {
	scheme, rest, isURL := strings.Cut(store, "://")
	if !isURL {
		return nil, nil //nolint:nilnil // no cluster, and nothing wrong
	}
	c := &Cluster{TLS: scheme == "rqlites"}
	wrong := ""
	switch user, hosts, named := strings.Cut(rest, "@"); {
	case scheme != "rqlite" && scheme != "rqlites":
		wrong = fmt.Sprintf("%q must be a file path, or begin with rqlite:// or rqlites://", scheme+":…")
	case strings.Contains(rest[:strings.LastIndexByte(rest, '@')+1], ":"):
		wrong = "must not hold a password, which others could read in the history of the shell and the list of processes; give --store-password-file"
	case !named:
		wrong = c.setHosts(rest)
	default:
		var err error
		if c.User, err = url.PathUnescape(user); err != nil || c.User == "" || strings.ContainsRune(hosts, '@') {
			wrong = "must name a user before the @ as it stands in a URL, and one @ alone"
		} else {
			wrong = c.setHosts(hosts)
		}
	}
	if wrong != "" {
		return nil, staff.Errorf(staff.CodeInvalid, "store", "%s", wrong)
	}
	return c, nil
}

// setHosts reads HOST:PORT,HOST and says what is wrong with them, without them: one
// may be a password that lacks its @.
func (c *Cluster) setHosts(list string) (wrong string) {
	for host := range strings.SplitSeq(strings.TrimSuffix(list, "/"), ",") {
		name, port, err := net.SplitHostPort(host)
		if err != nil { // without a port
			name, port = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), rqlitePort
		}
		if wrong := checkHost(name); wrong != "" || name == "" {
			return fmt.Sprintf("must name hosts as HOST:PORT with commas between; look at the %s", c.next())
		}
		if wrong := checkListen(net.JoinHostPort(name, port)); wrong != "" || port == "" {
			return fmt.Sprintf("must name ports as numbers from 1 to 65535; look at the %s", c.next())
		}
		c.Hosts = append(c.Hosts, net.JoinHostPort(name, port))
	}
	return ""
}

// next names the host that is read.
func (c *Cluster) next() string { return fmt.Sprintf("one at place %d", len(c.Hosts)+1) }
