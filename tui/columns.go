package tui

import (
	"time"

	"github.com/trailsift/trailsift/index"
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
	value int // place in rowFields
	cells int
	tail  bool // cut at the beginning: its end tells more
}

// field is the name of the field a column shows; keep and drop are about it.
func (c column) field() string {
	if c.value == valueTime {
		return "time"
	}
	return rowFields[c.value]
}

const (
	gutter        = 2 // cursor, and mark or conflict
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
			{"TIME", valueTime, narrowTime, false},
			{"EVENT", valueEvent, event, false},
			{"WHO", valueUser, rest - event, true},
			{"FROM", valueIP, ipCells + 1, false},
			{"E", valueOutcome, 1, false},
		}
	}
	const region = len("ap-southeast-1")
	rest := max(cells-gutter-wideTime-ipCells-1-region-6, 0)
	event, who, target := rest*26/100, rest*28/100, rest*26/100
	return []column{
		{"TIME", valueTime, wideTime, false},
		{"EVENT", valueEvent, event, false},
		{"WHO", valueUser, who, true},
		{"FROM", valueIP, ipCells + 1, false},
		{"REGION", valueRegion, region, false},
		{"TARGET", valueResource, target, true},
		{"ERROR", valueError, rest - event - who - target, false},
	}
}

// cell is what a row shows in a column, filled to its width.
func (c column) cell(th theme, r *index.Row, loc *time.Location) string {
	switch c.value {
	case valueTime:
		return text.Fit(rowTime(r, loc, c.cells), c.cells)
	case valueOutcome:
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
	if c.tail {
		return th.fitTail(v, c.cells)
	}
	return th.fit(v, c.cells)
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
