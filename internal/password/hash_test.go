package password

import (
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/staff"
)

// Hashes of "correct horse staple" by other programs: the reference
// implementation of Argon2, libxcrypt, and OpenSSL.
const (
	madeArgon2id = "$argon2id$v=19$m=64,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$R9txNpVCl/j4IxX7B26ORK24i8KPn13XqXcgHWBX/Rw"
	madeBcrypt2a = "$2a$04$abcdefghijklmnopqrstuuExwjrTlMuvouivHACqNbgvEJuF0RKa2"
	madeBcrypt2b = "$2b$04$abcdefghijklmnopqrstuuExwjrTlMuvouivHACqNbgvEJuF0RKa2"
	madeBcrypt2y = "$2y$04$abcdefghijklmnopqrstuuExwjrTlMuvouivHACqNbgvEJuF0RKa2"
	madeScrypt   = "$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$2N/5XYUWaHvi7K9xHprtb4OJu0V18V1xGXnLhK0BU3s"

	salt = "MDEyMzQ1Njc4OWFiY2RlZg"
	key  = "R9txNpVCl/j4IxX7B26ORK24i8KPn13XqXcgHWBX/Rw"
	rest = "$" + salt + "$" + key
)

func TestVerifyHashesFromElsewhere(t *testing.T) {
	for _, phc := range []string{madeArgon2id, madeBcrypt2a, madeBcrypt2b, madeBcrypt2y, madeScrypt} {
		if err := (Policy{}).CheckHash(phc); err != nil {
			t.Errorf("CheckHash(%s) = %v", phc, err)
		}
		if ok, err := Verify(phc, "correct horse staple"); !ok || err != nil {
			t.Errorf("Verify(%s) = %v, %v; want true", phc, ok, err)
		}
		if ok, err := Verify(phc, "correct horse stapler"); ok || err != nil {
			t.Errorf("Verify(%s) of another password = %v, %v; want false", phc, ok, err)
		}
		if !(Policy{}).NeedsRehash(phc) {
			t.Errorf("NeedsRehash(%s) = false", phc)
		}
	}
	if _, err := Verify("$argon2id$v=19$m=65537,t=1,p=1"+rest, good); err == nil {
		t.Error("Verify computed a hash beyond the bounds")
	}
}

func TestHash(t *testing.T) {
	phc, err := Policy{}.Hash(good)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("Hash = %s", phc)
	}
	if (Policy{}).NeedsRehash(phc) {
		t.Errorf("NeedsRehash(%s) = true", phc)
	}
	if ok, err := Verify(phc, good); !ok || err != nil {
		t.Errorf("Verify(%s) = %v, %v; want true", phc, ok, err)
	}
	if ok, err := Verify(phc, good+"x"); ok || err != nil {
		t.Errorf("Verify of another password = %v, %v; want false", ok, err)
	}
	if again, _ := (Policy{}).Hash(good); again == phc {
		t.Error("two hashes have one salt")
	}
}

func TestHashWantsNormalised(t *testing.T) {
	for _, text := range []string{"", "e\u0301te", "tulip\u3000orbit", "tulip\n", "\xff"} {
		if phc, err := (Policy{}).Hash(text); staff.CodeOf(err) != staff.CodeInternal || phc != "" {
			t.Errorf("Hash(%q) = %q, %v; want an internal error", text, phc, err)
		}
	}
}

func TestNeedsRehash(t *testing.T) {
	tests := map[string]bool{
		"$argon2id$v=19$m=65536,t=3,p=4" + rest:                 false,
		"$argon2id$v=19$m=65535,t=3,p=4" + rest:                 true,
		"$argon2id$v=19$m=65536,t=2,p=4" + rest:                 true,
		"$argon2id$v=19$m=65536,t=3,p=1" + rest:                 true,
		"$argon2id$v=19$m=65536,t=3,p=4$MDEyMzQ1Njc4OWE$" + key: true,
		"$argon2id$v=19$m=65536,t=3,p=4$" + salt + "$" + salt:   true,
		"not a hash": true,
	}
	for phc, want := range tests {
		if got := (Policy{}).NeedsRehash(phc); got != want {
			t.Errorf("NeedsRehash(%s) = %v, want %v", phc, got, want)
		}
	}
}

func TestCheckHashAcceptsTheBounds(t *testing.T) {
	for _, phc := range []string{
		"$argon2id$v=19$m=65536,t=10,p=16" + rest,
		"$argon2id$v=19$m=8,t=1,p=1" + rest,
		"$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgc$" + salt,
		"$scrypt$ln=16,r=8,p=4" + rest,
		"$scrypt$ln=13,r=8,p=10" + rest,
		"$2b$12" + madeBcrypt2b[6:],
	} {
		if err := (Policy{}).CheckHash(phc); err != nil {
			t.Errorf("CheckHash(%s) = %v", phc, err)
		}
	}
}

func TestCheckHashRefuses(t *testing.T) {
	tests := []struct{ phc, want string }{
		{"", "is empty"},
		{"hunter2hunter2", "accepted are argon2id"},
		{"$argon2i$v=19$m=64,t=2,p=2" + rest, "accepted are argon2id"},
		{"$6$salt$" + key, "accepted are argon2id"},
		{"$2x$04" + madeBcrypt2a[6:], "accepted are argon2id"},
		{madeArgon2id + "\n", "a line break"},
		{strings.Replace(madeArgon2id, "R9tx", "R9\ntx", 1), "a line break"},
		{madeArgon2id + strings.Repeat("A", 512), "at most 512"},
		{"$argon2id$m=64,t=2,p=2" + rest, "v=19"},
		{"$argon2id$v=16$m=64,t=2,p=2" + rest, "v=19"},
		{madeArgon2id + "$", "v=19"},
		{"$argon2id$v=19$t=2,m=64,p=2" + rest, "the numbers m, t, p"},
		{"$argon2id$v=19$m=64,t=2,p=2,data=AA" + rest, "the numbers m, t, p"},
		{"$argon2id$v=19$m=064,t=2,p=2" + rest, "cannot be read"},
		{"$argon2id$v=19$m=+64,t=2,p=2" + rest, "cannot be read"},
		{"$argon2id$v=19$m=4294967360,t=2,p=2" + rest, "cannot be read"},
		{"$argon2id$v=19$m=65537,t=2,p=2" + rest, "m=65537; 16 to 65536 KiB are accepted"},
		{"$argon2id$v=19$m=15,t=2,p=2" + rest, "m=15; 16 to"},
		{"$argon2id$v=19$m=64,t=0,p=2" + rest, "t=0; 1 to 10"},
		{"$argon2id$v=19$m=64,t=11,p=2" + rest, "t=11; 1 to 10"},
		{"$argon2id$v=19$m=64,t=2,p=0" + rest, "p=0; 1 to 16"},
		{"$argon2id$v=19$m=65536,t=2,p=17" + rest, "p=17; 1 to 16"},
		{madeArgon2id + "=", "base64 without padding"},
		{"$argon2id$v=19$m=64,t=2,p=2$" + salt[:21] + "h$" + key, "base64 without padding"},
		{"$argon2id$v=19$m=64,t=2,p=2$AAECAwQFBg$" + key, "salt of 7 bytes"},
		{"$argon2id$v=19$m=64,t=2,p=2$" + salt + "$AAECAwQFBg", "hash part of 7 bytes"},
		{"$2b$13" + madeBcrypt2b[6:], "04 to 12"},
		{"$2b$03" + madeBcrypt2b[6:], "04 to 12"},
		{"$2b$+9" + madeBcrypt2b[6:], "04 to 12"},
		{madeBcrypt2b[:59], "53 letters"},
		{madeBcrypt2b[:59] + "+", "53 letters"},
		{madeBcrypt2b[:30] + "+" + madeBcrypt2b[31:], "53 letters"},
		{"$scrypt$ln=17,r=8,p=1" + rest, "takes 128 MiB 1 times; at most 64 MiB"},
		{"$scrypt$ln=16,r=8,p=5" + rest, "takes 64 MiB 5 times"},
		{"$scrypt$ln=63,r=1,p=1" + rest, "ln=63; 1 to 20"},
		{"$scrypt$ln=4,r=33,p=1" + rest, "r=33; 1 to 32"},
		{"$scrypt$ln=4,r=8,p=17" + rest, "p=17; 1 to 16"},
		{"$scrypt$v=1$ln=4,r=8,p=1" + rest, "$scrypt$ln="},
		{"$scrypt$ln=4,r=8" + rest, "the numbers ln, r, p"},
		{"$scrypt$ln=4,r=8,p=1$" + salt + "$" + key[:42] + "x", "base64"},
	}
	for _, tt := range tests {
		err := Policy{}.CheckHash(tt.phc)
		wantRefusal(t, err, "hash", tt.want)
		if tt.phc != "" && strings.Contains(err.Error(), tt.phc) || strings.Contains(err.Error(), salt) {
			t.Errorf("the message quotes the hash: %q", err)
		}
	}
}

func FuzzCheckHash(f *testing.F) {
	for _, phc := range []string{madeArgon2id, madeBcrypt2a, madeScrypt, "$", "$$$$$$", "$2b$$"} {
		f.Add(phc)
	}
	f.Fuzz(func(t *testing.T, phc string) {
		if err := (Policy{}).CheckHash(phc); err != nil {
			wantRefusal(t, err, "hash", "the ")
			return
		}
		h, err := parse(phc)
		if err != nil {
			t.Fatalf("parse(%q) = %v after CheckHash accepted it", phc, err)
		}
		if a, ok := h.(argon2id); ok && a.String() != phc {
			t.Errorf("%q was read as %q", phc, a)
		}
	})
}
