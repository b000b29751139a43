package web

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// How long requests may take. A form is small, and a hash may have to wait for
// its turn.
const (
	headerPeriod   = 10 * time.Second
	readPeriod     = 30 * time.Second
	writePeriod    = 2 * time.Minute
	idlePeriod     = 2 * time.Minute
	shutdownPeriod = 15 * time.Second
	maxHeader      = 16 << 10
)

// Serve answers requests on the listener until ctx ends, by TLS unless config is
// nil. Then it finishes the requests under way and the work in the background,
// 15 seconds at most, and returns nil.
func (s *Site) Serve(ctx context.Context, l net.Listener, config *tls.Config) error {
	server := &http.Server{Handler: s, TLSConfig: config, ReadHeaderTimeout: headerPeriod, ReadTimeout: readPeriod, WriteTimeout: writePeriod,
		IdleTimeout: idlePeriod, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug)}
	ended := make(chan error, 1)
	go func() {
		if config != nil {
			ended <- server.ServeTLS(l, "", "")
			return
		}
		ended <- server.Serve(l)
	}()
	sweeping, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { s.sweep(sweeping) })
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	stop()
	background.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownPeriod)
	defer cancel()
	if failed := server.Shutdown(last); failed != nil {
		s.Log.Warn("requests were broken off", "error", failed.Error())
		_ = server.Close()
	}
	s.Close(last)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// sweep deletes sessions that are over, now and then, until ctx ends.
func (s *Site) sweep(ctx context.Context) {
	now := time.NewTicker(s.Sweep)
	defer now.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-now.C:
		}
		if err := s.Staff.Store.SweepSessions(ctx, s.Staff.Now().UnixMilli()); err != nil && ctx.Err() == nil {
			s.Log.Warn("sessions that are over were not deleted", "error", err.Error())
		}
	}
}
