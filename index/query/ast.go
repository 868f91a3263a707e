// Package query is the language of the filter bar: text → tree → text, completion, and the plain meaning of every node
// as a function over one record. It knows neither bbolt nor roaring; the index evaluates the same tree with posting
// lists, and the plain meaning is its oracle.
package query

import "time"

// Kind is the kind of an indexed field.
type Kind uint8

const (
	Term  Kind = iota // one value an event
	Multi             // any number of values
	Time
	Bool // "true" or "false", or no value
	IP   // a term that CIDR also matches
	ID   // a term nobody counts: eventID, requestID, sharedEventID
)

// A Field is one row of the index's field table, as far as the language needs it.
type Field struct {
	Name    string
	Aliases []string
	Kind    Kind
	Help    string
	// Parts are further fields, perhaps hidden ones, that field:value also matches (user: role, session, …).
	Parts []string
}

// A Schema is the field table in the order of help. Lookup is by name or alias, case-insensitive.
type Schema []Field

// A Node is a query: All, And, Or, Not, Match, Range, CIDR, Word or Regex. String prints it so that it parses to the
// same node again.
type Node interface{ String() string }

// All matches every event; it prints as "".
type All struct{}

// And matches what all Nodes match; at least two.
type And struct{ Nodes []Node }

// Or matches what any of Nodes matches; at least two.
type Or struct{ Nodes []Node }

// Not matches what Node does not match.
type Not struct{ Node Node }

// A Key is what a term is about: an indexed field by its canonical name, or a path in the record.
type Key struct {
	Field string   // "" for a path
	Path  []string // object keys and "[3]" or "[*]" steps, as written
}

// Match compares the values of a key with a value.
type Match struct {
	Key   Key
	Exact bool   // "=": case-sensitive, * and ? literal; else ":" case-insensitive with wildcards
	Value string // unquoted. With ":" backslash escapes * ? and \. ":*" means: has any value
}

// Range compares numbers or times: > >= < <= and lo..hi (half-open for times, closed for numbers).
type Range struct {
	Key            Key
	Lo, Hi         string    // as written; "" = open. Times may be relative to now ("-2h", "now")
	LoOpen, HiOpen bool      // the bound itself is excluded
	From, To       time.Time // resolved against Options.Now for time fields, half-open; zero = open
	Text           string    // the value as written, for printing: ">=2026-07-01T10:00Z", "-2h..now"
}

// CIDR matches addresses of an IP field, v4 and v6: ip:203.0.113.0/24.
type CIDR struct {
	Key    Key
	Prefix string
}

// Word matches a word or a phrase in any key or value of the record, decoded, case-insensitive. Without wildcards it
// matches from token border to token border (letters, digits and _ make a token); with Wild inside tokens too.
type Word struct {
	Text   string
	Wild   bool
	Quoted bool // as written
}

// Regex matches decoded keys and values (Raw: the delivered bytes) with RE2 syntax.
type Regex struct {
	Expr string
	Raw  bool
}
