package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// fromFlags returns the flags that were given.
func fromFlags(keys []Key, flags *pflag.FlagSet) (layer, error) {
	l := layer{}
	for i := range keys {
		k := &keys[i]
		f := given(flags, k)
		if f == nil {
			continue
		}
		value, err := k.accept("--"+k.Flag, flagValue(k, f))
		if err != nil {
			return nil, err
		}
		l[k.Name] = setting{value, "flag --" + k.Flag}
	}
	return l, nil
}

// given returns the key's flag if it stands on the command line, else nil.
func given(flags *pflag.FlagSet, k *Key) *pflag.Flag {
	if k.Flag == "" || flags == nil {
		return nil
	}
	if f := flags.Lookup(k.Flag); f != nil && f.Changed {
		return f
	}
	return nil
}

func flagValue(k *Key, f *pflag.Flag) any {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return split(k, f.Value.String())
}

// fromEnvironment returns the variables that are set and not empty.
func fromEnvironment(keys []Key, lookupEnv Lookup) (layer, error) {
	l := layer{}
	for i := range keys {
		k := &keys[i]
		if k.Variable == "" {
			continue
		}
		raw, _ := lookupEnv(k.Variable)
		if raw == "" {
			continue
		}
		value, err := k.accept(k.Variable, split(k, raw))
		if err != nil {
			return nil, err
		}
		l[k.Name] = setting{value, "environment " + k.Variable}
	}
	return l, nil
}

// split takes the text of a list or a mapping apart.
func split(k *Key, raw string) any {
	if k.Kind != List && k.Kind != Mapping {
		return raw
	}
	items := strings.Split(raw, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	if k.Kind == List {
		return items
	}
	m := map[string]string{}
	for _, item := range items {
		name, value, _ := strings.Cut(item, "=")
		m[name] = value
	}
	return m
}

func sortedNames[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
