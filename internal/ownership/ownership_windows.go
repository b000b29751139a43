// Package ownership refuses files of other users, which they could change
// behind the program's back.
package ownership

import "io/fs"

// Check leaves it to the access rights of the directory, which on Windows the
// user's profile has.
func Check(string, string, fs.FileInfo) error { return nil }
