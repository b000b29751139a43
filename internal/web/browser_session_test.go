package web_test

import (
	"github.com/chromedp/chromedp"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// enrolsAndSignsIn goes from the mailed link of a subaccount to what is open to
// it, and signs in once more with a TAN.
func (b *tab) enrolsAndSignsIn(language string, name func(string) string) {
	s := tongues[language]
	b.asksTAN("acme")
	b.open("/link/"+b.created("shop", language)).fill("password", secret, "repeat", secret).press("button").says(s.enrol).fits(name("enrol"))
	b.fill("number", "+423 555 12 34").press("button").fits(name("enrol-error"))
	b.do(chromedp.Do(b.ctx, chromedp.Clear("input[name=number]")))
	b.fill("number", "+41 79 555 12 34").press("button").says(s.confirm, mobile).fits(name("enrol-tan"))
	b.fill("tan", b.tan(mobile)).press("button").says(s.access, "acme-shop").fits(name("access"))
	b.press("form button").says(s.signedOut).fits(name("signed-out"))
	b.press(`main .links a[href*="sign-in"]`).says(s.signIn).fits(name("login"))
	b.fill("username", "acme-shop", "password", "wrong").press("button").fits(name("login-error"))
	b.phones.down = true
	b.fill("username", "acme-shop", "password", secret).press("button").fits(name("tan-gateway"))
	b.phones.down = false
	b.press("button[value=resend]").says(s.sent, s.tan).fits(name("tan"))
	b.fill("tan", otherTAN(b.tan(mobile))).press("button").says(s.wrong).fits(name("tan-error"))
	b.fill("tan", b.tan(mobile)).press("button").says(s.access)
	b.open("/tan").says(s.access) // that stage is over
}

// changesOwn goes through the accounts and the sign-in of a person.
func (b *tab) changesOwn(language string, name func(string) string) {
	s := tongues[language]
	b.world.person("acme", anna, language, "invoices", "orders", "support")
	b.world.do("", storetest.Enterprise("beta"))
	b.world.do("beta", staff.SetAccount{Settings: staff.Settings{DisplayName: new("Beta Handels GmbH")}})
	b.open("/link/" + token(b.world.do("beta", staff.SendInvite{Email: anna, Access: []string{"orders"}, Language: &language, Show: true})))
	b.press(`a[href*="sign-in"]`).fill("username", anna, "password", secret).press("button")
	b.open("/sign-in?lang="+language).fill("username", anna, "password", secret).press("button").says(s.choose).fits(name("account"))
	b.press("button[value=acme]").says(s.access, s.area).fits(name("access-several"))
	b.press(`main .links a[href*="/login"]`).fits(name("my-sign-in"))
	b.press(`main .links a[href*="/login/password"]`).fits(name("change-password"))
	b.fill("present", secret, "password", "green boats never hurry", "repeat", "green boats never hurry").press("button").fits(name("password-changed"))
	b.press(`main .links a[href*="/login/number"]`).fill("number", mobile).press("button").fits(name("change-number"))
	b.fill("tan", b.tan(mobile), "present", "green boats never hurry").press("button").says(mobile).fits("")
	b.press(`main .links a[href*="/login/email"]`).fill("email", "anna.new@example.ch", "present", "green boats never hurry").press("button").fits("")
	b.open(b.mailedLink("anna.new@example.ch", staff.MailEmail)).says("anna.new@example.ch").fits(name("email")).press("button")
	b.world.do("acme", staff.ResetSecondFactor{Member: storetest.By(anna)})
	b.open(b.mailedLink("anna.new@example.ch", staff.MailSecondFactor)).fits(name("second-factor"))
	b.open("/auth?area=team").fits(name("not-open"))
}
