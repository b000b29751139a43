package staff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
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
	// Writing is told that all rows are planned; it may be nil.
	Writing func()
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
	firstPiece = 500
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
	now   time.Time
	seen  seen
	// administrators counts those before the import, and left those after it so far.
	// last and lastLine are of the row that made it less.
	administrators, left int
	last                 *Member
	lastLine             int
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
	r.now, r.Account = r.staff.Now(), facts.Account.Name
	r.administrators, r.left = facts.Administrators, facts.Administrators
	r.head = &Commit{ID: r.staff.IDs.Next(r.now), Nonce: randomBits(52), At: r.now.UnixMilli(), Schema: facts.Schema, Actor: r.staff.Actor(),
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
	for known, err := range Ahead(ctx, r.load(ctx)) {
		if err != nil {
			return err
		}
		p := r.planPiece(known)
		if r.done.Stopped {
			return ErrBadRows
		}
		if len(p.commit.Audit) > 0 && r.goesOn() && !handOn(p.commit) {
			return errTaken
		}
	}
	if r.endsWithout() {
		r.refuse(Row{Line: r.lastLine}, lastAdministrator(r.last, r.Account))
		return ErrBadRows
	}
	if !r.goesOn() {
		return ErrBadRows
	}
	if r.Writing != nil {
		r.Writing()
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
				size = min(size+size/4, lastPiece)
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

// endsWithout reports whether an account that had an administrator has none by now
// (rule 5).
func (r *run) endsWithout() bool { return r.administrators > 0 && r.left <= 0 }

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
	p.many, p.large, p.now = true, true, r.now
	p.commit.ID, p.commit.Nonce, p.commit.At = r.head.ID, r.head.Nonce, r.head.At
	for i, row := range k.rows {
		if i%1000 == 0 && r.Progress != nil {
			r.Progress(r.done.Rows, int64(len(r.done.Failures)))
		}
		r.done.Rows++
		if err := r.planRow(p, row); err != nil {
			r.refuse(row, err)
		}
		if r.done.Stopped = !r.KeepGoing && len(r.done.Failures) >= MaxFailures; r.done.Stopped {
			break
		}
	}
	p.finish()
	p.commit.Touched = nil
	return p
}

// planRow plans one row and counts it. Of one that is refused nothing is left.
func (r *run) planRow(p *planner, row Row) error {
	if row.Err != nil {
		return row.Err
	}
	if err := r.seen.check(row.Action); err != nil {
		return err
	}
	p.results = p.results[:0]
	was := p.mark()
	err := p.run(row.Action)
	if err == nil {
		err = r.seen.checkPlanned(p, &p.results[0])
	}
	if err == nil {
		err = r.weigh(p, row)
	}
	if err != nil {
		p.takeBack(was)
		return err
	}
	r.seen.note(row, p, &p.results[0])
	r.count(&p.results[0])
	if r.Each != nil {
		r.Each(row.Line, &p.results[0])
	}
	return nil
}

// weigh counts the administrators. A row that takes the last one away is refused where
// the others are to be carried out; else a later row may bring another.
func (r *run) weigh(p *planner, row Row) error {
	if p.member == nil {
		return nil
	}
	was, is := p.isAdministrator(p.facts.Catalog, p.member.before), p.isAdministrator(p.catalog, p.member.now)
	switch {
	case is && !was:
		r.left++
	case was && !is && r.KeepGoing && r.left == 1:
		return lastAdministrator(p.member.before, r.Account)
	case was && !is:
		r.left--
		r.last, r.lastLine = p.member.before, row.Line
	}
	return nil
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
