package web

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

//go:embed assets/texts.json
var textsFile []byte

// readTexts reads what the pages say, by key, in both languages.
func readTexts() (map[string]staff.Label, error) {
	texts := map[string]staff.Label{}
	if err := json.Unmarshal(textsFile, &texts); err != nil {
		return nil, staff.Errorf(staff.CodeInternal, "", "the embedded texts: %w", err)
	}
	return texts, nil
}

func in(l staff.Language, label staff.Label) string {
	if l == staff.German {
		return label.German
	}
	return label.English
}

// text is what the pages say under the key, in the language.
func (s *Site) text(l staff.Language, key string, args ...any) string {
	label, known := s.texts[key]
	switch {
	case !known:
		panic("no text " + key)
	case len(args) == 0:
		return in(l, label)
	default:
		return fmt.Sprintf(in(l, label), args...)
	}
}

// t is the text in the language of the visit.
func (v *visit) t(key string, args ...any) string { return v.site.text(v.language, key, args...) }

func isLanguage(s string) bool { return slices.Contains(staff.Languages, s) }

// accepted chooses the language that an Accept-Language header (RFC 9110,
// 12.5.4) likes best; English where it likes neither.
func accepted(header string) staff.Language {
	best, most := staff.English, 0.0
	for entry := range strings.SplitSeq(header, ",") {
		tag, parameters, _ := strings.Cut(entry, ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		if q := quality(parameters); isLanguage(primary) && q > most {
			best, most = staff.Language(primary), q
		}
	}
	return best
}

func quality(parameters string) float64 {
	value, given := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
	if !given {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0
	}
	return q
}

// speak takes the language of the person whom a link is for, unless another was
// chosen on the page.
func (v *visit) speak(l staff.Language) {
	if !v.chosen && isLanguage(string(l)) {
		v.language = l
	}
}
