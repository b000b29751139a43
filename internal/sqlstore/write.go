package sqlstore

import (
	"strconv"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// insertInto returns the statement that adds rows given with these columns.
func insertInto(table, columns string) string {
	return `INSERT INTO ` + table + ` (` + columns + `) SELECT ` + values(strings.Count(columns, ",")+1) + ` FROM given`
}

// update returns the statement that sets these columns, the last of which is
// the id of the row, to the values given.
func update(table, columns string) string {
	names := strings.Split(columns, ",")
	sets := make([]string, len(names)-1)
	for i := range sets {
		sets[i] = strings.TrimSpace(names[i]) + " = given.value ->> " + strconv.Itoa(i)
	}
	return `UPDATE ` + table + ` SET ` + strings.Join(sets, ", ") + ` FROM given WHERE ` + table + `.id = given.value ->> ` + strconv.Itoa(len(sets))
}

// The columns that a commit writes of each kind of row, the id last; those that
// only a new row sets follow.
const (
	accountWritten = `display_name, plan, two_factor, language, default_access, default_grants, invite_other_address, owner_id, version, updated_at, id`
	accountNew     = accountWritten + `, name, counter, created_at`
	memberWritten  = `login_id, email, email_key, username, username_key, salutation, first_name, last_name, name_key, language, phones, mail, access, role,
		grants, suspended, subaccount, pending, version, updated_at, id`
	memberNew    = memberWritten + `, account_id, created_at`
	loginWritten = `username, username_key, password_hash, holder_set, must_change, email, email_verified, mobile, version, updated_at, id`
	loginNew     = loginWritten + `, created_at`
)

func accountValues(a *staff.Account) []any {
	return []any{a.DisplayName, string(a.Tariff), string(a.TwoFactor), string(a.Language), string(a.DefaultAccess.Kind),
		jsonList(a.DefaultAccess.Grants), number(a.InviteOtherAddress), idOrNull(a.OwnerID), a.Version, a.UpdatedAt, int64(a.ID)}
}

func memberValues(m *staff.Member) []any {
	var login any
	if m.Login != nil {
		login = int64(m.Login.ID)
	}
	proposal, proposalKey := proposalOf(m)
	return []any{login, m.Email, staff.EmailKey(m.Email), proposal, proposalKey, m.Salutation, m.FirstName, m.LastName,
		staff.NameKey(m), string(m.Language), jsonPhones(m.Phones), jsonList(m.Mail), string(m.Access.Kind), orNull(m.Access.Role), jsonList(m.Access.Grants),
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

func loginValues(l *staff.Login) []any {
	return []any{l.Username, staff.UsernameKey(l.Username), string(l.PasswordHash), number(l.HolderSet), number(l.MustChange), l.Email,
		number(l.EmailVerified), orNull(l.Mobile), l.Version, l.UpdatedAt, int64(l.ID)}
}
