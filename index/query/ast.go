// Package query is the language of the filter bar: text → tree → text, completion, and the plain meaning of every node
// as a function over one record. It knows neither bbolt nor roaring; the index evaluates the same tree with posting
// lists, and the plain meaning is its oracle. docs/query.md has the grammar in full.
//
// A tree is a value: no function of this package changes a tree it was given, and trees may share parts.
package query

import "time"

// Kind is the kind of an indexed field.
type Kind uint8

// The kinds.
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
	Help    string // one line; a field without help works but is not offered
	// Parts are further fields, perhaps hidden ones, that field:value also matches (user: role, session, …).
	Parts []string
}

// A Schema is the field table in the order of help. Lookup is by name or alias, case-insensitive.
type Schema []Field

// Options are what a text means beside itself.
type Options struct {
	Now      time.Time      // what "now", "-2h" and "15:04" refer to
	Location *time.Location // of times without an offset; nil: UTC
	End      time.Time      // the newest event held, for "end-2h"; zero: not known
	// ReadFile gives the content of the file of a list (field:@FILE), at most MaxListBytes and one more; nil: there are none.
	// Its error says what is wrong, with the name of the file.
	ReadFile func(name string) ([]byte, error)
}

// An Error is why a text is no query, and where.
type Error struct {
	Pos, End int    // bytes of the text, Pos <= End; equal: something is missing there
	Msg      string // lower case, no period; holds parts of the text: escape before showing
	Hint     string // what to do, or ""
}

func (e *Error) Error() string { return e.Msg }

// A Node is a query: All, And, Or, Not, Match, List, Range, CIDR, Word or Regex. String prints it so that it parses to the
// same node again.
type Node interface{ String() string }

// All matches every event; it prints as "", and inside other nodes as "*".
type All struct{}

// And matches what all Nodes match; at least two.
type And struct{ Nodes []Node }

// Or matches what any of Nodes matches; at least two.
type Or struct{ Nodes []Node }

// Not matches what Node does not match.
type Not struct{ Node Node }

// A Key is what a term is about: an indexed field by its canonical name, or a path in the record.
type Key struct {
	Field string // "" for a path
	// Path are the steps as written: a key of an object (in quotes where it needs them: PathStep), "*" for any key,
	// "[3]" or "[*]" for elements of an array.
	Path []string
}

// Match compares the values of a key with a value. It holds if any value matches.
type Match struct {
	Key   Key
	Exact bool   // "=": case-sensitive, * and ? literal; else ":" case-insensitive with wildcards
	Value string // unquoted. With ":" backslash escapes * ? and \. ":*" means: has any value
	// Parts are further fields that are compared too (Field.Parts); nil with Exact and for ":*".
	Parts []string
}

// Range compares numbers or times: > >= < <= and lo..hi (half-open for times, closed for numbers).
type Range struct {
	Key            Key
	Lo, Hi         string    // as written; "" = open. Times may be relative to now ("-2h", "now")
	LoOpen, HiOpen bool      // the bound itself is excluded; numbers only
	From, To       time.Time // times only, at least one: resolved, half-open; zero = open
	Text           string    // the value as written, for printing: ">=2026-07-01T10:00Z", "-2h..now"
}

// CIDR matches addresses of an IP field, v4 and v6: ip:203.0.113.0/24. Prefix may also be one address.
type CIDR struct {
	Key    Key
	Prefix string // as written
}

// Word matches a word or a phrase in any key or value of the record, decoded, case-insensitive. Without wildcards it
// matches from token border to token border (letters, digits and _ make a token); with Wild inside tokens too.
type Word struct {
	Text   string // with Wild a pattern as in Match.Value, else literal
	Wild   bool
	Quoted bool // as written, or needed
}

// Regex matches decoded keys and values (Raw: the delivered bytes) with RE2 syntax.
type Regex struct {
	Expr string
	Raw  bool
}

// fieldTime and fieldService are the two fields the language treats by name: times are compared as times, and the name
// of a service may be written with its domain.
const (
	fieldTime    = "time"
	fieldService = "service"
)

// Any tells ":*": the key has a value at all.
func (m Match) Any() bool { return !m.Exact && m.Value == "*" }

// IsTime tells a range of times from a range of numbers.
func (r Range) IsTime() bool { return !r.From.IsZero() || !r.To.IsZero() }
