package staff

import "testing"

// TestRule9Registration: a registration e-mail is no sender address of any
// account, and a sender address no registration e-mail.
func TestRule9Registration(t *testing.T) {
	t.Parallel()
	isSender := refused(CodeConflict, "email", "sina@example.ch is a sender address of an account", "cannot register a subaccount", "choose another")
	registers := refused(CodeConflict, "address", "sina@example.ch registers a subaccount", "cannot be a sender address", "choose another")
	blog := func(traits ...trait) *Member {
		return person(15, "blog@example.ch", append([]trait{subaccount("blog", "api-user")}, traits...)...)
	}
	senders := func(people ...*Member) *Facts { return team(people, enterprise, sendersElsewhere("sina@example.ch")) }
	runPlans(t, []planCase{
		{name: "a new one", facts: senders(), actions: do(create()), err: isSender},
		{name: "in another form", facts: team(nil, enterprise, sendersElsewhere("sina@xn--zrich-kva.ch")), actions: do(create(at("sina@ZÜRICH.ch"))), err: refused(CodeConflict, "email", "sender address")},
		{name: "by update", facts: senders(blog(pending)), actions: do(create(naming("blog"), as("api-user"), otherwise(Update))), err: isSender},
		{name: "by edit", facts: senders(blog(pending)), actions: do(setEmail("blog@example.ch", "sina@example.ch")), err: isSender},
		{name: "by edit of a confirmed one", facts: senders(blog(signsIn)), actions: do(setEmail("blog@example.ch", "sina@example.ch")), err: isSender},
		{name: "a plain member may have one", facts: senders(anna()), actions: do(setEmail("anna@example.ch", "sina@example.ch")), want: []string{
			"member.edit sina@example.ch", `  email: "anna@example.ch" -> "sina@example.ch"`, `  username: "anna@example.ch" -> "sina@example.ch"`}},
		{name: "a sender address", facts: team(nil, registrations("sina@example.ch")), actions: do(AddSender{"sina@EXAMPLE.ch"}), err: registers},
		{name: "planned before", facts: team(nil, enterprise), actions: do(create(), AddSender{"sina@EXAMPLE.ch"}), err: registers},
		{name: "a sender address planned before", facts: team(nil, enterprise), actions: do(AddSender{"Sina@example.ch"}, create()), err: isSender},
		{name: "another address", facts: team(of(sina(pending)), sendersElsewhere("info@example.ch")), actions: do(AddSender{"news@example.ch"}), want: []string{"account.sender-add acme", `  senders: null -> ["news@example.ch"]`}},
	})
}
