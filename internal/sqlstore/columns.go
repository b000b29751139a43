package sqlstore

import "github.com/staffctl/staffctl/internal/staff"

// The columns of each kind of row, in the order in which they are decoded. No
// value is NULL: concat_ws would leave it out.
const (
	accountColumns = `a.id, a.name, a.display_name, a.plan, a.two_factor, a.language, a.default_access, a.default_grants,
		a.invite_other_address, coalesce(a.owner_id, 0), coalesce((SELECT email FROM members WHERE id = a.owner_id), ''),
		(SELECT json_group_array(address) FROM (SELECT address FROM sender_addresses WHERE account_id = a.id ORDER BY position, address_key)),
		a.counter, a.version, a.created_at, a.updated_at`
	memberColumns = `m.id, m.account_id, m.email, coalesce(m.username, ''), m.salutation, m.first_name, m.last_name, m.language,
		m.phones, m.mail, m.access, coalesce(m.role, ''), m.grants, m.suspended, coalesce(m.subaccount, ''), m.pending,
		m.version, m.created_at, m.updated_at`
	// What an export tells of a member.
	briefColumns = `m.email, coalesce(m.username, ''), m.salutation, m.first_name, m.last_name, m.language,
		m.phones, m.mail, m.access, coalesce(m.role, ''), m.grants, m.suspended, coalesce(m.subaccount, '')`
	// What a list needs of a login, and all of it.
	loginNames   = `l.id, l.username, coalesce(l.mobile, '')`
	loginHash    = `l.password_hash, l.must_change`
	loginColumns = loginNames + `, l.password_hash, l.holder_set, l.must_change, l.email, l.email_verified,
		(SELECT count(*) FROM members AS s WHERE s.login_id = l.id), l.version, l.created_at, l.updated_at`
	memberTables = `members AS m LEFT JOIN logins AS l ON l.id = m.login_id`
)

func (r *row) account() *staff.Account {
	a := &staff.Account{ID: staff.ID(r.int()), Name: r.text(), DisplayName: r.text(), Tariff: staff.Tariff(r.text()),
		TwoFactor: staff.TwoFactor(r.text()), Language: staff.Language(r.text())}
	a.DefaultAccess = staff.Access{Kind: staff.AccessKind(r.text()), Grants: r.list()}
	a.InviteOtherAddress = r.bool()
	a.OwnerID, a.Owner = staff.ID(r.int()), r.text()
	a.Senders = r.list()
	a.Counter, a.Version, a.CreatedAt, a.UpdatedAt = r.int(), r.int(), r.int(), r.int()
	return a
}

// optional packs the columns of a row that may be missing; "" stands for none.
// It must be the last of what is packed.
func optional(id, columns string) string {
	return `iif(` + id + ` IS NULL, '', ` + packed(columns) + `)`
}

// none reads the "" of optional, where it stands.
func (r *row) none() bool { return r.rest == "" && r.text() == "" }

// member decodes memberColumns.
func (r *row) member(m *staff.Member) {
	*m = staff.Member{ID: staff.ID(r.int()), AccountID: staff.ID(r.int()), Email: r.text(), Proposal: r.text(), Salutation: r.text(),
		FirstName: r.text(), LastName: r.text(), Language: staff.Language(r.text()), Phones: r.phones(), Mail: r.list()}
	m.Access = staff.Access{Kind: staff.AccessKind(r.text()), Role: r.text(), Grants: r.list()}
	m.Suspended, m.Subaccount, m.Pending = r.bool(), r.text(), r.bool()
	m.Version, m.CreatedAt, m.UpdatedAt = r.int(), r.int(), r.int()
	if m.Proposal == m.Email { // see proposalOf
		m.Proposal = ""
	}
}

// brief decodes briefColumns.
func (r *row) brief(m *staff.Member) {
	*m = staff.Member{Email: r.text(), Proposal: r.text(), Salutation: r.text(), FirstName: r.text(), LastName: r.text(),
		Language: staff.Language(r.text()), Phones: r.phones(), Mail: r.list()}
	m.Access = staff.Access{Kind: staff.AccessKind(r.text()), Role: r.text(), Grants: r.list()}
	m.Suspended, m.Subaccount = r.bool(), r.text()
	if m.Proposal == m.Email {
		m.Proposal = ""
	}
}

// loginNames decodes loginNames.
func (r *row) loginNames(l *staff.Login) {
	*l = staff.Login{ID: staff.ID(r.int()), Username: r.text(), Mobile: r.text()}
}

// login decodes loginColumns.
func (r *row) login(l *staff.Login) {
	r.loginNames(l)
	l.PasswordHash, l.HolderSet, l.MustChange, l.Email = staff.Secret(r.text()), r.bool(), r.bool(), r.text()
	l.EmailVerified, l.Accounts = r.bool(), int(r.int())
	l.Version, l.CreatedAt, l.UpdatedAt = r.int(), r.int(), r.int()
}
