package query

import (
	"slices"
	"time"
)

// A Record is what a query is asked about.
type Record interface {
	// Values are those of an indexed field by its canonical name; none where it has no value.
	Values(field string) [][]byte
	// Time is the event's time, if it has a usable one.
	Time() (time.Time, bool)
	// Raw is the record as delivered: one JSON object.
	Raw() []byte
}

// Needs tells whether a query looks at the raw record: words, regular expressions and paths do.
func Needs(n Node) (raw bool) {
	switch n := n.(type) {
	case And:
		return slices.ContainsFunc(n.Nodes, Needs)
	case Or:
		return slices.ContainsFunc(n.Nodes, Needs)
	case Not:
		return Needs(n.Node)
	case Match:
		return n.Key.Field == ""
	case Range:
		return n.Key.Field == ""
	case CIDR:
		return n.Key.Field == ""
	case List:
		return n.Key.Field == ""
	case Word, Regex:
		return true
	}
	return false
}
