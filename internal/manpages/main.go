// Manpages writes a manual page for each command of staffctl, for the archives and
// packages of a release. It is a program of its own, so that staffctl itself holds
// none of it.
//
//	go run ./internal/manpages -date 2006-01-02 -version 1.2.3 DIR
package main

import (
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/staffctl/staffctl/cmd"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "manpages:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var e edition
	flags := flag.NewFlagSet("manpages", flag.ContinueOnError)
	flags.StringVar(&e.date, "date", "", "the day of the commit, so that the pages of a commit are always the same")
	flags.StringVar(&e.version, "version", "", "the version of staffctl")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 || e.date == "" || e.version == "" {
		return errors.New("give -date, -version and the directory to write to")
	}
	dir := flags.Arg(0)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range e.pages(cmd.Tree()) {
		if err := compress(filepath.Join(dir, name+".gz"), text); err != nil {
			return err
		}
	}
	return nil
}

// compress writes a file as packages hold manual pages, without a name or a time.
func compress(path, text string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err == nil {
		_, err = z.Write([]byte(text))
		err = errors.Join(err, z.Close())
	}
	return errors.Join(err, file.Close())
}
