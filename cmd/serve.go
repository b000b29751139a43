package cmd

import (
	"context"
	"crypto/tls"
	"log/slog"
	"math"
	"net"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/password"
	"github.com/staffctl/staffctl/internal/sms"
	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/web"
)

// maxHashes is how many passwords are hashed at once at most.
const maxHashes = 4

// memory is what the program takes before it gives back what it no longer needs, in
// bytes: four hashes at once of 64 MiB each, and the rest. Without it the garbage of
// hashes could be as much again.
const memory = 320 << 20

// mailers is how many mails are sent at once, so that one recipient's slow server
// does not hold up the others.
const mailers = 3

// lastMails is how long mails under way have to leave when the server ends.
const lastMails = 15 * time.Second

func newServe(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve signing in and the pages behind links, and send mails",
		Long: `Serve lets people sign in, with a TAN by text message where their account asks
for one, and answers the links in mails, with pages in German and English. It
tells a proxy in front of the portal whether an area is open to who asks for it.
It also sends the mails of the outbox. It runs until it gets SIGINT or SIGTERM,
and then finishes what is under way.

It needs public_url, the address that people open. By default it listens on
127.0.0.1:8080 for a proxy with a certificate in front; with serve.tls_cert and
serve.tls_key it needs none. Its log is JSON on standard error.`,
		Example: `  staffctl serve
  staffctl serve --config portal.yaml`,
		Annotations: writes("changes what people change on its pages", "everybody for whom a mail waits, and who asks for a link or changes the login on a page"),
		Args:        takes(),
		RunE:        func(cmd *cobra.Command, _ []string) error { return d.serve(cmd) },
	}
}

func (d *deps) serve(cmd *cobra.Command) error {
	if d.dryRun {
		return usage(cmd, "--dry-run cannot be given: what people do on the pages takes effect")
	}
	ctx, stop := interruptible(cmd.Context())
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	s, c, err := d.staff()
	if err != nil {
		return err
	}
	if _, err := s.Catalog(ctx); err != nil {
		return err
	}
	if s.SMS, err = d.messenger(); err != nil {
		return err
	}
	limitMemory()
	s.Passwords = password.Limit(s.Passwords, min(runtime.GOMAXPROCS(0), maxHashes))
	nudge := make(chan struct{}, 1)
	log := slog.New(slog.NewJSONHandler(d.ios.Err, nil))
	site, err := web.New(siteOptions(s, c, log, nudge))
	if err != nil {
		return err
	}
	certificate, err := readCertificate(c)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Serve.Listen)
	if err != nil {
		return staff.Errorf(staff.CodeUnavailable, "serve.listen", "cannot listen on %s: %w; choose another address with serve.listen", c.Serve.Listen, err)
	}
	finish, err := d.sendMails(ctx, log, nudge)
	if err != nil {
		_ = listener.Close()
		return err
	}
	defer finish()
	d.say("serving %s on %s", c.Pages(), listener.Addr())
	return site.Serve(ctx, listener, certificate)
}

// limitMemory lets GOMEMLIMIT have its way where it is set.
func limitMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memory)
	}
}

// messenger sends text messages as the configuration says; it is nil where no
// gateway is configured.
func (d *deps) messenger() (staff.Messenger, error) {
	c := d.loaded.SMS
	if c.URL == "" {
		return nil, nil
	}
	return sms.New(sms.Settings{URL: c.URL, Method: c.Method, Headers: c.Headers, Body: c.Body, CredentialsFile: c.CredentialsFile, Countries: c.Countries})
}

// siteOptions puts the site together from the configuration. Who sends is nudged
// and never waited for.
func siteOptions(s *staff.Staff, c *config.Config, log *slog.Logger, nudge chan<- struct{}) web.Options {
	return web.Options{Staff: s, Pages: c.Pages(), Path: c.Serve.Path, Portal: c.PublicURL, Proxies: c.Serve.TrustedProxies,
		MinLength: c.Password.MinLength, Log: log,
		Mailed: func() {
			select {
			case nudge <- struct{}{}:
			default:
			}
		}}
}

// readCertificate returns nil where the configuration names no certificate.
func readCertificate(c *config.Config) (*tls.Config, error) {
	if c.Serve.TLSCert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.Serve.TLSCert, c.Serve.TLSKey)
	if err != nil {
		return nil, staff.Errorf(staff.CodeInvalid, "serve.tls_cert", "serve.tls_cert and serve.tls_key cannot be used: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// sendMails sends mails beside the pages, those that are due and sooner when
// nudged, until the function that it returns is called.
func (d *deps) sendMails(ctx context.Context, log *slog.Logger, nudge <-chan struct{}) (finish func(), err error) {
	worker, err := d.mailer()
	if err != nil {
		return nil, err
	}
	if worker == nil {
		d.say("warning: %s; until then mails wait in the outbox", notConfigured(d.loaded))
		return func() {}, nil
	}
	worker.Log = log
	// It goes on while the requests under way are finished.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		var sending sync.WaitGroup
		for range mailers {
			sending.Go(func() { worker.Run(ctx, nudge) })
		}
		sending.Wait()
	}()
	return func() {
		cancel()
		select {
		case <-done:
		case <-time.After(lastMails):
		}
	}, nil
}
