package cmd

import (
	"io"

	"github.com/staffctl/staffctl/internal/output"
)

// forPeople reports whether results are printed as tables and sentences.
func (d *deps) forPeople() bool {
	f := d.format()
	return f == output.Table || f == output.Wide || f == ""
}

// answer prints the one thing that a command came to: for people as a
// sentence, which --quiet leaves out, for programs as an object.
func answer[T any](d *deps, view output.View[T], row T, sentence string) error {
	if !d.forPeople() {
		p := output.New(d.ios, output.Options{Format: d.format()})
		if d.loaded != nil {
			p = output.New(d.ios, d.options())
		}
		return output.One(p, view, row)
	}
	if d.quiet() {
		return nil
	}
	_, err := io.WriteString(d.ios.Out, sentence+"\n")
	return err
}
