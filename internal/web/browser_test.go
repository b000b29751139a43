package web_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

var update = flag.Bool("update", false, "write the screenshots in docs/images")

// browser is a Chromium without script that finds all hosts on one server.
type browser struct {
	ctx   context.Context
	world atomic.Pointer[world] // whose site answers
}

// newBrowser starts the browser. It is skipped where there is none, unless in CI.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	switch {
	case path != "":
	case os.Getenv("CI") != "":
		t.Fatal("there is no chromium, chromium-browser or google-chrome to test the pages with")
	default:
		t.Skip("there is no chromium, chromium-browser or google-chrome to test the pages with")
	}
	b := &browser{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == attacker {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, strings.ReplaceAll(r.URL.Query().Get("page"), "PAGES", pages))
			return
		}
		b.world.Load().site.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("lang", "en"),
		chromedp.Flag("ignore-certificate-errors", true), chromedp.Flag("host-resolver-rules", strings.NewReplacer("HERE", server.Listener.Addr().String()).Replace(
			"MAP portal.example.com HERE, MAP "+attacker+" HERE, MAP * ~NOTFOUND")))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	var end context.CancelFunc
	b.ctx, end = chromedp.NewContext(allocator)
	t.Cleanup(end)
	if err := chromedp.Do(b.ctx); err != nil {
		t.Fatal("the browser does not start:", err)
	}
	return b
}

// tab is a window of its own, with its cookies, on a world of its own.
type tab struct {
	*world
	ctx context.Context
}

func (b *browser) tab(t *testing.T) *tab {
	t.Helper()
	w := newWorld(t)
	b.world.Store(w)
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	tab := &tab{w, ctx}
	tab.do(chromedp.Do(ctx))
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stop)
	tab.ctx = ctx
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	tab.do(err)
	return tab
}

func (b *tab) do(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// ask returns what an action finds out.
func ask[T any](b *tab, a chromedp.Action[T]) T {
	b.Helper()
	found, err := chromedp.Run(b.ctx, a)
	b.do(err)
	return found
}

func (b *tab) open(page string) *tab {
	b.Helper()
	response := ask(b, chromedp.NavigateResponse(pages+page))
	if response == nil {
		b.Fatalf("%s is not answered", page)
	}
	return b
}

// fill types into fields: pairs of a name and a text.
func (b *tab) fill(pairs ...string) *tab {
	b.Helper()
	for i := 0; i < len(pairs); i += 2 {
		b.do(chromedp.Do(b.ctx, chromedp.SendKeys("#field-"+pairs[i], pairs[i+1])))
	}
	return b
}

// press clicks and waits for the next page.
func (b *tab) press(selector string) *tab {
	b.Helper()
	_, err := chromedp.RunResponse(b.ctx, chromedp.Click(selector))
	b.do(err)
	return b
}

func (b *tab) keys(keys string) *tab {
	b.Helper()
	b.do(chromedp.Do(b.ctx, chromedp.KeyEvent(keys)))
	return b
}

// focused is the id or, without one, the name of the element with the focus.
func (b *tab) focused() string {
	b.Helper()
	return ask(b, chromedp.Evaluate[string](`document.activeElement?.id || document.activeElement?.localName || "nothing"`))
}

// says fails unless the page says each of the texts.
func (b *tab) says(texts ...string) *tab {
	b.Helper()
	shown := ask(b, chromedp.Text("body"))
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			b.Errorf("the page does not say %q:\n%s", text, shown)
		}
	}
	return b
}

// fits looks at the page on a phone and on a desk, and with -update takes
// pictures under the name, unless it is "".
func (b *tab) fits(name string) *tab {
	b.Helper()
	for _, width := range []int64{360, 1280} {
		b.do(chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 780)))
		if got := ask(b, chromedp.Evaluate[int64](`document.scrollingElement.scrollWidth`)); got > width {
			b.Errorf("at %d pixels the page is %d wide", width, got)
		}
		if *update && name != "" {
			b.picture(fmt.Sprintf("portal-%s-%d.png", name, width))
		}
	}
	return b
}

func (b *tab) picture(name string) {
	b.Helper()
	picture := ask(b, chromedp.FullScreenshot(100))
	b.do(os.MkdirAll("../../docs/images", 0o755))
	b.do(os.WriteFile(filepath.Join("../../docs/images", name), picture, 0o644))
}

func (b *tab) address() string { return ask(b, chromedp.Location()) }

func TestBrowser(t *testing.T) {
	b := newBrowser(t)
	for language, s := range languages {
		name := func(english string) string { // pictures are taken in one language
			if language == "en" {
				return english
			}
			return ""
		}
		t.Run("confirm "+language, func(t *testing.T) { b.tab(t).confirms(language, s, name) })
		t.Run("invite "+language, func(t *testing.T) { b.tab(t).accepts(language, s, name) })
		t.Run("sign-in "+language, func(t *testing.T) { b.tab(t).signsIn(language, s, name) })
		t.Run("subaccount "+language, func(t *testing.T) { b.tab(t).enrolsAndSignsIn(language, name) })
		t.Run("own "+language, func(t *testing.T) { b.tab(t).changesOwn(language, name) })
		t.Run("forgot "+language, func(t *testing.T) { b.tab(t).forgets(language, s, name) })
	}
	t.Run("languages", func(t *testing.T) { b.tab(t).switches() })
	t.Run("dark", func(t *testing.T) { b.tab(t).darkens() })
	t.Run("keyboard", func(t *testing.T) { b.tab(t).walksByKeyboard() })
	t.Run("elsewhere", func(t *testing.T) { b.tab(t).comesFromElsewhere() })
	t.Run("long words", func(t *testing.T) { b.tab(t).wraps() })
}

func (b *tab) confirms(language string, s said, name func(string) string) {
	link := "/link/" + b.created("shop", language)
	b.open(link).says(s.confirm, "ACME AG").fits(name("confirm"))
	if got := b.address(); got != pages+"/confirm?lang="+language {
		b.Errorf("the page stands at %s", got)
	}
	b.fill("password", "abc", "repeat", "abd").press("button").stands("summary").says(s.differ).fits(name("confirm-error"))
	b.fill("password", secret, "repeat", secret).press("button").says(s.confirmed).fits(name("done"))
	b.open(link).says(s.used).fits(name("used"))
}

func (b *tab) accepts(language string, s said, name func(string) string) {
	b.open("/link/"+b.invited("anna.muster@example.ch", language, "invoices", "orders.view", "emails")).says(s.invite, "anna.muster@example.ch").fits(name("invite"))
	b.fill("first-name", "Anna", "last-name", "Muster", "password", secret, "repeat", secret).press("button").says(s.accepted).fits("")
	p, err := b.staff.Person(b.Context(), "acme", storetest.By("anna.muster@example.ch"))
	b.do(err)
	if p.Status() != staff.Active || p.Member.FullName() != "Anna Muster" {
		b.Errorf("the member is %+v", p.Member)
	}
	b.do(chromedp.Do(b.ctx, chromedp.NavigateBack()))
	b.says(s.used)
}

func (b *tab) signsIn(language string, s said, name func(string) string) {
	const email = "max.muster@example.ch"
	world := b.world
	world.do("", storetest.Enterprise("beta"))
	world.do("beta", storetest.Add(email, "all"), storetest.Password(email))
	link := "/link/" + b.invited(email, language, "all")
	b.open(link).press(`a[href*="sign-in"]`).says(s.signIn).fits(name("sign-in"))
	b.fill("username", email, "password", "wrong").press("button").fits(name("sign-in-error"))
	b.fill("username", email, "password", "a secret of "+email).press("button").says(s.mailFirst).fits(name("own-password"))
	mails := b.mails(email)
	if len(mails) != 1 {
		b.Fatalf("%d mails", len(mails))
	}
	b.open("/link/"+string(storetest.Key.Token(mails[0].Link))+"?lang="+language).fill("password", secret, "repeat", secret).press("button").says(s.changed)
	b.open(link).press(`a[href*="sign-in"]`).fill("username", email, "password", secret).press("button").says(s.accepted)
}

func (b *tab) forgets(language string, s said, name func(string) string) {
	const email = "anna.muster@example.ch"
	add := storetest.Add(email, "all")
	add.Language = &language
	b.world.do("acme", add, storetest.Password(email))
	b.open("/?lang=" + language).fits(name("start")).press(`main .links a[href*="forgot"]`).fits(name("forgot"))
	b.fill("username", email).press("button").fits(name("asked"))
	b.site.Close(b.Context())
	mails := b.mails(email)
	if len(mails) != 1 {
		b.Fatalf("%d mails", len(mails))
	}
	b.open("/link/" + string(storetest.Key.Token(mails[0].Link))).says(s.reset).fits(name("reset"))
	b.fill("password", secret, "repeat", secret).press("button").says(s.changed)
	b.do(chromedp.Do(b.ctx, chromedp.NavigateBack()))
	b.says(s.used)
}

func (b *tab) switches() {
	b.open("/link/" + b.created("shop", "de")).says("Unterkonto bestätigen").press(`nav a[hreflang="en"]`).says("Confirm your subaccount")
	b.fill("password", "x", "repeat", "x").press("button").says("Please check").press(`nav a[hreflang="de"]`).says("Unterkonto bestätigen")
	b.open("/link/unknown?lang=de").says("Dieser Link ist unvollständig").press(`nav a[hreflang="en"]`).says("This link is not complete").fits("")
}

func (b *tab) darkens() {
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
	b.do(err)
	b.open("/link/" + b.invited("anna.muster@example.ch", "en", "invoices", "orders.view", "emails")).fits("invite-dark")
	if got := ask(b, chromedp.Evaluate[string](`getComputedStyle(document.querySelector("main")).backgroundColor`)); got != "rgb(26, 32, 41)" {
		b.Errorf("in the dark the page is %s", got)
	}
	b.fill("first-name", "Anna").press("button").fits("error-dark")
}

// walksByKeyboard goes all the way by Tab, Enter and what is typed.
func (b *tab) walksByKeyboard() {
	b.open("/link/" + b.created("shop", "en")).keys("\t")
	if got := ask(b, chromedp.Evaluate[string](`document.activeElement.className + " " + getComputedStyle(document.activeElement).outlineStyle`)); got != "skip solid" {
		b.Errorf("first comes %q", got)
	}
	b.follow().keys("\t").stands("field-username").keys("\t").stands("field-password").keys("abc\t").stands("field-repeat")
	b.enters("abc\r").stands("summary").says("too short").keys("\t").follow().stands("field-password")
	if got := ask(b, chromedp.Title()); !strings.HasPrefix(got, "Error: ") {
		b.Errorf("the title is %q", got)
	}
	b.keys(secret + "\t" + secret + "\t").stands("button").enters("\r").says("Your subaccount is confirmed")
}

// follow presses Enter on a link within the page. The focus goes on at once, so
// the character, which a keyboard would not send then, must not follow.
func (b *tab) follow() *tab {
	b.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13})
		b.do(err)
	}
	return b
}

// stands fails unless the element has the focus, which a page gives soon after
// it is there.
func (b *tab) stands(at string) *tab {
	b.Helper()
	got := ""
	for range 40 {
		if got = b.focused(); got == at {
			return b
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatalf("%s has the focus instead of %s", got, at)
	return b
}

// enters types what leads to the next page.
func (b *tab) enters(keys string) *tab {
	b.Helper()
	_, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(keys))
	b.do(err)
	return b
}

// comesFromElsewhere posts with the person's cookies what another site wants.
func (b *tab) comesFromElsewhere() {
	b.open("/link/" + b.created("shop", "en")).says("Confirm your subaccount")
	token := ask(b, chromedp.AttributeValue("input[name=form]", "value")).Value
	page := `<form method="post" action="PAGES/confirm"><input name="form" value="` + token + `"><input name="password" value="` + secret +
		`"><input name="repeat" value="` + secret + `"><button>Win</button></form>`
	b.do(chromedp.Do(b.ctx, chromedp.Navigate("https://"+attacker+"/?page="+url.QueryEscape(page))))
	response, err := chromedp.RunResponse(b.ctx, chromedp.Click("button"))
	b.do(err)
	if response.Status != http.StatusForbidden {
		b.Errorf("it is answered by %d", response.Status)
	}
	b.says("The form could not be taken").fits("refused")
	p, err := b.staff.Subaccount(b.Context(), "acme", "shop")
	if b.do(err); p.Status() != staff.Pending {
		b.Error("another site has confirmed the subaccount")
	}
}

// wraps shows words that are longer than a phone is wide.
func (b *tab) wraps() {
	long := strings.Repeat("rechnungspruefung", 3)
	b.world.do("acme", staff.SetAccount{Settings: staff.Settings{DisplayName: new(strings.Repeat("Donaudampfschifffahrt", 4))}})
	b.open("/link/" + b.invited(long+"@"+long+".example.ch", "de", "all")).fits("")
	b.fill("username", ":"+long).press("button").fits("")
}
