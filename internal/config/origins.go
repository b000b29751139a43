package config

import (
	"fmt"
	"strings"
)

// Origin says what a key is set to and by whom.
type Origin struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	// Source is such as "flag --store", "environment STAFFCTL_STORE",
	// "context prod in /path/config.yaml:7", "/path/config.yaml:3" or "default".
	Source string `json:"source"`
}

// Origins returns every key that has a value, in the order of [Keys]. No value
// is a secret: keys hold only the paths of secrets.
func (c *Config) Origins() []Origin {
	var list []Origin
	for _, k := range Keys() {
		if k.field == nil {
			continue
		}
		value, source := text(k.field(c)), c.origins[k.Name]
		switch {
		case source != "":
			list = append(list, Origin{k.Name, value, source})
		case value != "" && value != "false":
			list = append(list, Origin{k.Name, value, "default"})
		}
	}
	return list
}

// text writes the value behind a field's pointer for a reader.
func text(field any) string {
	switch p := field.(type) {
	case *string:
		return *p
	case *bool:
		return fmt.Sprint(*p)
	case *int:
		return fmt.Sprint(*p)
	case *[]string:
		return strings.Join(*p, ",")
	case *map[string]string:
		return strings.Join(sortedNames(*p), ",")
	default:
		return ""
	}
}
