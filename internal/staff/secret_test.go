package staff

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// A secret reads "set" however it is shown.
func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	const secret = "hunter2 hunter2"
	password := PlainPassword(secret)
	if _, err := password.hashFor(&fakePasswords{}, anna()); err != nil {
		t.Fatal(err)
	}
	foreign := HashedPassword(secret)
	login := Login{Username: "anna", PasswordHash: secret}
	member := anna()
	member.Login = &login
	proof := Proof{login: 1, username: "anna", hash: secret}
	action := SetPassword{Member: by("anna@example.ch"), Password: password}
	for name, v := range map[string]any{
		"Secret": Secret(secret), "*NewPassword": password, "NewPassword": *password, "*NewPassword of a hash": foreign, "NewPassword of a hash": *foreign,
		"SetPassword": action, "*SetPassword": &action, "Login": login, "*Login": &login, "Member": *member, "*Member": member,
		"Change": Change{"password", Secret(secret), Secret(secret)}, "Diff": Diff[Login]{&login, &login}, "[]any": []any{login, *password}, "map": map[string]any{"a": Secret(secret)},
		"Proof": proof, "*Proof": &proof, "[]*Proof": []*Proof{&proof}, "[]Proof": []Proof{proof}, "AcceptInvite": AcceptInvite{Token: secret, Proof: &proof, Password: password},
		"ConfirmSubaccount": ConfirmSubaccount{Token: secret, Password: foreign}, "ChoosePassword": ChoosePassword{Token: secret, Password: password}, "Facts": Facts{Login: &login, Found: []*Member{member}},
	} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		for _, shown := range []string{string(text), fmt.Sprint(v), fmt.Sprintf("%v", v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), fmt.Sprint(Errorf(CodeInternal, "", "%v", v))} {
			if strings.Contains(shown, "hunter2") {
				t.Errorf("%s shows %s", name, shown)
			}
		}
	}
	for want, got := range map[string]string{"set": fmt.Sprint(Secret(secret)), `"set"`: jsonOf(Secret(secret)), "": fmt.Sprint(Secret("")), `""`: jsonOf(Secret(""))} {
		if got != want {
			t.Errorf("a secret reads %s, want %s", got, want)
		}
	}
	if got := jsonOf(action); !strings.Contains(got, `"password":"set"`) {
		t.Errorf("the action marshals as %s", got)
	}
}
