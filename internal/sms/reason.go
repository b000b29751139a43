package sms

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
)

// reason tells in words of our own why there was no answer. The error itself is
// dropped: its text can have the address or what the gateway said, and so the TAN
// and the credentials.
func reason(err error) error {
	var (
		errno      syscall.Errno
		timed      net.Error
		unknown    *net.DNSError
		distrusted *tls.CertificateVerificationError
		noTLS      tls.RecordHeaderError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &timed) && timed.Timeout():
		return errors.New("it did not answer in time")
	case errors.As(err, &unknown):
		return errors.New("its host name is not known")
	case errors.As(err, &errno):
		return errno
	case errors.As(err, &distrusted):
		return errors.New("its certificate is not trusted")
	case errors.As(err, &noTLS):
		return errors.New("it does not speak TLS")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it closed the connection")
	default:
		return errors.New("its answer cannot be understood")
	}
}
