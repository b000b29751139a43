package web

import "github.com/staffctl/staffctl/internal/staff"

// roomSize is how many sign-ins may be under way: those whose password is hashed
// and those that wait for it.
const roomSize = 64

// room bounds what a flood of sign-ins takes of memory and time. Who finds it full
// is told to come back.
type room chan struct{}

// enterRoom reports whether there is a place.
func (v *visit) enterRoom() bool {
	select {
	case v.site.room <- struct{}{}:
		v.leave = func() { <-v.site.room }
		return true
	default:
		return false
	}
}

// domain is the site's, which gives the place back as soon as a password is
// checked: what follows, such as a text message, keeps nobody out.
func (v *visit) domain() *staff.Staff {
	if v.leave == nil {
		return v.site.Staff
	}
	s := *v.site.Staff
	s.Passwords = leaving{s.Passwords, v}
	return &s
}

type leaving struct {
	staff.Passwords
	visit *visit
}

// Verify is that of the passwords within.
func (l leaving) Verify(phc, plain string) (bool, error) {
	defer l.visit.leaveRoom()
	return l.Passwords.Verify(phc, plain)
}

// leaveRoom gives the place back, if it has one.
func (v *visit) leaveRoom() {
	if v.leave != nil {
		v.leave()
		v.leave = nil
	}
}
