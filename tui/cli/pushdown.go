package cli

import (
	"strings"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/tui/text"
)

// pushDown is the one attribute that LookupEvents can be asked for instead of everything, so that all management events
// the query matches are among the answers; the zero one where there is none. Only what the whole query demands counts,
// only exact comparisons (field=value), and only what is certain:
//
//	id=X                              EventId
//	key=X, userIdentity.accessKeyId=X AccessKeyId
//	session=X                         Username: for a role it is the session's name
//	user=X kind=K                     Username, for kinds named by user name or session
//	event=X                           EventName
//	service=X                         EventSource: X.amazonaws.com
//	"readOnly"=true, =false           ReadOnly; readonly= is guessed where a record does not say, so it is no use
//
// Resources are not among them: the field finds more in a record than AWS looks at.
func pushDown(n query.Node) history.Attribute {
	all := []query.Node{n}
	if and, ok := query.Simplify(n).(query.And); ok {
		all = and.Nodes
	}
	exact := map[string]string{} // by field, or path
	for _, n := range all {
		if m, ok := n.(query.Match); ok && m.Exact && m.Value != "" {
			exact[keyName(m.Key)] = m.Value
		}
	}
	for _, row := range attributes {
		value, ok := exact[row.from]
		if ok && row.value != nil {
			value = row.value(value, exact)
		}
		if a := (history.Attribute{Key: row.key, Value: value}); a.Valid() {
			return a
		}
	}
	return history.Attribute{}
}

// attributes are the comparisons that can be pushed down, those that leave least first. value makes the attribute's value
// of that of the field; "" where it is not certain.
var attributes = []struct {
	from, key string
	value     func(value string, all map[string]string) string
}{
	{"id", history.EventID, nil},
	{"key", history.AccessKeyID, nil},
	{"userIdentity.accessKeyId", history.AccessKeyID, nil},
	{"session", history.Username, nil},
	{"user", history.Username, userName},
	{"event", history.EventName, nil},
	{"service", history.EventSource, func(value string, _ map[string]string) string { return value + ".amazonaws.com" }},
	{`"readOnly"`, history.ReadOnly, func(value string, _ map[string]string) string {
		if value != "true" && value != "false" {
			return ""
		}
		return value
	}},
}

// userName is what LookupEvents calls the user of some kinds: the user's name, "root", or the name of a role's session
// (CloudTrail API reference, Event).
func userName(user string, all map[string]string) string {
	switch kind := all["kind"]; kind {
	case "IAMUser", "SSOUser", "EC2Instance", "WebIdentity":
		return user
	case "Root":
		if user == "root" {
			return user
		}
	case "AssumedRole":
		if _, session, ok := strings.Cut(user, "/"); ok && !strings.Contains(session, "/") {
			return session
		}
	}
	return ""
}

// keyName is a field, or a path as it is written.
func keyName(k query.Key) string {
	if k.Field != "" {
		return k.Field
	}
	return strings.Join(k.Path, ".")
}

// aside is a note about how AWS is asked; there is no place for it where the panes have the terminal.
func (c *command) aside(format string, args ...any) {
	if !c.onScreen {
		c.note(format, args...)
	}
}

// remarks says what a source has to say about the requests that is no error.
func (c *command) remarks(src source.Source) {
	if h, ok := src.(*history.History); ok {
		for _, note := range h.Notes() {
			c.aside("%s", note)
		}
	}
}

// refusedText names parts of places with why they refuse: "ap-east-1 (not enabled), me-south-1 (not enabled)".
func refusedText(refused []index.FileProblem) string {
	parts := make([]string, len(refused))
	for i, r := range refused {
		parts[i] = text.Visible(r.File) + " (" + text.Visible(r.Reason) + ")"
	}
	return strings.Join(parts, ", ")
}
