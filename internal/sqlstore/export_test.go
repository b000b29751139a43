package sqlstore

import "context"

// CheckNames are the names of the checks that [Store.Check] makes by a query.
func CheckNames() []string {
	var names []string
	for _, c := range checks() {
		names = append(names, c.name)
	}
	return names
}

// NewMigration makes a step that no release has.
func NewMigration(version int, sql string) Migration {
	return Migration{Version: version, Name: "test.sql", Checksum: "test", sql: sql}
}

// MigrateBy is [Store.Migrate] with other steps.
func (s *Store) MigrateBy(ctx context.Context, steps []Migration, at int64) (from, to int, err error) {
	return s.migrate(ctx, steps, at)
}

// Statements are the statements of a migration.
func (m Migration) Statements() []string {
	var out []string
	for _, s := range m.statements() {
		out = append(out, s.SQL)
	}
	return out
}

// SchemaObjects is what the migrations should leave in a database, by name.
func SchemaObjects() map[string]string {
	objects := schemaObjects(Migrations())
	objects["staffctl_migrations"] = migrationsTable
	return objects
}

// LeftTables are the tables that stay behind when a store is copied.
var LeftTables = leftTables

// CopiedColumns are the columns that are copied of each table.
func CopiedColumns() map[string][]string {
	columns := map[string][]string{}
	for _, t := range copiedTables() {
		columns[t.name] = t.names()
	}
	return columns
}

// Histories is the query for what is known of a member with a login.
func Histories() string { return histories + signInHistories }

// Counts is the query for how many administrators and subaccounts an account has.
func Counts(account string) string { return countsQuery(account) }
