package staff

import (
	"strconv"
	"strings"
	"time"
)

// ParsePeriod reads how long, such as 90m, 24h or 7d.
func ParsePeriod(s string) (time.Duration, error) {
	text, isDays := strings.CutSuffix(s, "d")
	if !isDays {
		return time.ParseDuration(s)
	}
	days, err := strconv.ParseUint(text, 10, 16)
	return time.Duration(days) * 24 * time.Hour, err
}
