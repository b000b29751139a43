package storetest

import (
	"slices"

	"github.com/staffctl/staffctl/internal/staff"
)

// newCatalog is the default catalog with one more area, role and category.
func newCatalog(key string) staff.ApplyCatalog {
	c := staff.DefaultCatalog()
	label := staff.Label{German: "Zusätzlich <&>", English: "Extra"}
	c.Areas = append(c.Areas, staff.Area{Key: key, Label: label, Actions: []staff.Entry{{Key: "view", Label: label}}})
	c.Roles = append(c.Roles, staff.Role{Key: key, Label: label, Grants: []string{key}})
	c.MailCategories = append(c.MailCategories, staff.Entry{Key: key, Label: label})
	return staff.ApplyCatalog{Catalog: c}
}

func dropArea(key string) staff.ApplyCatalog {
	c := staff.DefaultCatalog()
	c.Areas = slices.DeleteFunc(c.Areas, func(a staff.Area) bool { return a.Key == key })
	c.Roles = slices.DeleteFunc(c.Roles, func(r staff.Role) bool { return slices.Contains(r.Grants, key+".use") })
	return staff.ApplyCatalog{Catalog: c}
}

func dropRole(key string) staff.ApplyCatalog {
	c := staff.DefaultCatalog()
	c.Roles = slices.DeleteFunc(c.Roles, func(r staff.Role) bool { return r.Key == key })
	return staff.ApplyCatalog{Catalog: c}
}

func dropMail(key string) staff.ApplyCatalog {
	c := staff.DefaultCatalog()
	c.MailCategories = slices.DeleteFunc(c.MailCategories, func(e staff.Entry) bool { return e.Key == key })
	return staff.ApplyCatalog{Catalog: c}
}

// roleGrants is the default catalog with other grants for a role, which it adds
// where there is none.
func roleGrants(key string, grants ...string) staff.ApplyCatalog {
	c := dropRole(key).Catalog
	c.Roles = append(c.Roles, staff.Role{Key: key, Label: staff.Label{German: key, English: key}, Grants: grants})
	return staff.ApplyCatalog{Catalog: c}
}

func catalogTests() map[string]func(*world) {
	tests := map[string]func(*world){
		"apply":                 catalogApply,
		"what is not used goes": catalogUnused,
		"apply across accounts": catalogAcrossAccounts,
		"in use/role":           catalogRoleInUse,
		"a role of the last administrators keeps full access": catalogLastAdministrators,
		"one of two roles with full access may lose it":       catalogOneOfTwoRoles,
	}
	// Each use, and the catalog that would drop it: refused when planned after
	// it, and refused by the store when planned before it.
	carl := By("carl@example.ch")
	for name, c := range map[string]struct{ use, drop staff.Action }{
		"area":           {staff.Grant{Member: carl, Grants: []string{"api"}}, dropArea("api")},
		"permission":     {staff.Grant{Member: carl, Grants: []string{"api.use"}}, dropArea("api")},
		"default access": {staff.SetAccount{Settings: staff.Settings{DefaultAccess: &[]string{"api.use"}}}, dropArea("api")},
		"mail":           {staff.ChangeMail{Member: carl, Change: staff.MailSet, Categories: []string{"news"}}, dropMail("news")},
	} {
		tests["in use/"+name] = func(w *world) {
			cast(w)
			early := w.plan("acme", c.drop)
			w.do(c.use)
			w.stale(early)
			w.refuses(staff.CodeConflict, c.drop)
		}
		tests["dropped/"+name] = func(w *world) {
			cast(w)
			early := w.plan("acme", c.use)
			w.do(c.drop)
			w.stale(early)
			w.refuses(staff.CodeInvalid, c.use)
		}
	}
	return tests
}

func catalogApply(w *world) {
	cast(w)
	want := newCatalog("extra").Catalog
	want.Version = 2
	w.do(newCatalog("extra"))
	w.same("catalog", want, w.dump().Catalog)
	w.do(staff.Grant{Member: By("carl@example.ch"), Grants: []string{"extra.view"}})
	if w.do(newCatalog("extra")).Changed() {
		w.Error("the same catalog changed something")
	}
}

func catalogUnused(w *world) {
	cast(w)
	w.do(dropArea("api"))
	w.do(staff.ApplyCatalog{Catalog: dropMail("news").Catalog})
	if c := w.dump().Catalog; slices.Contains(c.MailCategoryKeys(), "news") {
		w.Error("the category is still there")
	}
	w.refuses(staff.CodeInvalid, staff.ChangeMail{Member: By("carl@example.ch"), Change: staff.MailSet, Categories: []string{"news"}})
}

func catalogAcrossAccounts(w *world) {
	cast(w)
	w.in("", Enterprise("other"))
	w.in("other", Add("dora@example.ch", "api.use"))
	w.refuses(staff.CodeConflict, dropArea("api"))
	w.refusesIn("", staff.CodeConflict, dropArea("api"))
}

func catalogRoleInUse(w *world) {
	cast(w)
	early := w.plan("acme", dropRole("copywriter"))
	w.commit(subaccount(w, "shop", "shop@example.ch", "copywriter", true))
	w.stale(early)
	w.refuses(staff.CodeConflict, dropRole("copywriter"))
}

func catalogLastAdministrators(w *world) {
	w.start()
	w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"))
	w.commit(subaccount(w, "boss", "boss@example.ch", "administrator", true))
	early := w.plan("acme", roleGrants("administrator", "domains"))
	w.do(staff.RemoveMember{Member: By("anna@example.ch")})
	w.stale(early)
	w.refuses(staff.CodeForbidden, roleGrants("administrator", "domains"))
	w.do(Add("anna@example.ch", "all"), Password("anna@example.ch"))
	w.do(roleGrants("administrator", "domains"))
	w.refuses(staff.CodeForbidden, staff.RemoveMember{Member: By("anna@example.ch")})
}

func catalogOneOfTwoRoles(w *world) {
	w.start()
	w.do(roleGrants("deputy", "all"))
	w.commit(subaccount(w, "boss", "boss@example.ch", "administrator", true))
	w.commit(subaccount(w, "vice", "vice@example.ch", "deputy", true))
	none := roleGrants("deputy", "domains")
	none.Catalog.Roles[0].Grants = []string{"domains"} // administrator
	w.refuses(staff.CodeForbidden, none)
	w.do(roleGrants("deputy", "domains"))
	w.do(roleGrants("deputy", "all"))
	other := roleGrants("deputy", "all")
	other.Catalog.Roles[0].Grants = []string{"domains"}
	w.do(other)
}
