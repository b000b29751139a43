package staff

import (
	"slices"
	"strings"
)

// Phone is a number with what it is for.
type Phone struct {
	Label  string `json:"label" yaml:"label"`   // one of PhoneLabels
	Number string `json:"number" yaml:"number"` // E.164, such as +41445551234
}

// String returns the phone as it is given on the command line.
func (p Phone) String() string { return p.Label + "=" + p.Number }

// maxPhones bounds what one person can have.
const maxPhones = 20

// ParsePhone reads LABEL=NUMBER.
func ParsePhone(s string) (Phone, error) {
	label, number, ok := strings.Cut(s, "=")
	if !ok {
		return Phone{}, Errorf(CodeInvalid, "phone", "phone %q has no label; give it as in work=+41 44 555 12 34", s)
	}
	if !slices.Contains(PhoneLabels, label) {
		return Phone{}, Errorf(CodeInvalid, "phone", "no phone label %q%s", label, Suggest(label, PhoneLabels))
	}
	number, err := parseNumber(number)
	return Phone{Label: label, Number: number}, err
}

// parseNumber returns the number in E.164: a plus, the calling code, and at
// most 15 digits in all. White space and the signs of print are dropped, and so
// is the trunk zero of +41 (0)44.
func parseNumber(s string) (string, error) {
	refuse := func(why string) (string, error) {
		return "", Errorf(CodeInvalid, "phone", "phone number %q %s; give it as in +41 44 555 12 34", s, why)
	}
	digits, ok := strings.CutPrefix(strings.TrimSpace(s), "+")
	if !ok {
		return refuse("does not begin with + and a calling code")
	}
	digits = strings.Replace(digits, "(0)", "", 1)
	digits = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0-./()", r) {
			return -1
		}
		return r
	}, digits)
	if strings.Trim(digits, "0123456789") != "" {
		return refuse("holds more than digits and separators")
	}
	code := callingCode(digits)
	national := len(digits) - len(code)
	switch {
	case code == "":
		return refuse("has a calling code that no country has")
	case code == "1" && national != 10:
		return refuse("needs 10 digits after +1")
	case national < 4 || len(digits) > 15:
		return refuse("needs 4 digits after the calling code, and 15 in all at most")
	}
	return "+" + digits, nil
}

// callingCodes are the codes that ITU-T E.164 assigns (list of Recommendation
// E.164 assigned country codes), by their length.
var callingCodes = [...]string{
	1: " 1 7 ",
	2: " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 ",
	3: " 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249" +
		" 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359" +
		" 370 371 372 373 374 375 376 377 378 379 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509" +
		" 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692" +
		" 800 808 850 852 853 855 856 870 878 880 881 882 883 886 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 979" +
		" 992 993 994 995 996 998 ",
}

func callingCode(digits string) string {
	for n := 1; n < len(callingCodes) && n <= len(digits); n++ {
		if strings.Contains(callingCodes[n], " "+digits[:n]+" ") {
			return digits[:n]
		}
	}
	return ""
}

func parsePhones(texts []string) ([]Phone, error) {
	var phones []Phone
	for _, s := range texts {
		p, err := ParsePhone(s)
		if err != nil {
			return nil, err
		}
		phones = addPhone(phones, p)
	}
	return phones, checkPhones(phones)
}

func addPhone(phones []Phone, p Phone) []Phone {
	if slices.Contains(phones, p) {
		return phones
	}
	return append(phones, p)
}

// replacePhones puts the phones of each of the labels in the place of those that
// are there; what does not change stays where it is.
func replacePhones(there, phones []Phone, labels []string) []Phone {
	for _, label := range labels {
		other := func(p Phone) bool { return p.Label != label }
		had, has := slices.DeleteFunc(slices.Clone(there), other), slices.DeleteFunc(slices.Clone(phones), other)
		if slices.Equal(had, has) {
			continue
		}
		is := func(p Phone) bool { return p.Label == label }
		at := slices.IndexFunc(there, is)
		if at < 0 {
			at = len(there)
		}
		there = slices.Insert(slices.DeleteFunc(slices.Clone(there), is), at, has...)
	}
	return there
}

func checkPhones(phones []Phone) error {
	if len(phones) > maxPhones {
		return Errorf(CodeInvalid, "phone", "%d phones are too many; at most %d are allowed", len(phones), maxPhones)
	}
	return nil
}

// removePhone drops the phones that the word names: a label, a number, or both.
func removePhone(phones []Phone, word string) ([]Phone, error) {
	label, number, both := strings.Cut(word, "=")
	if !both && strings.HasPrefix(word, "+") {
		label, number = "", word
	}
	if number != "" {
		parsed, err := parseNumber(number)
		if err != nil {
			return nil, err
		}
		number = parsed
	}
	rest := slices.DeleteFunc(slices.Clone(phones), func(p Phone) bool {
		return (label == "" || p.Label == label) && (number == "" || p.Number == number)
	})
	if (label != "" || number == "") && !slices.Contains(PhoneLabels, label) {
		return nil, Errorf(CodeInvalid, "remove-phone", "no phone label %q%s", label, Suggest(label, PhoneLabels))
	}
	return rest, nil
}
