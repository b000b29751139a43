package web

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
)

//go:embed assets/style.css
var styleSheet []byte

// style is the one style sheet under a name that changes with what it holds, so
// that browsers may keep it.
type style struct{ page string }

func newStyle() style {
	sum := sha256.Sum256(styleSheet)
	return style{"/style-" + hex.EncodeToString(sum[:6]) + ".css"}
}

func (v *visit) showStyle() {
	h := v.w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", "text/css; charset=utf-8")
	v.write(http.StatusOK, styleSheet)
}
