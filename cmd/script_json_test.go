package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/staffctl/staffctl/internal/output"
)

// What each staffctl of a script prints as JSON or YAML, and the JSON that it
// reads, is recorded by the process and validated when the script ends.

// recordsVariable names the directory of the records.
const recordsVariable = "RECORDS"

// record is what one run read and printed.
type record struct {
	Args   []string
	Format output.Format
	Narrow bool // by --columns
	Exit   int
	Whole  bool // nothing was refused by the reader
	In     []byte
	Out    []byte
	Err    []byte
}

func (r *record) String() string { return "staffctl " + strings.Join(r.Args, " ") }

// recordedMain is Main for scripts.
func recordedMain() int {
	d, r := systemDeps(), &record{Args: os.Args[1:], Whole: true}
	if os.Getenv(recordsVariable) == "" || d.ios.OutIsTerminal() || d.ios.ErrIsTerminal() {
		return Main()
	}
	ignoreClosedPipes()
	d.ios.Out, d.ios.Err = &tee{d.ios.Out, &r.Out, r}, &tee{d.ios.Err, &r.Err, r}
	if len(r.Args) > 1 && (r.Args[0] == "subaccount" || r.Args[0] == "invite") && !d.ios.InIsTerminal() {
		d.ios.In = io.TeeReader(d.ios.In, &tee{io.Discard, &r.In, r})
	}
	r.Exit = run(context.Background(), d, r.Args)
	r.Format = d.format()
	r.Narrow = d.loaded != nil && len(d.loaded.Columns) > 0
	if err := r.readFile(); err != nil {
		fmt.Fprintln(os.Stderr, "the record:", err)
		return 99
	}
	if err := r.save(os.Getenv(recordsVariable)); err != nil {
		fmt.Fprintln(os.Stderr, "the record:", err)
		return 99
	}
	return r.Exit
}

// tee keeps what is written.
type tee struct {
	to   io.Writer
	kept *[]byte
	of   *record
}

func (t *tee) Write(p []byte) (int, error) {
	n, err := t.to.Write(p)
	*t.kept = append(*t.kept, p[:n]...)
	t.of.Whole = t.of.Whole && err == nil
	return n, err
}

// readFile keeps the rows that were imported.
func (r *record) readFile() (err error) {
	if at := slices.Index(r.Args, "import"); at >= 0 && at+1 < len(r.Args) && r.Exit == 0 {
		if ext := filepath.Ext(r.Args[at+1]); ext == ".json" || ext == ".jsonl" {
			r.In, err = os.ReadFile(r.Args[at+1])
		}
	}
	return err
}

func (r *record) save(dir string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, "*.json")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}

// met are the types that real output was validated against.
var met sync.Map

// recordScript makes a directory for the records of a script, and validates them
// when it has ended.
func recordScript(env *testscript.Env) error {
	dir, err := os.MkdirTemp("", "staffctl-records")
	if err != nil {
		return err
	}
	env.Setenv(recordsVariable, dir)
	env.Defer(func() {
		err := errors.Join(validateRecords(dir), os.RemoveAll(dir))
		if err != nil {
			env.T().Fatal(err)
		}
	})
	return nil
}

func validateRecords(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	problems := []error{err}
	for _, file := range files {
		r := &record{}
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, r)
		}
		if err == nil {
			err = r.validate()
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// validate holds what was read and printed against the schemas of the command.
func (r *record) validate() error {
	s, err := theSchemas()
	if err != nil {
		return err
	}
	problems := []error{r.validateErr(s)}
	cmd, rest, err := testTree().Find(r.Args)
	if err != nil || !cmd.HasParent() || cmd.HasSubCommands() || cmd.ParseFlags(rest) != nil || cmd.Flags().Changed("help") {
		return errors.Join(problems...)
	}
	path := strings.TrimPrefix(cmd.CommandPath(), "staffctl ")
	if r.In != nil && r.Exit == 0 {
		problems = append(problems, r.each(r.In, func(value any) error { return s.read(path, value) }))
	}
	if format := r.outFormat(cmd); r.Whole && (format.Machine() || format == output.YAML) && !printsNoJSON(cmd) {
		problems = append(problems, r.each(r.Out, func(value any) error { return s.printed(path, format, r.Narrow, value) }))
	}
	return errors.Join(problems...)
}

// outFormat is the format of the result.
func (r *record) outFormat(cmd *cobra.Command) output.Format {
	if f := cmd.Flags().Lookup("format"); f != nil && f.Changed && cmd.Name() == "export" {
		return output.Format(f.Value.String())
	}
	if cmd.Name() == "schema" && cmd.Flags().NArg() > 0 {
		return output.JSON
	}
	return r.Format
}

// printsNoJSON tells of what prints no JSON, whatever -o says.
func printsNoJSON(cmd *cobra.Command) bool {
	generate := cmd.Flags().Lookup("generate")
	return slices.Contains([]string{"completion", "help", "serve"}, cmd.Name()) || generate != nil && generate.Changed
}

// validateErr looks for JSON among the lines on standard error: errors, and the log
// of serve.
func (r *record) validateErr(s *schemas) error {
	var problems []error
	for line := range bytes.Lines(r.Err) {
		if bytes.HasPrefix(line, []byte("{")) {
			problems = append(problems, r.each(line, s.onStderr))
		}
	}
	return errors.Join(problems...)
}

// each validates each value of a text of JSON or YAML. A list that was broken off
// by an error is left open.
func (r *record) each(text []byte, validate func(value any) error) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	next := func(v *any) error { return decoder.Decode(v) }
	if start := bytes.TrimSpace(text); len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		next = func(v *any) error { return decoder.Decode(v) }
	}
	for {
		var value any
		switch err := next(&value); {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && r.Exit != 0:
			return nil
		case err != nil:
			return fmt.Errorf("%s: what it prints or reads is neither JSON nor YAML: %w\n%s", r, err, text)
		}
		if err := validate(value); err != nil {
			return fmt.Errorf("%s: %w", r, err)
		}
	}
}

// checkAllMet fails where all scripts together have met no JSON of a type.
func checkAllMet(t *testing.T) {
	for _, s := range shapes() {
		if _, ok := met.Load(s.name); !ok {
			t.Errorf("no script prints or reads JSON of the type %s: write one that does, with -o json", s.name)
		}
	}
}
