package staff

// DiscardMail takes a mail that waits from the outbox.
type DiscardMail struct {
	Mail ID `json:"mail"`
	// Account is the name of the account that the mail must be of; "" is any.
	Account string `json:"account,omitempty"`
}

// Kind names the action.
func (DiscardMail) Kind() string { return "outbox.discard" }

func (a DiscardMail) needs(n *Needs) { n.Mail, n.NoAccount = a.Mail, true }

func (a DiscardMail) plan(p *planner) error {
	p.ofStore = true
	m := p.facts.Mail
	switch {
	case m == nil || a.Account != "" && m.Account != a.Account:
		return Errorf(CodeNotFound, "mail", "no mail %d in the outbox; see staffctl outbox list", a.Mail)
	case m.State == MailDiscarded:
		return nil
	case m.State != MailQueued:
		return Errorf(CodeForbidden, "mail", "mail %d to %s was %s and does not wait any more", m.ID, m.To, m.State)
	}
	if p.account != nil {
		p.result.Account = p.account.now
	}
	p.subject = m.To
	p.commit.DiscardMail = m.ID
	p.result.Changed = true
	p.result.Changes = []Change{{"state", string(m.State), string(MailDiscarded)}, {"mail", m.ID, nil}, {"to", m.To, nil}}
	return nil
}
