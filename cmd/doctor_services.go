package cmd

import (
	"context"
	"net/url"
	"os"
	"runtime"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/mail"
	"github.com/staffctl/staffctl/internal/secretfile"
	"github.com/staffctl/staffctl/internal/sms"
	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/web"
)

// configFinding tells which file was read. What it says was checked on reading.
func configFinding(c *config.Config) diagnosis {
	const check = "configuration"
	if c.File == "" {
		return note(check, "no file; flags, variables and defaults count", "")
	}
	info, err := os.Stat(c.File)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		return warn(check, "others can change "+c.File, "run chmod go-w "+c.File)
	}
	return well(check, c.File)
}

func keyFinding(c *config.Config) diagnosis {
	const check = "instance key"
	if _, err := secretfile.ReadKey(c.KeyFile); err != nil {
		return failed(check, err)
	}
	return well(check, c.KeyFile+" is yours alone")
}

// mailFinding signs in to the mail server.
func (d *deps) mailFinding(ctx context.Context, c *config.Config) diagnosis {
	const check = "mail"
	switch {
	case c.Mail.Host == "":
		return note(check, "not configured: links can be handed over with --show-link", "set mail.host, mail.from and public_url")
	case c.Mail.From == "":
		return warn(check, "there is a mail server, and no sender address", "set mail.from")
	case d.dryRun:
		return note(check, c.Mail.Host+" is not asked with --dry-run", "")
	}
	settings := mailSettings(c)
	settings.Connect, settings.Command = serviceTime, serviceTime
	m, err := mail.NewMailer(settings)
	if err != nil {
		return failed(check, err)
	}
	found, err := m.Probe(ctx)
	if err != nil {
		return failed(check, err)
	}
	return well(check, found+"; no mail was sent")
}

// smsFinding connects to the gateway.
func (d *deps) smsFinding(ctx context.Context) diagnosis {
	const check = "sms"
	messenger, err := d.messenger()
	if err != nil {
		return failed(check, err)
	}
	gateway, ok := messenger.(*sms.Gateway)
	switch {
	case !ok:
		return note(check, "not configured: nobody can be asked for a TAN", "set sms.url and sms.countries where an account has the policy sms")
	case d.dryRun:
		return note(check, "the gateway is not asked with --dry-run", "")
	}
	ctx, cancel := context.WithTimeout(ctx, serviceTime)
	defer cancel()
	address, err := gateway.Probe(ctx)
	if err != nil {
		return failed(check, err)
	}
	return well(check, address+" can be reached; nothing was sent")
}

// pagesFinding asks the pages that links lead to.
func (d *deps) pagesFinding(ctx context.Context, c *config.Config) diagnosis {
	const check = "pages"
	switch {
	case c.PublicURL == "" && c.Mail.Host != "":
		return problem(check, "mails cannot be sent without the address that their links begin with", "set public_url, and run staffctl serve", staff.CodeUnavailable)
	case c.PublicURL == "":
		return note(check, "not configured: there are no links without an address that they begin with", "set public_url, and run staffctl serve")
	case d.dryRun:
		return note(check, c.Pages()+" is not asked with --dry-run", "")
	}
	ctx, cancel := context.WithTimeout(ctx, serviceTime)
	defer cancel()
	if err := web.Probe(ctx, c.Pages()); err != nil {
		return failed(check, err)
	}
	if u, err := url.Parse(c.PublicURL); err == nil && u.Scheme != "https" {
		return warn(check, c.Pages()+" answers, and is not encrypted", "put a proxy with a certificate in front, or set serve.tls_cert, and give public_url https")
	}
	return well(check, c.Pages()+" answers")
}
