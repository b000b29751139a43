package config

import (
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// merged is the layers put together.
type merged struct {
	viper   *viper.Viper
	origins map[string]string
}

// merge gives viper the layers: flags bound, the rest in rising order, since
// viper itself would read only the real environment and knows no contexts.
func merge(keys []Key, flags *pflag.FlagSet, computed map[string]string, rising ...layer) merged {
	m := merged{viper: viper.New(), origins: map[string]string{}}
	values := map[string]any{}
	for _, l := range rising {
		for name, s := range l {
			values[name], m.origins[name] = s.value, s.origin
		}
	}
	// Fails only for a value that is no map.
	_ = m.viper.MergeConfigMap(values)
	for _, k := range keys {
		if d, ok := computed[k.Name]; ok {
			m.viper.SetDefault(k.Name, d)
		} else if k.Default != "" && !k.Computed {
			m.viper.SetDefault(k.Name, k.Default)
		}
		if f := given(flags, &k); f != nil {
			_ = m.viper.BindPFlag(k.Name, f)
			m.origins[k.Name] = "flag --" + k.Flag
		}
	}
	return m
}

// fill copies what is set, or has a default, into c.
func (m merged) fill(c *Config, keys []Key, home string) {
	for _, k := range keys {
		if k.field == nil || (m.origins[k.Name] == "" && k.Default == "") {
			continue
		}
		switch p := k.field(c).(type) {
		case *string:
			*p = m.viper.GetString(k.Name)
			if k.Kind == Path {
				*p = expandHome(*p, home)
			}
		case *bool:
			*p = m.viper.GetBool(k.Name)
		case *int:
			*p = m.viper.GetInt(k.Name)
		case *[]string:
			*p = m.viper.GetStringSlice(k.Name)
		case *map[string]string:
			*p, _ = m.viper.Get(k.Name).(map[string]string)
		}
	}
}
