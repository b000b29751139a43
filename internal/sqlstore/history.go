package sqlstore

import (
	"cmp"
	"slices"

	"github.com/staffctl/staffctl/internal/staff"
)

// historyQuestions ask for what is known of the members found: one query each, whose
// rows begin with what they are. Asked for together with the members they would be
// one read, but preparing that takes a file three times as long.
func historyQuestions(f *staff.Facts, now int64) []question {
	f.History = map[staff.ID]*staff.History{}
	var questions []question
	for _, m := range f.Found {
		h := &staff.History{}
		f.History[m.ID] = h
		query, args := histories, []any{int64(m.ID), int64(m.AccountID), staff.EmailKey(m.Email), now}
		if m.Login != nil {
			query, args = query+signInHistories, append(args, int64(m.Login.ID), now-staff.SessionIdle.Milliseconds(), now-staff.SessionLife.Milliseconds())
		}
		questions = append(questions, question{Statement{query, args}, func(rows []string) error {
			err := each(Statement{}, func(r *row) { r.history(f.Account, h) }).answer(rows)
			slices.SortFunc(h.Links, func(a, b *staff.Link) int { return cmp.Compare(a.ID, b.ID) })
			return err
		}})
	}
	return questions
}

// histories ask for each thing by an index, of a member with a long past as fast as
// of a new one. A SELECT of its own is there for ORDER BY within UNION ALL alone.
var (
	histories = `SELECT ` + packed(`'link', `+linkColumns) + ` FROM links AS k WHERE k.state = 'open' AND k.expires_at > ?4
			AND (k.member_id = ?1 OR k.invite_id IN (SELECT id FROM invites WHERE account_id = ?2 AND email_key = ?3))
		UNION ALL SELECT ` + packed(`'invite', `+inviteColumns) + ` FROM invites AS i
			WHERE i.account_id = ?2 AND i.email_key = ?3 AND i.state = 'pending' AND i.expires_at > ?4
		UNION ALL SELECT * FROM (SELECT ` + packed(`'change', `+auditRead) + ` FROM audit AS e CROSS JOIN commits AS c ON c.id = e.commit_id
			WHERE e.member_id = ?1 ORDER BY e.id DESC LIMIT 5)`
	signInHistories = ` UNION ALL SELECT * FROM (SELECT ` + packed(`'sign-in', s.at, s.network`) + ` FROM sign_ins AS s
			WHERE s.login_id = ?5 AND s.account_id = ?2 ORDER BY s.at DESC LIMIT 5)
		UNION ALL SELECT ` + packed(`'sessions', count(*)`) + ` FROM sessions WHERE member_id = ?1 AND seen_at > ?6 AND started_at > ?7`
)

// history reads a row of histories.
func (r *row) history(a *staff.Account, h *staff.History) {
	switch r.text() {
	case "link":
		h.Links = append(h.Links, r.link())
	case "invite":
		h.Invites = append(h.Invites, r.invite())
	case "sign-in":
		h.SignIns = append(h.SignIns, staff.SignIn{At: r.int(), Account: a.Name, Network: r.text()})
	case "sessions":
		h.Sessions = int(r.int())
	default:
		e := &staff.AuditEntry{}
		r.audit(e)
		h.Changes = append(h.Changes, e)
	}
}
