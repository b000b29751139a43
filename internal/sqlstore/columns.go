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
		m.version, m.created_at, m.updated_at, coalesce(l.id, 0), coalesce(l.username, ''), coalesce(l.mobile, '')`
	loginColumns = `coalesce(l.password_hash, ''), coalesce(l.holder_set, 0), coalesce(l.must_change, 0), coalesce(l.email, ''),
		coalesce(l.email_verified, 0), (SELECT count(*) FROM members AS s WHERE s.login_id = l.id),
		coalesce(l.version, 0), coalesce(l.created_at, 0), coalesce(l.updated_at, 0)`
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

// member decodes memberColumns to m and, where there is a login, to login.
func (r *row) member(m *staff.Member, login *staff.Login) {
	*m = staff.Member{ID: staff.ID(r.int()), AccountID: staff.ID(r.int()), Email: r.text(), Proposal: r.text(), Salutation: r.text(),
		FirstName: r.text(), LastName: r.text(), Language: staff.Language(r.text()), Phones: r.phones(), Mail: r.list()}
	m.Access = staff.Access{Kind: staff.AccessKind(r.text()), Role: r.text(), Grants: r.list()}
	m.Suspended, m.Subaccount, m.Pending = r.bool(), r.text(), r.bool()
	m.Version, m.CreatedAt, m.UpdatedAt = r.int(), r.int(), r.int()
	if m.Proposal == m.Email {
		m.Proposal = ""
	}
	*login = staff.Login{ID: staff.ID(r.int()), Username: r.text(), Mobile: r.text()}
	if login.ID != 0 {
		m.Login = login
	}
}

// login decodes loginColumns to what member has begun.
func (r *row) login(l *staff.Login) {
	l.PasswordHash, l.HolderSet, l.MustChange, l.Email = staff.Secret(r.text()), r.bool(), r.bool(), r.text()
	l.EmailVerified, l.Accounts = r.bool(), int(r.int())
	l.Version, l.CreatedAt, l.UpdatedAt = r.int(), r.int(), r.int()
}
