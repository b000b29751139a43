package sqlstore

import "github.com/staffctl/staffctl/internal/staff"

func accountValues(a *staff.Account) []any {
	return []any{a.DisplayName, string(a.Tariff), string(a.TwoFactor), string(a.Language), string(a.DefaultAccess.Kind),
		jsonList(a.DefaultAccess.Grants), number(a.InviteOtherAddress), idOrNull(a.OwnerID), a.Version, a.UpdatedAt, int64(a.ID)}
}

func (b *batch) insertAccount(a *staff.Account) {
	b.add(`INSERT INTO accounts (display_name, plan, two_factor, language, default_access, default_grants, invite_other_address, owner_id,
		version, updated_at, id, name, counter, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)`,
		append(accountValues(a), a.Name, a.CreatedAt)...)
}

func (b *batch) updateAccount(a *staff.Account) {
	b.add(`UPDATE accounts SET display_name = ?, plan = ?, two_factor = ?, language = ?, default_access = ?, default_grants = ?,
		invite_other_address = ?, owner_id = ?, version = ?, updated_at = ? WHERE id = ?`, accountValues(a)...)
}

func memberValues(m *staff.Member) []any {
	phones := "[]"
	if len(m.Phones) > 0 {
		phones = jsonText(m.Phones)
	}
	var login any
	if m.Login != nil {
		login = int64(m.Login.ID)
	}
	proposal, proposalKey := proposalOf(m)
	return []any{login, m.Email, staff.EmailKey(m.Email), proposal, proposalKey, m.Salutation, m.FirstName, m.LastName,
		staff.NameKey(m), string(m.Language), phones, jsonList(m.Mail), string(m.Access.Kind), orNull(m.Access.Role), jsonList(m.Access.Grants),
		number(m.Suspended), orNull(m.Subaccount), number(m.Pending), m.Version, m.UpdatedAt, int64(m.ID)}
}

// proposalOf returns the columns of the proposed username. An e-mail that
// proposes itself stands there only where it is compared in another form as a
// username, such as one with an umlaut in its domain.
func proposalOf(m *staff.Member) (username, key any) {
	switch k := staff.UsernameKey(m.Username()); {
	case m.Login != nil, k == "", m.Proposal == "" && k == staff.EmailKey(m.Email):
		return nil, nil
	default:
		return m.Username(), k
	}
}

func (b *batch) insertMember(m *staff.Member) {
	b.add(`INSERT INTO members (login_id, email, email_key, username, username_key, salutation, first_name, last_name, name_key, language,
		phones, mail, access, role, grants, suspended, subaccount, pending, version, updated_at, id, account_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		append(memberValues(m), int64(m.AccountID), m.CreatedAt)...)
}

func (b *batch) updateMember(m *staff.Member) {
	b.add(`UPDATE members SET login_id = ?, email = ?, email_key = ?, username = ?, username_key = ?, salutation = ?, first_name = ?,
		last_name = ?, name_key = ?, language = ?, phones = ?, mail = ?, access = ?, role = ?, grants = ?, suspended = ?, subaccount = ?,
		pending = ?, version = ?, updated_at = ? WHERE id = ?`, memberValues(m)...)
}

func loginValues(l *staff.Login) []any {
	return []any{l.Username, staff.UsernameKey(l.Username), string(l.PasswordHash), number(l.HolderSet), number(l.MustChange), l.Email,
		number(l.EmailVerified), orNull(l.Mobile), l.Version, l.UpdatedAt, int64(l.ID)}
}

func (b *batch) insertLogin(l *staff.Login) {
	b.add(`INSERT INTO logins (username, username_key, password_hash, holder_set, must_change, email, email_verified, mobile, version, updated_at,
		id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, append(loginValues(l), l.CreatedAt)...)
}

func (b *batch) updateLogin(l *staff.Login) {
	b.add(`UPDATE logins SET username = ?, username_key = ?, password_hash = ?, holder_set = ?, must_change = ?, email = ?, email_verified = ?,
		mobile = ?, version = ?, updated_at = ? WHERE id = ?`, loginValues(l)...)
}
