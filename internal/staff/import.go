package staff

import (
	"context"
	"iter"
)

// Row is one of many that are asked for at once: a line of a file.
type Row struct {
	Line   int    // where it begins in its file, from 1
	Action Action // nil where Err says why it cannot be read
	Err    error
	// Source is the row as it was read, for whoever writes the bad ones back.
	Source any
}

// Failure is a row that was refused, and why.
type Failure struct {
	Line   int
	Source any
	Err    *Error
}

// Import says how many rows are carried out.
type Import struct {
	Account string // name; "" is the only one there is
	// Rows are read as often as they are planned: again where others have changed the
	// same people meanwhile. An error that they yield ends the import.
	Rows iter.Seq2[Row, error]
	// KeepGoing carries out the good rows though others are bad. Else one bad row
	// means that nothing is changed.
	KeepGoing bool
	// Progress is told from time to time how many rows are read, and how many of
	// them are bad; it may be nil.
	Progress func(rows, failed int64)
}

// Imported is what an import came to. Its counts are of rows.
type Imported struct {
	Rows, Added, Updated, Unchanged int64
	Failures                        []Failure // by line
	// Mails are the mails that were queued, or would be.
	Mails int64
	// Warnings are the different ones, each with how often it was given.
	Warnings []string
}

// Import carries out the rows as one atomic step, however many they are.
// Where rows are refused it returns what it came to all the same, with
// CodePartial where the others were carried out, else with the code of the first.
func (s *Staff) Import(ctx context.Context, i Import) (*Imported, error) {
	panic("being written")
}

// PlanImport finds out what Import would come to, and changes nothing.
func (s *Staff) PlanImport(ctx context.Context, i Import) (*Imported, error) {
	panic("being written")
}
