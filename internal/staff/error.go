package staff

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an [Error] is. Its text is part of the JSON
// output; one table in package cmd maps it to an exit code.
type Code string

// The codes, one for each exit code that a failure can end with.
const (
	CodeInternal    Code = "internal"
	CodeUsage       Code = "usage"
	CodeInvalid     Code = "invalid"
	CodeNotFound    Code = "not_found"
	CodeConflict    Code = "conflict"
	CodeExpired     Code = "expired"
	CodeForbidden   Code = "not_allowed"
	CodeUnavailable Code = "unavailable"
	CodePartial     Code = "partial"
	CodeUnknown     Code = "outcome_unknown"
	CodeDiffers     Code = "differs"
	CodeDamaged     Code = "damaged"
	CodeInterrupted Code = "interrupted"
)

// Error is a failure that a person can act on. Message is lower case without a
// full stop, names the thing and the next step, and never holds a secret.
// Field is the argument, flag or key at fault without dashes, or empty.
type Error struct {
	Code    Code
	Field   string
	Message string
	Cause   error
}

// Error returns the message alone; the field stands in the JSON output.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause, which [errors.Is] may look into.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an [Error]. A %w in the format sets its cause.
func Errorf(code Code, field, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Field: field, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// CodeOf returns the code of the first [Error] in err's chain, or
// [CodeInternal] when there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// ErrStale marks a commit that the store refused because what it was planned
// on has changed meanwhile. [Staff.Do] plans such a commit again.
var ErrStale = errors.New("changed meanwhile")

// ErrRefused is an [ErrStale] that comes from a rule of the store and not from
// a guard. What is refused again and again, though planning allows it, shows
// that the store is damaged.
var ErrRefused = fmt.Errorf("a rule of the store refuses it: %w", ErrStale)
