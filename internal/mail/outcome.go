package mail

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/staffctl/staffctl/internal/staff"
)

// maxAnswer is how much of a server's answer is kept, in characters.
const maxAnswer = 300

// outcome is what came of trying to send a mail.
type outcome struct {
	state  staff.MailState
	answer string
	// tried is set once the mail server was asked.
	tried bool
	// down is set where the trouble is with the server or the settings and not
	// with the mail, so that others would fare alike.
	down bool
	// interrupted is set where the caller wanted to end.
	interrupted bool
	step        string // at which it failed, if any
}

// sent is what the server has taken.
func sent(answer string) outcome { return outcome{state: staff.MailSent, answer: answer, tried: true} }

// waits is a mail that cannot be sent yet, for a reason on this side.
func waits(reason string) outcome { return outcome{state: staff.MailQueued, answer: reason} }

// refused is a mail that is refused for good.
func refused(answer string) outcome {
	return outcome{state: staff.MailFailed, answer: answer, tried: true}
}

// later is a mail that the server did not take now.
func later(answer string) outcome {
	return outcome{state: staff.MailQueued, answer: answer, tried: true}
}

// interrupted is a mail whose sending the caller ended.
var interrupted = outcome{state: staff.MailQueued, answer: "interrupted", interrupted: true}

// unreachable is a server that no mail can be handed to.
func unreachable(reason string) outcome {
	return outcome{state: staff.MailQueued, answer: reason, tried: true, down: true}
}

// judge makes an outcome of what failed at a step of the conversation.
func judge(ctx context.Context, step string, err error) outcome {
	var reply *textproto.Error
	switch {
	case errors.As(err, &reply) && isForGood(reply.Code):
		return refused(replyText(reply))
	case errors.As(err, &reply) && wantsSignIn(reply.Code):
		return unreachable(replyText(reply) + "; check mail.username and mail.password_file")
	case errors.As(err, &reply):
		return later(replyText(reply))
	case ctx.Err() != nil:
		return interrupted
	default:
		return later(fmt.Sprintf("%s: %s", step, wording(err)))
	}
}

func replyText(r *textproto.Error) string { return fmt.Sprintf("%d %s", r.Code, r.Msg) }

// isForGood reports whether a reply refuses the mail itself for good.
func isForGood(code int) bool { return code >= 500 && code < 600 && !wantsSignIn(code) }

// wantsSignIn reports whether a reply is about signing in (RFC 4954) or TLS (RFC
// 3207): the configuration can mend that.
func wantsSignIn(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// wording says in words what went wrong with a connection.
func wording(err error) string {
	var operation *net.OpError
	var reply *textproto.Error
	switch {
	case errors.As(err, &reply):
		return replyText(reply)
	case errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded):
		return "the mail server took too long to answer"
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "the mail server closed the connection"
	case errors.As(err, &operation):
		return operation.Err.Error()
	default:
		return err.Error()
	}
}

const hidden = "(the server's answer is left out, since it repeats a secret)"

// clean makes a server's answer fit to be kept and shown: one line of at most
// maxAnswer characters, and nothing of a secret in it.
func clean(answer string, secrets ...staff.Secret) string {
	for _, s := range secrets {
		if repeats(answer, string(s)) {
			return hidden
		}
	}
	answer = strings.Join(strings.FieldsFunc(answer, func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' || r == utf8.RuneError }), " ")
	if runes := []rune(answer); len(runes) > maxAnswer {
		return string(runes[:maxAnswer-1]) + "…"
	}
	return answer
}

// secretPiece is how many characters of a long secret in a row count as its
// repetition.
const secretPiece = 12

// repeats reports whether the answer holds the secret, as it is or in base64, or
// a piece of it, even where lines break within.
func repeats(answer, secret string) bool {
	if secret == "" {
		return false
	}
	joined := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '=' {
			return -1
		}
		return r
	}, answer)
	encoded := strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")
	if strings.Contains(answer, secret) || len(encoded) >= secretPiece && strings.Contains(joined, encoded) {
		return true
	}
	for i := 0; i+secretPiece <= len(secret); i++ {
		if strings.Contains(joined, secret[i:i+secretPiece]) {
			return true
		}
	}
	return false
}

// isReply reports whether the server has said what is wrong, so that the
// conversation can go on.
func isReply(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply)
}
