package web_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/staff"
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Each text has both languages with the same blanks, and is used.
func TestTexts(t *testing.T) {
	t.Parallel()
	texts := map[string]staff.Label{}
	if err := json.Unmarshal([]byte(readFile(t, "assets/texts.json")), &texts); err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := readFile(t, "assets/page.html")
	for _, name := range sources {
		if !strings.HasSuffix(name, "_test.go") {
			code += readFile(t, name)
		}
	}
	blank := regexp.MustCompile(`%[a-z]`)
	for key, text := range texts {
		if text.German == "" || text.English == "" || strings.Join(blank.FindAllString(text.German, -1), "") != strings.Join(blank.FindAllString(text.English, -1), "") {
			t.Errorf("%s: the languages do not fit: %+v", key, text)
		}
		if strings.Contains(text.German, "ß") {
			t.Errorf("%s: %q has an ß, which Swiss readers do not use", key, text.German)
		}
		group, _, _ := strings.Cut(key, ".")
		if !strings.Contains(code, `"`+key+`"`) && !strings.Contains(code, `"`+group+`."`) && !strings.Contains(code, `("`+group+`", `) {
			t.Errorf("%s is never said", key)
		}
	}
}

// What is read has a contrast of 4.5 to 1 on what it stands on, what only shows
// where something is of 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).
func TestContrast(t *testing.T) {
	t.Parallel()
	sheet := readFile(t, "assets/style.css")
	light, dark, _ := strings.Cut(sheet, "@media (prefers-color-scheme: dark)")
	for name, part := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(part, -1) {
			colors[m[1]] = m[2]
		}
		for _, pair := range []struct {
			front, back string
			least       float64
		}{
			{"text", "ground", 4.5}, {"text", "card", 4.5}, {"muted", "ground", 4.5}, {"muted", "card", 4.5},
			{"accent", "card", 4.5}, {"accent-deep", "card", 4.5}, {"on-accent", "accent", 4.5}, {"on-accent", "accent-deep", 4.5},
			{"wrong", "card", 4.5}, {"wrong", "wrong-ground", 4.5}, {"text", "wrong-ground", 4.5},
			{"done", "done-ground", 4.5}, {"note", "note-ground", 4.5}, {"edge", "card", 3}, {"accent", "ground", 3},
		} {
			if got := contrast(t, colors[pair.front], colors[pair.back]); got < pair.least {
				t.Errorf("%s: %s on %s has %.2f to 1", name, pair.front, pair.back, got)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, color string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(color[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
