package staff

import (
	"slices"
	"strings"
)

// ApplyCatalog replaces the catalog. A key that is in use cannot be dropped.
type ApplyCatalog struct {
	Catalog *Catalog `json:"catalog"`
}

// Kind names the action.
func (ApplyCatalog) Kind() string { return "catalog.apply" }

func (ApplyCatalog) needs(n *Needs) { n.NoAccount, n.CatalogUse = true, true }

func (a ApplyCatalog) plan(p *planner) error {
	catalog := *a.Catalog
	catalog.Roles = slices.Clone(catalog.Roles) // Check writes into them, and the action may be planned elsewhere meanwhile
	if err := catalog.Check(); err != nil {
		return err
	}
	if err := catalog.checkUse(p.facts.Use); err != nil {
		return err
	}
	p.ofStore = true
	p.result.Changes = compare(p.facts.Catalog.fields(), catalog.fields())
	p.catalog = &catalog
	if len(p.result.Changes) > 0 {
		catalog.Version = p.facts.Catalog.Version + 1
		p.commit.Catalog = &catalog
		p.guard(GuardCatalog, 0, p.facts.Catalog.Version)
	}
	return nil
}

func (c *Catalog) fields() []field {
	return []field{{"areas", c.Areas}, {"roles", c.Roles}, {"mail_categories", c.MailCategories}}
}

// checkUse refuses a catalog that drops what is used, or takes full access from
// the role of an account's last administrators.
func (c *Catalog) checkUse(use CatalogUse) error {
	drops := func(what string, used []string, has func(string) bool) error {
		lost := slices.DeleteFunc(slices.Clone(used), has)
		if len(lost) == 0 {
			return nil
		}
		return Errorf(CodeConflict, "catalog", "the new catalog drops what is in use: %s %s; keep it, or take it from the members and invites that have it first",
			what, strings.Join(lost, ", "))
	}
	if err := drops("areas or permissions", use.Grants, c.HasPermission); err != nil {
		return err
	}
	if err := drops("roles", use.Roles, func(k string) bool { return c.role(k) != nil }); err != nil {
		return err
	}
	if err := drops("mail categories", use.Mail, func(k string) bool { return slices.Contains(c.MailCategoryKeys(), k) }); err != nil {
		return err
	}
	for account, roles := range use.SoleRoles {
		if !slices.ContainsFunc(roles, func(role string) bool { return c.IsFull(Access{Kind: AccessRole, Role: role}) }) {
			return Errorf(CodeForbidden, "catalog", "role %s would lose full access, and account %s has no other administrator; give somebody there full access first",
				strings.Join(roles, " and "), account)
		}
	}
	return nil
}

// PruneAudit deletes the audit older than a time. It is itself audited.
type PruneAudit struct {
	Before int64 `json:"before"` // Unix milliseconds
}

// Kind names the action.
func (PruneAudit) Kind() string { return "audit.prune" }

func (a PruneAudit) needs(n *Needs) { n.NoAccount, n.AuditBefore = true, a.Before }

func (a PruneAudit) plan(p *planner) error {
	if a.Before > p.now.UnixMilli() {
		return Errorf(CodeInvalid, "before", "the date lies in the future; give one that has passed")
	}
	p.ofStore = true
	if p.facts.AuditRows > 0 {
		p.commit.PruneBefore = a.Before
		p.result.Rows = p.facts.AuditRows
		p.result.Changes = []Change{{"audit_rows", p.facts.AuditRows, nil}}
	}
	return nil
}

// CopyCommit is what a copy of a store ends with: the audit that says where it is
// from. It is no action, since it is planned on no facts.
func (s *Staff) CopyCommit(from string, schema int) *Commit {
	now := s.Now()
	_, after := sides([]Change{{Field: "from", After: from}})
	return &Commit{ID: s.IDs.Next(now), Nonce: randomBits(52), At: now.UnixMilli(), Actor: s.Actor(), Schema: schema,
		Audit: []AuditEntry{{ID: s.IDs.Next(now), Action: "store.copy", Subject: "store", After: after}}}
}
