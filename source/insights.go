package source

import (
	"bytes"
	"strconv"
	"strings"
)

// insightsRow reads a row of aws logs get-query-results, a list of {"field":…,"value":…}: the record as delivered is the
// value of @message; where the query did not ask for that, the record is put together from the fields. It is false where
// the list is no such row.
func (u *unwrapper) insightsRow(l *layer, start int) bool {
	var row insightsRow
	isRow := true
	u.eachElement(l, start, func(from, to int) {
		if isRow = isRow && l.text[from] == '{'; !isRow {
			return
		}
		m := membersOf(l, from, to)
		field, isField := m.get("field")
		value, hasValue := m.get("value")
		if isRow = isField && m.count <= 2; !isRow || !hasValue {
			return
		}
		row.add(m.text(field), value, m.text(value))
	})
	if !isRow || len(row.fields) == 0 {
		return false
	}
	before := u.found()
	if row.message.end > 0 {
		u.value(l, row.message.start, row.message.end)
	}
	if record := row.record(); u.found() == before && record != nil {
		u.rebuilt(record)
	}
	if u.found() == before {
		u.quiet++
		if u.d.impl.other == "" {
			u.d.impl.other = "CloudWatch Logs Insights result without CloudTrail records"
		}
	}
	return true
}

// An insightsRow is what a row says, by the names of fields.
type insightsRow struct {
	message member
	fields  []string
	values  []*node
}

func (r *insightsRow) add(field string, value member, text string) {
	if field == "@message" {
		r.message = value
	}
	r.fields = append(r.fields, field)
	r.values = append(r.values, &node{kind: nodeString, text: []byte(text)})
}

// record puts the record together, nil where the row is of no event: a count of events has no time.
func (r *insightsRow) record() []byte {
	d := newDraft()
	values := make([]*node, len(columnPaths))
	known, timed, named := 0, false, false
	for i, field := range r.fields {
		n, ok := columnNumbers[plainName(field)]
		if !ok {
			continue
		}
		values[n] = r.values[i]
		known++
		path := columnPaths[n].path
		timed = timed || path == "eventTime" || path == logTimestamp || path == "eventID"
		named = named || path == "eventName"
	}
	if !timed || !named || known < 3 {
		return nil
	}
	fillRow(d, values)
	for i, field := range r.fields { // requestParameters.bucketName, resources.0.ARN
		top, _, deep := cutPath(field)
		if _, ok := columnNumbers[plainName(field)]; !ok && deep && recordFields[top] && len(r.values[i].text) > 0 && !strings.Contains(field, "..") {
			d.put(field, r.values[i])
		}
	}
	asLists(&d.root)
	return d.record()
}

// asLists makes lists of objects whose keys are 0, 1 and so on: that is how Insights names elements.
func asLists(n *node) {
	for _, v := range n.vals {
		asLists(v)
	}
	if n.kind != nodeObject || len(n.keys) == 0 {
		return
	}
	list := make([]*node, len(n.keys))
	for i, key := range n.keys {
		at, err := strconv.Atoi(string(key))
		if err != nil || at < 0 || at >= len(list) || list[at] != nil || !bytes.Equal(key, strconv.AppendInt(nil, int64(at), 10)) {
			return
		}
		list[at] = n.vals[i]
	}
	n.kind, n.keys, n.vals = nodeArray, nil, list
}
