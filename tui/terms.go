package tui

import (
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/widget"
)

// A term is what = and ! write for the value under the cursor: a field or path with a value, its absence, a minute of
// time, or a word.
type term struct {
	node query.Node // what = keeps; ! keeps the rest
	note string     // what the person should know about it
	why  string     // why there is no term
}

// pathFields are the paths whose text is the value of a field, so that = writes the field, which is indexed.
var pathFields = map[string]string{
	"eventName": "event", "awsRegion": "region", "sourceIPAddress": "ip", "errorCode": "error", "eventID": "id",
	"requestID": "request", "sharedEventID": "shared", "eventType": "eventtype", "recipientAccountId": "account",
	"vpcEndpointId": "vpce", "userIdentity.arn": "arn", "userIdentity.accountId": "caller-account",
	"userIdentity.accessKeyId": "key", "userIdentity.invokedBy": "via", "tlsDetails.tlsVersion": "tls",
	"tlsDetails.clientProvidedHostHeader": "host", "userIdentity.sessionContext.sourceIdentity": "source-identity",
}

// match is key=value.
func match(k query.Key, value string) query.Node {
	return query.Match{Key: k, Exact: true, Value: value}
}

// nodeTerm is the term for a value of an event.
func nodeTerm(n *widget.Node) term {
	switch {
	case n == nil:
		return term{why: "no value here"}
	case n.Kind == widget.Object || n.Kind == widget.Array:
		return term{why: "= and ! are about single values; unfold with l"}
	case n.Inner:
		return term{
			node: query.Word{Text: n.Text, Quoted: true},
			note: "inside a string: kept as a word anywhere in the record",
		}
	}
	joined, steps := "", make([]string, 0, 8)
	for _, s := range n.Path() {
		if s.Index >= 0 {
			steps = append(steps, "[*]")
			joined += "[]"
			continue
		}
		steps = append(steps, query.PathStep(s.Key))
		joined += "." + s.Key
	}
	joined = strings.TrimPrefix(joined, ".")
	if field, ok := pathFields[joined]; ok && n.Text != "" {
		return term{node: match(query.Key{Field: field}, n.Text)}
	}
	if service, ok := strings.CutSuffix(n.Text, ".amazonaws.com"); ok && joined == "eventSource" {
		return term{node: match(query.Key{Field: "service"}, service)}
	}
	k := index.Schema().PathKey(steps...)
	if n.Kind == widget.Null {
		return term{node: query.Not{Node: query.Match{Key: k, Value: "*"}}, note: "null counts as no value"}
	}
	return term{node: match(k, n.Text)}
}

// rowTerm is the term for the value of a column.
func rowTerm(c column, r *index.Row) term {
	switch {
	case r == nil:
		return term{why: "no event here"}
	case c.value == valueTime && !r.HasTime:
		return term{why: "this event has no time"}
	case c.value == valueTime:
		return timeTerm(r.Time)
	}
	v := value(r, c.value)
	if v == "" {
		return term{node: query.Not{Node: query.Match{Key: c.key(), Value: "*"}}}
	}
	return term{node: match(c.key(), v)}
}

// timeTerm is the minute around a time.
func timeTerm(t time.Time) term {
	from := t.UTC().Truncate(time.Minute)
	return term{node: query.KeepRange(query.All{}, from, from.Add(time.Minute))}
}

// keep and drop add a term to a query; what is there already is not written twice.
func keep(n, t query.Node) query.Node {
	for _, p := range parts(n) {
		if p.String() == t.String() {
			return n
		}
	}
	return and(n, t)
}

func drop(n, t query.Node) query.Node {
	if not, ok := t.(query.Not); ok {
		return keep(n, not.Node)
	}
	return keep(n, query.Not{Node: t})
}
