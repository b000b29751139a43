package staff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Row is one of many that are asked for at once: a line of a file.
type Row struct {
	Line int // where it begins in its file, from 1
	// Action adds a member, a subaccount or an invite; it is nil where Err says why the
	// row cannot be read.
	Action Action
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

// Import says which rows are carried out, and how.
type Import struct {
	Account string // name; "" is the only one there is
	// Rows are read as often as they are planned: again where others have changed the
	// same people meanwhile. An error that they yield ends the import.
	Rows iter.Seq2[Row, error]
	// KeepGoing carries out the good rows though others are bad. Else one bad row
	// means that nothing is changed.
	KeepGoing bool
	// Piece is how many rows are planned at once; 0 is what suits a store.
	Piece int
	// Progress is told from time to time how many rows are read, and how many of
	// them are bad; it may be nil.
	Progress func(rows, failed int64)
	// Each is told what each good row comes to, again where rows are planned again; it
	// may be nil. Of a member who is added the changes are not listed.
	Each func(line int, r *Result)
}

// Imported is what an import came to. Its counts are of rows.
type Imported struct {
	Rows, Added, Updated, Unchanged int64
	Failures                        []Failure // by line
	// Stopped: there were so many failures that the rest was not looked at.
	Stopped bool
	// Mails are those that were queued, or would be: ids.
	Mails []ID
	// Warnings are the first ones that were given, of WarningCount.
	Warnings     []string
	WarningCount int64
}

// maxWarnings are kept of an import.
const maxWarnings = 20

// MaxFailures end an import that does not keep going: a file of which so much is
// wrong is another file.
const MaxFailures = 10_000

// Pieces grow from the first size to the last: the store has something to do soon,
// then each page of an index is visited seldom, and a few of them fit into memory.
const (
	firstPiece = 1_000
	lastPiece  = 4_000
)

// Import carries out the rows as one atomic step, however many they are: they
// are planned and handed to the store a piece at a time. A person stands in them
// once; rows of one piece see each other, those of different ones do not.
//
// What was refused is in Imported: with KeepGoing the error is then CodePartial,
// else that of the first row, and nothing is changed.
func (s *Staff) Import(ctx context.Context, i Import) (*Imported, error) {
	var done *Imported
	again := false
	err := s.untilFresh(ctx, func() error {
		r := s.newRun(i)
		done = &r.done
		if err := r.open(ctx); err != nil {
			return err
		}
		r.head.Again, again = again, true
		return r.outcome(s.Store.CommitMany(ctx, r.head, r.pieces(ctx)))
	})
	return done, err
}

// PlanImport finds out what Import would come to, and changes nothing.
func (s *Staff) PlanImport(ctx context.Context, i Import) (*Imported, error) {
	r := s.newRun(i)
	if err := r.open(ctx); err != nil {
		return &r.done, err
	}
	for _, err := range r.pieces(ctx) {
		if err != nil {
			return &r.done, r.outcome(err)
		}
	}
	return &r.done, r.outcome(nil)
}

// run is one try of an import.
type run struct {
	Import
	staff *Staff
	head  *Commit
	done  Imported
	seen  seen
	had   int // administrators before
	balance
	lastLine int // of the row by which balance.last is no administrator any more
}

// ErrBadRows is the cause where an import changes nothing for what is in its
// failures.
var ErrBadRows = errors.New("rows were refused")

// errTaken ends an import whose pieces nobody takes any more.
var errTaken = errors.New("nobody takes the pieces")

func (s *Staff) newRun(i Import) *run {
	return &run{Import: i, staff: s, seen: newSeen()}
}

// open looks whether the account is there, and begins the commit.
func (r *run) open(ctx context.Context) error {
	facts, err := r.staff.load(ctx, &Needs{Account: r.Account, Counts: true})
	if err != nil {
		return err
	}
	now := r.staff.Now()
	r.had, r.Account = facts.Administrators, facts.Account.Name
	r.head = &Commit{ID: r.staff.IDs.Next(now), Nonce: randomBits(52), At: now.UnixMilli(), Schema: facts.Schema, Actor: r.staff.Actor(),
		Touched: []ID{facts.Account.ID}}
	return nil
}

// outcome is the error that the import ends with.
func (r *run) outcome(err error) error {
	slices.SortStableFunc(r.done.Failures, func(a, b Failure) int { return a.Line - b.Line })
	switch {
	case err != nil && !errors.Is(err, ErrBadRows) || err == nil && len(r.done.Failures) == 0:
		return err
	case err == nil:
		return Errorf(CodePartial, "file", "%d of %d rows were refused; the others are imported", len(r.done.Failures), r.done.Rows)
	default:
		first := r.done.Failures[0]
		return &Error{Code: first.Err.Code, Field: first.Err.Field, Cause: ErrBadRows, Message: fmt.Sprintf("line %d: %s%s; nothing was changed",
			first.Line, first.Err.Message, andMore(len(r.done.Failures)-1))}
	}
}

func andMore(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "; one more row is bad"
	default:
		return fmt.Sprintf("; %d more rows are bad", n)
	}
}

// pieces plans the rows, one piece after the other.
func (r *run) pieces(ctx context.Context) iter.Seq2[*Commit, error] {
	return func(yield func(*Commit, error) bool) {
		if err := r.plan(ctx, func(c *Commit) bool { return yield(c, nil) }); err != nil && !errors.Is(err, errTaken) {
			yield(nil, err)
		}
	}
}

// plan reads and plans all rows. Each piece that changes something is handed on,
// unless a row was refused for which nothing is to be changed.
func (r *run) plan(ctx context.Context, handOn func(*Commit) bool) error {
	var last *planner
	for known, err := range Ahead(ctx, r.load(ctx)) {
		if err != nil {
			return err
		}
		last = r.planPiece(known)
		if r.done.Stopped {
			return ErrBadRows
		}
		if len(last.commit.Audit) > 0 && r.goesOn() && !handOn(last.commit) {
			return errTaken
		}
	}
	if last != nil {
		if err := last.checkAdministrators(r.had, r.balance); err != nil {
			r.refuse(Row{Line: r.lastLine}, err)
			return ErrBadRows
		}
	}
	if !r.goesOn() {
		return ErrBadRows
	}
	return nil
}

// known is a piece of the rows with what the store knows of them.
type known struct {
	rows  []Row
	facts *Facts
}

// load reads the rows a piece after the other, and asks the store.
func (r *run) load(ctx context.Context) iter.Seq2[known, error] {
	return func(yield func(known, error) bool) {
		size := cmp.Or(r.Piece, firstPiece)
		rows := make([]Row, 0, size)
		for row, err := range r.Rows {
			if err != nil {
				yield(known{}, err)
				return
			}
			if rows = append(rows, row); len(rows) < size {
				continue
			}
			if !yield(r.ask(ctx, rows)) {
				return
			}
			if r.Piece == 0 {
				size = min(2*size, lastPiece)
			}
			rows = make([]Row, 0, size)
		}
		if len(rows) > 0 {
			yield(r.ask(ctx, rows))
		}
	}
}

// ask asks the store what the rows need.
func (r *run) ask(ctx context.Context, rows []Row) (known, error) {
	needs := &Needs{Account: r.Account, Counts: true, Now: r.head.At}
	for _, row := range rows {
		if row.Action != nil {
			row.Action.needs(needs)
		}
	}
	facts, err := r.staff.load(ctx, needs)
	return known{rows, facts}, err
}

// goesOn reports whether what is planned is to be carried out.
func (r *run) goesOn() bool { return r.KeepGoing || len(r.done.Failures) == 0 }

// takes reports whether the row can be planned: it was read, and the person does
// not stand in another.
func (r *run) takes(row Row) bool {
	err := row.Err
	if err == nil {
		err = r.seen.add(row)
	}
	if err != nil {
		r.refuse(row, err)
	}
	return err == nil
}

func (r *run) refuse(row Row, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Code: CodeInternal, Message: err.Error(), Cause: err}
	}
	r.done.Failures = append(r.done.Failures, Failure{row.Line, row.Source, e})
}

// planPiece plans some rows on what the store knows of them.
func (r *run) planPiece(k known) *planner {
	p := r.staff.planner(k.facts, len(k.rows))
	p.many, p.large = true, true
	p.commit.ID, p.commit.Nonce, p.commit.At = r.head.ID, r.head.Nonce, r.head.At
	for i, row := range k.rows {
		if i%1000 == 0 && r.Progress != nil {
			r.Progress(r.done.Rows, int64(len(r.done.Failures)))
		}
		if r.done.Rows++; r.takes(row) {
			r.planRow(p, row)
		}
		if r.done.Stopped = !r.KeepGoing && len(r.done.Failures) >= MaxFailures; r.done.Stopped {
			break
		}
	}
	p.finish()
	p.commit.Touched = nil
	r.add(p.administrators())
	return p
}

// add sums up the balance of a piece.
func (r *run) add(b balance) {
	r.balance.change += b.change
	if b.last != nil {
		r.balance.last = b.last
	}
}

// planRow plans one row and counts it.
func (r *run) planRow(p *planner, row Row) {
	p.results = p.results[:0]
	was := p.mark()
	if err := p.run(row.Action); err != nil {
		p.takeBack(was)
		r.refuse(row, err)
		return
	}
	result := &p.results[0]
	if err := r.seen.username(row, result.Member); err != nil {
		p.takeBack(was)
		r.refuse(row, err)
		return
	}
	r.count(result)
	if r.Each != nil {
		r.Each(row.Line, result)
	}
	if m := p.member; m != nil && p.isAdministrator(p.facts.Catalog, m.before) && !p.isAdministrator(p.catalog, m.now) {
		r.lastLine = row.Line
	}
}

func (r *run) count(result *Result) {
	isNew := result.Member != nil && result.Member.Version == 0 || result.Invite != nil && result.Invite.Version == 0
	switch {
	case !result.Changed:
		r.done.Unchanged++
	case isNew:
		r.done.Added++
	default:
		r.done.Updated++
	}
	if result.Mail != nil {
		r.done.Mails = append(r.done.Mails, result.Mail.ID)
	}
	r.done.WarningCount += int64(len(result.Warnings))
	for _, w := range result.Warnings {
		if len(r.done.Warnings) < maxWarnings {
			r.done.Warnings = append(r.done.Warnings, w)
		}
	}
}
