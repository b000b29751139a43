package config

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/wholefile"
)

// UseContext makes name the context in force in the file at path, which keeps
// its comments and order. changed is false when it was that already. The
// error has code not_found when the file has no such context.
func UseContext(path, name string) (changed bool, err error) {
	return edit(path, false, func(root *yaml.Node, file *document) (bool, error) {
		if _, ok := file.contexts[name]; !ok {
			return false, unknownContext("", name, file.contexts)
		}
		return setText(root, "context", name), nil
	})
}

// SetContext adds or changes a context in the file at path, and makes the
// file, and its directory, when missing. An empty field of c leaves what is
// there; a relative store is one of the working directory. The error has code
// invalid for a name or a store that no context may have.
func SetContext(path, name string, c Context) (changed bool, err error) {
	c, err = writable(name, c)
	if err != nil {
		return false, err
	}
	return edit(path, true, func(root *yaml.Node, file *document) (bool, error) {
		if (c == Context{}) {
			_, exists := file.contexts[name]
			return false, emptyContext(name, exists)
		}
		n := childMapping(childMapping(root, "contexts"), name)
		changed, present := false, file.contexts[name]
		for _, key := range ContextKeys {
			if value := *c.Field(key); value != "" && value != *present.Field(key) {
				changed = setText(n, key, value) || changed
			}
		}
		return changed, nil
	})
}

// RemoveContext removes a context from the file at path, and the key context
// when that names it. The error has code not_found when it is not there.
func RemoveContext(path, name string) (changed bool, err error) {
	return edit(path, false, func(root *yaml.Node, file *document) (bool, error) {
		if _, ok := file.contexts[name]; !ok {
			return false, unknownContext("", name, file.contexts)
		}
		removeKey(childMapping(root, "contexts"), name)
		if file.settings.text("context") == name {
			removeKey(root, "context")
		}
		return true, nil
	})
}

// writable checks what a command line gives for a context.
func writable(name string, c Context) (Context, error) {
	if !isContextName(name) {
		return c, staff.Errorf(staff.CodeInvalid, "context", "%s", badContextName(name))
	}
	if wrong := checkStore(c.Store); wrong != "" {
		return c, staff.Errorf(staff.CodeInvalid, "store", "store %s", wrong)
	}
	for _, key := range ContextKeys {
		if wrong := checkLine(*c.Field(key)); wrong != "" {
			return c, staff.Errorf(staff.CodeInvalid, key, "%s %s", key, wrong)
		}
	}
	for _, key := range ContextKeys {
		path := c.Field(key)
		if key == "account" || *path == "" || startsAtHome(*path) || strings.Contains(*path, "://") {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return c, staff.Errorf(staff.CodeInvalid, key, "%s: %w", key, err)
		}
		*path = absolute
	}
	return c, nil
}

func emptyContext(name string, exists bool) error {
	if exists {
		return nil
	}
	return staff.Errorf(staff.CodeInvalid, "context", "context %s needs a store or an account", name)
}

// edit runs change on the file's content under a lock, and writes what it
// changed. A file with errors is left alone.
func edit(path string, create bool, change func(*yaml.Node, *document) (bool, error)) (bool, error) {
	if path == "" {
		return false, staff.Errorf(staff.CodeInvalid, "config",
			"no home directory is known for the configuration file; give --config or STAFFCTL_CONFIG")
	}
	// A link, say into a directory of dotfiles, stays one.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if create {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return false, cannotWrite(err)
		}
	} else if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return change(&yaml.Node{Kind: yaml.MappingNode}, &document{})
	}
	unlock, err := lock(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock"))
	if err != nil {
		return false, cannotWrite(err)
	}
	defer unlock()
	return editLocked(path, change)
}

func editLocked(path string, change func(*yaml.Node, *document) (bool, error)) (bool, error) {
	data, err := readFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	doc, err := parse(path, data)
	if err != nil {
		return false, err
	}
	file, err := check(Keys(), path, doc)
	if err != nil {
		return false, err
	}
	var comments []byte
	if doc.Kind == 0 {
		comments = data
		*doc = yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
	}
	spellNulls(doc, false)
	changed, err := change(doc.Content[0], file)
	if err != nil || !changed {
		return false, err
	}
	renewed, err := encode(comments, doc)
	if err != nil {
		return false, err
	}
	err = wholefile.Replace(path, func(w io.Writer) error {
		_, err := w.Write(keepBlankLines(data, renewed))
		return err
	})
	if err != nil {
		return false, cannotWrite(err)
	}
	return true, nil
}

// encode writes doc below the comments of a file that held nothing else.
func encode(comments []byte, doc *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	out.Write(comments)
	if len(comments) > 0 && !bytes.HasSuffix(comments, []byte("\n")) {
		out.WriteByte('\n')
	}
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(doc), encoder.Close()); err != nil {
		return nil, staff.Errorf(staff.CodeInternal, "config", "cannot write the configuration: %w", err)
	}
	return out.Bytes(), nil
}

func cannotWrite(err error) error {
	return staff.Errorf(staff.CodeUnavailable, "config", "cannot write the configuration: %w", err)
}
