package tui

import (
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

// rowFields are the values read with each row of the list; columns name them by place.
var rowFields = []string{"event", "user", "ip", "region", "resource", "error", "outcome"}

// Places in rowFields. The time is no field of a row.
const (
	valueTime = iota - 1
	valueEvent
	valueUser
	valueIP
	valueRegion
	valueResource
	valueError
	valueOutcome
)

// A column is a column of the list of events.
type column struct {
	title string
	value int    // place in rowFields, or behind them in the values of a chosen column
	cells int    // 0: there is no room for it
	name  string // of a chosen column that is none of rowFields: a field or a path in the record
	path  bool
}

// field is the name of the field a column shows; keep and drop are about it.
func (c column) field() string {
	switch {
	case c.value == valueTime:
		return "time"
	case c.name != "":
		return c.name
	}
	return rowFields[c.value]
}

// key is what a term about the column is about.
func (c column) key() query.Key {
	if c.path {
		if k, err := query.ParsePath(c.name); err == nil {
			return k
		}
	}
	return query.Key{Field: c.field()}
}

const (
	gutter        = 3 // cursor, mark or conflict, verdict
	narrowTime    = len("11-07 14:02:11")
	wideTime      = len("2026-11-07 14:02:11")
	ipCells       = len("198.51.100.200")
	wideFrom      = 100 // cells from which on Region, target and error have columns
	defaultColumn = 1   // event
)

// columns says what the list shows at a width: always time, event, principal, address and outcome; with room also
// Region, target and the error code.
func columns(cells int) []column {
	if cells < wideFrom {
		rest := max(cells-gutter-narrowTime-1-ipCells-3-1-1, 0)
		event := rest * 46 / 100
		return []column{
			{title: "TIME", value: valueTime, cells: narrowTime},
			{title: "EVENT", value: valueEvent, cells: event},
			{title: "WHO", value: valueUser, cells: rest - event},
			{title: "FROM", value: valueIP, cells: ipCells + 1},
			{title: "E", value: valueOutcome, cells: 1},
		}
	}
	const region = len("ap-southeast-1")
	rest := max(cells-gutter-wideTime-ipCells-1-region-6, 0)
	event, who, target := rest*26/100, rest*28/100, rest*28/100
	return []column{
		{title: "TIME", value: valueTime, cells: wideTime},
		{title: "EVENT", value: valueEvent, cells: event},
		{title: "WHO", value: valueUser, cells: who},
		{title: "FROM", value: valueIP, cells: ipCells + 1},
		{title: "REGION", value: valueRegion, cells: region},
		{title: "TARGET", value: valueResource, cells: target},
		{title: "ERROR", value: valueError, cells: rest - event - who - target},
	}
}

// cell is what a row shows in a column, filled to its width.
func (c column) cell(th theme, r *index.Row, loc *time.Location) string {
	switch c.value {
	case valueTime:
		return text.Fit(rowTime(r, loc, c.cells), c.cells)
	case valueOutcome:
		if c.cells > 1 {
			break
		}
		if failed(r) {
			return "x"
		}
		return " "
	}
	v := value(r, c.value)
	if v == "" {
		if c.value == valueError && failed(r) {
			v = value(r, valueOutcome)
		} else if c.value != valueError {
			v = "-"
		}
	}
	if c.path {
		if masked, ok := text.Masked(lastStep(c.name), v); ok {
			v = masked
		}
	}
	return fitValue(th, c.field(), v, c.cells)
}

// fitValue draws the value of a field in so many cells: what all values of the field have in common is left out, and
// what is cut is where least is told.
func fitValue(th theme, field, v string, cells int) string {
	switch field {
	case "user":
		return th.fitMiddle(v, cells)
	case "resource":
		return th.fitTail(shortARN(v), cells)
	case "ip":
		return th.fit(strings.TrimSuffix(v, ".amazonaws.com"), cells)
	}
	return th.fit(v, cells)
}

// shortARN is what an ARN names: role/deploy, s3:::bucket, secret:prod/db. Other text stays as it is.
func shortARN(s string) string {
	part := strings.SplitN(s, ":", 6)
	if len(part) < 6 || part[0] != "arn" {
		return s
	}
	if part[2] == "s3" {
		return "s3:::" + part[5]
	}
	return part[5]
}

// value is one value of a row, "" where it has none.
func value(r *index.Row, i int) string {
	if i < 0 || i >= len(r.Values) {
		return ""
	}
	return r.Values[i]
}

// failed reports whether the event did not succeed.
func failed(r *index.Row) bool { return r.Flags&index.RowError != 0 }

// rowTime is the event's time in the width there is.
func rowTime(r *index.Row, loc *time.Location, cells int) string {
	if !r.HasTime {
		return "no time"
	}
	if cells < wideTime {
		return r.Time.In(loc).Format("01-02 15:04:05")
	}
	return r.Time.In(loc).Format("2006-01-02 15:04:05")
}
