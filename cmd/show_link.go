package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/staff"
)

const showLinkFlag = "show-link"

// showLink adds --show-link.
func showLink(cmd *cobra.Command, to *bool) {
	cmd.Flags().BoolVar(to, showLinkFlag, false, "print the link instead of mailing it")
}

func showsLink(cmd *cobra.Command) bool {
	f := cmd.Flags().Lookup(showLinkFlag)
	return f != nil && f.Value.String() == "true"
}

// checkShowLink refuses --show-link, before anything is changed, where no link
// can be made.
func (d *deps) checkShowLink(cmd *cobra.Command, s *staff.Staff) error {
	if !showsLink(cmd) {
		return nil
	}
	if d.loaded.Pages() == "" {
		return staff.Errorf(staff.CodeInvalid, "public_url", "public_url is not set, with which links begin; set it in the configuration or by STAFFCTL_PUBLIC_URL")
	}
	_, err := s.Key()
	return err
}

// linkURL is the address of a link that is to be shown.
func (d *deps) linkURL(l *staff.Link) (string, error) {
	if l == nil || d.dryRun {
		return "", nil
	}
	key, err := d.staffOn(d.loaded, nil).Key()
	if err != nil {
		return "", err
	}
	return staff.LinkURL(d.loaded.Pages(), key.Token(l)), nil
}
