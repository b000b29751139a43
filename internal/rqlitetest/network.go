package rqlitetest

import (
	"errors"
	"net"
	"sync"
)

// network carries all that nodes say to each other, raft and forwarded
// requests alike: each node advertises the address of a proxy here in place of
// the one it listens at.
type network struct {
	mu        sync.Mutex
	nodes     []*Node
	listeners []net.Listener
	cut       map[*Node]bool
	links     map[*link]bool // the connections there are
	closed    bool
	running   sync.WaitGroup
}

func newNetwork() *network {
	return &network{cut: map[*Node]bool{}, links: map[*link]bool{}}
}

// front puts a proxy before the address a node will listen at, and returns that
// of the proxy.
func (w *network) front(n *Node, bound string) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nodes = append(w.nodes, n)
	w.listeners = append(w.listeners, l)
	w.running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			w.running.Go(func() { w.carry(conn, n, bound) })
		}
	})
	return l.Addr().String(), nil
}

// carry serves one connection to a node until an end closes it, or it is healed
// after having been cut.
func (w *network) carry(in net.Conn, to *Node, bound string) {
	k := &link{network: w, to: to, closed: make(chan struct{}), ends: []net.Conn{in}}
	defer k.close()
	w.mu.Lock()
	nodes := w.nodes
	w.mu.Unlock()
	var err error
	if k.from, err = opener(in, nodes); err != nil || !w.register(k) || k.held() {
		return
	}
	out, err := net.Dial("tcp", bound)
	if err != nil || !k.attach(out) {
		return
	}
	w.running.Go(func() { k.pump(in, out) })
	k.pump(out, in)
}

// register adds a link, unless all is over.
func (w *network) register(k *link) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.links[k] = true
	}
	return !w.closed
}

func (w *network) isCut(n *Node) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut[n]
}

// set cuts a node off, or heals it and closes the links that were cut: what
// would have been said over them is lost, and nodes make new ones.
func (w *network) set(n *Node, cut bool) {
	w.mu.Lock()
	was := w.cut[n]
	w.cut[n] = cut
	var dead []*link
	for k := range w.links {
		if was && !cut && k.from != k.to && (k.from == n || k.to == n) {
			dead = append(dead, k)
		}
	}
	w.mu.Unlock()
	for _, k := range dead {
		k.close()
	}
}

// close ends all links and waits for them.
func (w *network) close() {
	w.mu.Lock()
	w.closed = true
	var links []*link
	for k := range w.links {
		links = append(links, k)
	}
	for _, l := range w.listeners {
		_ = l.Close()
	}
	w.mu.Unlock()
	for _, k := range links {
		k.close()
	}
	w.running.Wait()
}

// link is one connection between two nodes, or of one with itself.
type link struct {
	network  *network
	from, to *Node
	closed   chan struct{}

	mu   sync.Mutex
	ends []net.Conn // nil when closed
}

// attach adds the second end, unless the link was closed meanwhile.
func (k *link) attach(out net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ends == nil {
		_ = out.Close()
		return false
	}
	k.ends = append(k.ends, out)
	return true
}

func (k *link) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ends == nil {
		return
	}
	for _, end := range k.ends {
		_ = end.Close()
	}
	k.ends = nil
	close(k.closed)
	k.network.mu.Lock()
	delete(k.network.links, k)
	k.network.mu.Unlock()
}

// held waits, while the link is cut, until it is closed, and reports whether it
// did: bytes and ends of connections are not passed on, nor refused.
func (k *link) held() bool {
	if k.from == k.to || !k.network.isCut(k.from) && !k.network.isCut(k.to) {
		return false
	}
	<-k.closed
	return true
}

// pump passes on what one end says until either end is closed. What was read
// before a cut may still arrive: it was said before.
func (k *link) pump(dst, src net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		size, err := src.Read(buffer)
		if k.held() {
			return
		}
		if size > 0 {
			_, writeErr := dst.Write(buffer[:size])
			err = errors.Join(err, writeErr)
		}
		if err != nil {
			k.close()
			return
		}
	}
}

// Cut separates a node from the others, both ways, until it is healed. Clients
// still reach it. Nothing is refused: bytes no longer flow, and new connections
// are made and hang. Needs Options.Partitions.
func (c *Cluster) Cut(n *Node) error { return c.partition(n, true) }

// Heal ends a cut, and closes the connections that were cut.
func (c *Cluster) Heal(n *Node) error { return c.partition(n, false) }

func (c *Cluster) partition(n *Node, cut bool) error {
	if c.network == nil {
		return errors.New("this cluster was started without partitions: set Options.Partitions")
	}
	c.network.set(n, cut)
	return nil
}

func (c *Cluster) isCut(n *Node) bool { return c.network != nil && c.network.isCut(n) }
