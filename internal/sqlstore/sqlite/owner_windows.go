package sqlite

import "io/fs"

// checkOwner leaves it to the access rights of the directory, which on Windows
// the user's profile has.
func checkOwner(string, fs.FileInfo) error { return nil }
