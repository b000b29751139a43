package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/staffctl/staffctl/internal/staff"
)

// lenient leaves duplicate keys to be found by the fields that they have.
var lenient = jsontext.AllowDuplicateNames(true)

// array reads the objects of one JSON array.
type array struct {
	objects
	text *window
	in   *jsontext.Decoder
}

func newArray(text io.Reader, n *names) (source, error) {
	a := &array{objects: newObjects(n), text: &window{r: text}}
	a.in = jsontext.NewDecoder(a.text, lenient)
	start, err := a.in.ReadToken()
	switch {
	case errors.Is(err, io.EOF):
		return nil, staff.Errorf(staff.CodeInvalid, "file", "the file is empty; give an array of objects, [] for none")
	case err != nil:
		return nil, a.broken(err)
	case start.Kind() != '[':
		return nil, staff.Errorf(staff.CodeInvalid, "file", "the file holds no JSON array; give an array of objects, or --format jsonl for an object a line")
	}
	return a, nil
}

func (a *array) next() (*record, error, error) {
	a.text.end = a.in.InputOffset()
	if a.in.PeekKind() == ']' {
		return nil, nil, a.finish()
	}
	value, err := a.in.ReadValue()
	if err != nil {
		return nil, nil, a.broken(err)
	}
	end := a.in.InputOffset()
	start := end - int64(len(value))
	if len(value) > maxRecord {
		return nil, nil, tooLong(a.text.lineAt(start))
	}
	return a.read(a.text.lineAt(start), value)
}

// finish reads what follows the array: nothing.
func (a *array) finish() error {
	if _, err := a.in.ReadToken(); err != nil {
		return a.broken(err)
	}
	switch _, err := a.in.ReadToken(); {
	case errors.Is(err, io.EOF):
		return io.EOF
	case err != nil:
		return a.broken(err)
	default:
		return staff.Errorf(staff.CodeInvalid, "file", "line %d: there is something after the array", a.text.lineAt(a.in.InputOffset()))
	}
}

// broken says in which line an array is no JSON. Its words quote nothing, since
// there may be secrets in it.
func (a *array) broken(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case a.text.err != nil && !errors.Is(a.text.err, io.EOF):
		return cannotRead(a.text.err)
	case errors.As(err, &syntax):
		return staff.Errorf(staff.CodeInvalid, "file", "line %d: this is not JSON: %s", a.text.lineAt(max(syntax.ByteOffset, a.text.counted)), reason(syntax))
	default:
		return cannotRead(err)
	}
}

// reason says what is wrong without the text that is.
func reason(e *jsontext.SyntacticError) string {
	if errors.Is(e.Err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	return "a comma, colon, quote or bracket is missing or too much, or a value is none"
}

func tooLong(line int) error {
	return staff.Errorf(staff.CodeInvalid, "file", "line %d: the record that begins there is longer than 1 MiB", line)
}

// lines reads an object a line.
type lines struct {
	objects
	in   *bufio.Reader
	line int
	long []byte
}

func newLines(text *bufio.Reader, n *names) source { return &lines{objects: newObjects(n), in: text} }

func (l *lines) next() (*record, error, error) {
	for {
		text, err := l.readLine()
		if err != nil {
			return nil, nil, err
		}
		l.line++
		text = bytes.TrimSpace(text)
		switch {
		case len(text) > maxRecord:
			return &record{line: l.line, at: &columns{}}, staff.Errorf(staff.CodeInvalid, "", "the line is longer than 1 MiB"), nil
		case len(text) > 0:
			return l.objects.read(l.line, text)
		}
	}
}

// readLine reads a line, of which it keeps no more than shows that it is too long.
func (l *lines) readLine() ([]byte, error) {
	l.long = l.long[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		if err == nil && len(l.long) == 0 {
			return part, nil
		}
		if len(l.long) <= maxRecord {
			l.long = append(l.long, part...)
		}
		switch {
		case err == nil, errors.Is(err, io.EOF) && len(l.long) > 0:
			return l.long, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, cannotEnd(err)
		}
	}
}

// cannotEnd leaves the end of the input as it is.
func cannotEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return err
	}
	return cannotRead(err)
}

// objects reads records from JSON objects.
type objects struct {
	names   *names
	decoder *jsontext.Decoder
}

func newObjects(n *names) objects { return objects{n, jsontext.NewDecoder(&bytes.Buffer{}, lenient)} }

// object is a record that is being read.
type object struct {
	*record
	in    *jsontext.Decoder
	names *names
	seen  uint32
}

// read reads the record of one JSON value.
func (j *objects) read(line int, value []byte) (r *record, failure, err error) {
	j.decoder.Reset(bytes.NewBuffer(value), lenient)
	o := object{record: &record{line: line, at: &columns{}, raw: string(value)}, in: j.decoder, names: j.names}
	return o.record, rowError(o.whole()), nil
}

// whole reads the object, and nothing after it.
func (o *object) whole() error {
	start, err := o.in.ReadToken()
	if err == nil && start.Kind() != '{' {
		return staff.Errorf(staff.CodeInvalid, "", "a row is a JSON object, not a value of another kind")
	}
	for err == nil && o.in.PeekKind() == '"' {
		err = o.member()
	}
	if err == nil {
		_, err = o.in.ReadToken()
	}
	if err != nil {
		return err
	}
	if _, err = o.in.ReadToken(); !errors.Is(err, io.EOF) {
		return staff.Errorf(staff.CodeInvalid, "", "there is something after the object; give one a line")
	}
	return nil
}

// rowError says what is wrong with one object, without quoting it.
func rowError(err error) error {
	var known *staff.Error
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.As(err, &syntax):
		return staff.Errorf(staff.CodeInvalid, "", "this is not JSON: %s", reason(syntax))
	default:
		return staff.Errorf(staff.CodeInvalid, "", "this is not JSON: it ends too early")
	}
}

// member reads a key with its value.
func (o *object) member() error {
	key, err := o.in.ReadToken()
	if err != nil {
		return err
	}
	name := key.String()
	f, err := o.names.find("key", name)
	if err != nil {
		return err
	}
	if f == leftOut || f.ofErrors() {
		return o.in.SkipValue()
	}
	if o.seen&f.bit() != 0 {
		return staff.Errorf(staff.CodeInvalid, fields[f].name, "%s is given twice in the object, the second time as %q", fields[f].name, brief(name))
	}
	o.seen |= f.bit()
	return o.value(f)
}

// value reads the value of a field.
func (o *object) value(f field) error {
	switch o.in.PeekKind() {
	case 'n':
		return o.in.SkipValue()
	case '[':
		return o.list(f)
	case '{':
		return staff.Errorf(staff.CodeInvalid, fields[f].name, "%s cannot be an object", fields[f].name)
	}
	token, err := o.in.ReadToken()
	if err != nil {
		return err
	}
	text := trimmed(token.String())
	o.cells = append(o.cells, text)
	o.at[f] = int16(len(o.cells))
	return o.take(f, text)
}

// listFields are those that can be arrays.
var listFields = []field{phonesField, workField, mobileField, homeField, faxField, otherField, accessField, mailField}

// list reads an array of texts, or of phones.
func (o *object) list(f field) error {
	if !slices.Contains(listFields, f) {
		return staff.Errorf(staff.CodeInvalid, fields[f].name, "%s cannot be an array", fields[f].name)
	}
	if _, err := o.in.ReadToken(); err != nil {
		return err
	}
	list := []string{}
	for o.in.PeekKind() != ']' {
		text, err := o.element(f)
		if err != nil {
			return err
		}
		if err := o.take(f, text); err != nil {
			return err
		}
		if text != "" {
			list = append(list, text)
		}
	}
	if len(list) == 0 && f != phonesField {
		list = append(list, none)
	}
	if o.lists == nil {
		o.lists = map[field][]string{}
	}
	o.given |= f.bit()
	o.lists[f] = list
	_, err := o.in.ReadToken()
	return err
}

func (o *object) element(f field) (string, error) {
	switch kind := o.in.PeekKind(); {
	case kind == '"':
		token, err := o.in.ReadToken()
		if err != nil {
			return "", err
		}
		return trimmed(token.String()), nil
	case kind == '{' && f == phonesField:
		return o.phone()
	default:
		if err := o.in.SkipValue(); err != nil {
			return "", err
		}
		return "", staff.Errorf(staff.CodeInvalid, fields[f].name, "%s is an array of texts", fields[f].name)
	}
}

// phone reads {"label":…,"number":…}.
func (o *object) phone() (string, error) {
	if _, err := o.in.ReadToken(); err != nil {
		return "", err
	}
	var label, number string
	for o.in.PeekKind() == '"' {
		key, err := o.in.ReadToken()
		if err != nil {
			return "", err
		}
		name := key.String()
		value, err := o.in.ReadToken()
		switch {
		case err != nil:
			return "", err
		case name == "label" && value.Kind() == '"':
			label = value.String()
		case name == "number" && value.Kind() == '"':
			number = value.String()
		default:
			return "", staff.Errorf(staff.CodeInvalid, fields[phonesField].name, `a phone is an object of two texts: {"label":"work","number":"+41 44 555 12 34"}`)
		}
	}
	_, err := o.in.ReadToken()
	return trimmed(label) + "=" + trimmed(number), err
}
