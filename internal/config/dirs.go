package config

import (
	"path/filepath"
	"runtime"
	"strings"
)

// Dirs are the user's own directories for staffctl. They need not exist, and
// are empty where the environment names no home.
type Dirs struct{ Config, Data string }

// UserDirs returns them by the custom of the system: the XDG base directories
// on Unix, ~/Library/Application Support on macOS, %AppData% and
// %LocalAppData% on Windows. As the XDG specification says, a relative path
// in a variable counts as unset.
func UserDirs(lookupEnv func(string) (string, bool)) Dirs {
	return userDirs(runtime.GOOS, lookupEnv)
}

// HomeVariables are the variables that [UserDirs] looks at on this system.
func HomeVariables() []string {
	switch runtime.GOOS {
	case "windows":
		return []string{"AppData", "LocalAppData", "USERPROFILE"}
	case "darwin":
		return []string{"HOME"}
	default:
		return []string{"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"}
	}
}

func userDirs(goos string, lookupEnv Lookup) Dirs {
	home := home(lookupEnv)
	switch goos {
	case "windows":
		return Dirs{
			Config: under(absolute(lookupEnv, "AppData"), "staffctl"),
			Data:   under(absolute(lookupEnv, "LocalAppData"), "staffctl"),
		}
	case "darwin":
		both := under(home, "Library", "Application Support", "staffctl")
		return Dirs{Config: both, Data: both}
	}
	d := Dirs{
		Config: under(absolute(lookupEnv, "XDG_CONFIG_HOME"), "staffctl"),
		Data:   under(absolute(lookupEnv, "XDG_DATA_HOME"), "staffctl"),
	}
	if d.Config == "" {
		d.Config = under(home, ".config", "staffctl")
	}
	if d.Data == "" {
		d.Data = under(home, ".local", "share", "staffctl")
	}
	return d
}

// home returns the home directory, or "" where none is known.
func home(lookupEnv Lookup) string {
	if runtime.GOOS == "windows" {
		return absolute(lookupEnv, "USERPROFILE")
	}
	return absolute(lookupEnv, "HOME")
}

func absolute(lookupEnv Lookup, name string) string {
	if dir, _ := lookupEnv(name); filepath.IsAbs(dir) {
		return dir
	}
	return ""
}

// under joins path elements below dir, and stays empty below an unknown one.
func under(dir string, elements ...string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, filepath.Join(elements...))
}

// startsAtHome tells paths that expandHome changes.
func startsAtHome(path string) bool {
	return path == "~" || strings.HasPrefix(path, "~/") || strings.HasPrefix(path, "~"+string(filepath.Separator))
}

// expandHome puts the home directory for a leading ~, for values that no
// shell has seen.
func expandHome(path, home string) string {
	if home == "" || !startsAtHome(path) {
		return path
	}
	return filepath.Join(home, path[1:])
}

// beside resolves a path that stands in file; the address of a cluster is none.
func beside(file, path string) string {
	if filepath.IsAbs(path) || startsAtHome(path) || strings.Contains(path, "://") {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}
