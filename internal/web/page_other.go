package web

import (
	"net/http"
	"slices"
)

// endings are what a done page may be about. After asked and mailed something
// is still to come by mail.
var endings = []string{"confirmed", "accepted", "reset", "email", "number", "signed-out", "asked", "mailed"}

func (v *visit) showStart() {
	v.show(&page{Title: v.t("start.title"), Text: []string{v.t("start.lead")}, Links: []anchor{v.link("in.title", "/sign-in"), v.link("start.forgot", "/forgot")}})
}

// showDone says what was done; it holds nothing of whom it was done for.
func (v *visit) showDone() {
	what := v.r.URL.Query().Get("what")
	if !slices.Contains(endings, what) {
		v.showRefusal("path", http.StatusNotFound)
		return
	}
	p := &page{Title: v.t("done." + what + ".title"), Text: []string{v.t("done." + what + ".lead")}}
	if what == "asked" || what == "mailed" {
		p.Text = append(p.Text, v.t("done."+what+".next"))
		v.show(p)
		return
	}
	p.Tone, p.Links = "done", []anchor{v.link("in.title", "/sign-in")}
	if v.site.Portal != v.site.Pages {
		p.Links = append(p.Links, anchor{v.t("done.portal"), v.site.Portal})
	}
	v.show(p)
}

// showHealth tells a monitor whether the store answers.
func (v *visit) showHealth() {
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := v.domain().Catalog(v.r.Context()); err != nil {
		v.site.Log.Error("the store does not answer", "request_id", v.id, "error", err.Error())
		v.w.Header().Set("Retry-After", "30")
		v.write(http.StatusServiceUnavailable, []byte("the store does not answer\n"))
		return
	}
	v.write(http.StatusOK, []byte("ok\n"))
}
