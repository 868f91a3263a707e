package cli_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The plain reader: CloudTrail files read with encoding/json alone, and the rules for copies and order in plain loops
// over everything. Nothing of the product is used, so that both cannot be wrong in the same way.

// A plainEvent is one copy of an event.
type plainEvent struct {
	line       string         // as delivered, without line breaks
	value      map[string]any // numbers as written
	key, place string
	position   int
	at         time.Time
	timed      bool
	guid       string // eventID where it is a GUID, lower case
	conflict   bool
}

// errNotJSON is about a file that is not valid JSON: the plain reader takes nothing from it.
var errNotJSON = errors.New("not valid JSON")

// plainFolder reads all files below a folder. Files that are not valid JSON are named in bad, relative to the folder.
func plainFolder(t *testing.T, folder string) (events []plainEvent, bad []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		key, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		key = filepath.ToSlash(key)
		raws, err := plainRecords(content)
		if err != nil {
			bad = append(bad, key)
			return nil //nolint:nilerr // what is no JSON is named, and the walk goes on
		}
		for i, raw := range raws {
			events = append(events, newPlainEvent(t, raw, key, folder, i))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return events, bad
}

// plainRecords are the records of one file, as delivered.
func plainRecords(content []byte) (records [][]byte, err error) {
	if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			return nil, err
		}
		if content, err = io.ReadAll(z); err != nil {
			return nil, err
		}
	}
	for d := json.NewDecoder(bytes.NewReader(content)); ; {
		var value json.RawMessage
		switch err := d.Decode(&value); {
		case errors.Is(err, io.EOF):
			return records, nil
		case err != nil:
			return nil, errNotJSON
		}
		records = append(records, plainValues(value)...)
	}
}

// plainValues finds the records in a JSON value: itself, elements of an array, of Records, Events and logEvents, the text
// of CloudTrailEvent and message, data and detail.
func plainValues(value json.RawMessage) (records [][]byte) {
	var list []json.RawMessage
	if json.Unmarshal(value, &list) == nil {
		for _, v := range list {
			records = append(records, plainValues(v)...)
		}
		return records
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil {
		return nil
	}
	if isPlainEvent(object) {
		return [][]byte{value}
	}
	var text string
	if json.Unmarshal(object["CloudTrailEvent"], &text) == nil {
		return plainValues(json.RawMessage(text))
	}
	if json.Unmarshal(object["message"], &text) == nil {
		return plainValues(json.RawMessage(text))
	}
	for _, name := range []string{"Records", "Events", "logEvents"} {
		if bytes.HasPrefix(object[name], []byte("[")) {
			records = append(records, plainValues(object[name])...)
		}
	}
	for _, name := range []string{"data", "detail"} {
		if bytes.HasPrefix(object[name], []byte("{")) {
			records = append(records, plainValues(object[name])...)
		}
	}
	return records
}

// isPlainEvent is the rule by which the events of the real logs were counted.
func isPlainEvent(object map[string]json.RawMessage) bool {
	has := func(name string) bool { _, ok := object[name]; return ok }
	return has("eventName") && (has("eventTime") || has("eventSource")) ||
		string(object["eventType"]) == `"AwsCloudTrailInsight"` || has("eventVersion") && has("eventID")
}

var (
	guidForm  = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	lineBreak = strings.NewReplacer("\n", "", "\r", "")
)

func newPlainEvent(t *testing.T, raw []byte, key, place string, position int) plainEvent {
	t.Helper()
	e := plainEvent{line: lineBreak.Replace(string(raw)), key: key, place: place, position: position}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&e.value); err != nil {
		t.Fatal(err)
	}
	if id := strings.ToLower(e.text("eventID")); guidForm.MatchString(id) {
		e.guid = id
	}
	text := cmp.Or(e.text("eventTime"), e.text("@timestamp"))
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999"} {
		if at, err := time.Parse(layout, text); err == nil {
			e.at, e.timed = at.UTC(), true
		}
	}
	return e
}

// text is the scalar at a path as text, "" where there is none.
func (e *plainEvent) text(path ...string) string {
	var v any = e.value
	for _, step := range path {
		object, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = object[step]
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return map[bool]string{true: "true", false: "false"}[v]
	}
	return ""
}

// identity is equal for copies of one event: the GUID and the account, else all values.
func (e *plainEvent) identity() string {
	if e.guid != "" {
		return e.guid + " " + cmp.Or(e.text("recipientAccountId"), e.text("accountId"))
	}
	text, err := json.Marshal(e.value)
	if err != nil {
		panic(err) // it was decoded from JSON
	}
	return string(text)
}

// plainShown applies the rule of copies and gives the events shown, in order, the number of copies hidden, and of
// conflicts.
func plainShown(all []plainEvent) (shown []plainEvent, hidden, conflicts int) {
	groups := map[string][]plainEvent{}
	for _, e := range all {
		groups[e.identity()] = append(groups[e.identity()], e)
	}
	for _, copies := range groups {
		slices.SortFunc(copies, func(a, b plainEvent) int {
			return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.place, b.place), a.position-b.position)
		})
		var first []plainEvent
		for _, c := range copies {
			if !slices.ContainsFunc(first, func(f plainEvent) bool { return standsIn(c.value, f.value) || standsIn(f.value, c.value) }) {
				first = append(first, c)
			}
		}
		for i := range first {
			first[i].conflict = len(first) > 1
		}
		shown = append(shown, first...)
		hidden += len(copies) - len(first)
		conflicts += len(first) - 1
	}
	slices.SortFunc(shown, plainOrder)
	return shown, hidden, conflicts
}

// standsIn says that every value of a stands in b at the same place; null is as good as absent.
func standsIn(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		object, ok := b.(map[string]any)
		for name, v := range a {
			if v != nil && !standsIn(v, object[name]) {
				return false
			}
		}
		return ok
	case []any:
		list, ok := b.([]any)
		return ok && slices.EqualFunc(a, list, standsIn)
	}
	if _, ok := b.(map[string]any); ok {
		return false
	}
	if _, ok := b.([]any); ok {
		return false
	}
	return a == b
}

// plainOrder is the order of events: newest first, without a time last; then by GUID, those without one last; then by
// log file, place and position.
func plainOrder(a, b plainEvent) int {
	last := func(x, y bool) int { // the one that has it first
		switch {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	}
	return cmp.Or(
		last(a.timed, b.timed), b.at.Compare(a.at),
		last(a.guid != "", b.guid != ""), cmp.Compare(a.guid, b.guid),
		cmp.Compare(a.key, b.key), cmp.Compare(a.place, b.place), a.position-b.position,
	)
}

// plainLines are the lines of events.
func plainLines(events []plainEvent) []string {
	out := make([]string, len(events))
	for i := range events {
		out[i] = events[i].line
	}
	return out
}
