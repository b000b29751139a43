// Package docs has the documents that the program prints too.
package docs

import _ "embed" // for the directive below

// TeamSchema is the JSON Schema of team files, which these name by its place in
// the repository.
//
//go:embed team.schema.json
var TeamSchema string
