package sms

import "time"

// SetPeriod sets how long the gateway has to take a message.
func (g *Gateway) SetPeriod(d time.Duration) { g.period = d }
