package tui

import (
	"context"
	"slices"
	"strings"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

// A chosenColumn is a column as a person chose it: a field, or a path in the record. Cells 0 is the width that suits it.
type chosenColumn struct {
	Name  string `json:"name"`
	Cells int    `json:"cells,omitempty"`
}

// maxColumns bounds the columns; maxCells the width a person can give one.
const (
	maxColumns = 40
	maxCells   = 200
	leastCells = 4
)

// isPath reports whether the name of a column is a path and no field.
func isPath(name string) bool {
	_, ok := index.Schema().Lookup(name)
	return !ok
}

// validColumns are those of some columns that exist, each once.
func validColumns(all []chosenColumn) []chosenColumn {
	var out []chosenColumn
	for _, c := range all {
		if f, ok := index.Schema().Lookup(c.Name); ok {
			c.Name = f.Name
		} else if k, err := query.ParsePath(c.Name); err != nil || k.Field != "" || len(k.Path) == 0 {
			continue
		}
		c.Cells = min(max(c.Cells, 0), maxCells)
		if len(out) < maxColumns && !slices.ContainsFunc(out, func(o chosenColumn) bool { return o.Name == c.Name }) {
			out = append(out, c)
		}
	}
	return out
}

// columnTitles are the heads of columns that are not named like their field.
var columnTitles = map[string]string{"user": "WHO", "ip": "FROM", "resource": "TARGET"}

// fieldCells are the widths of fields whose values are of one size; the others share what is left.
var fieldCells = map[string]int{
	"ip": ipCells + 1, "region": len("ap-southeast-1"), "outcome": 9, "mfa": 5, "readonly": 8, "account": 12, "caller-account": 14,
	"key": 20, "issued": 20, "category": 10, "tls": 7, "verdict": 10, "id": 36, "request": 36, "shared": 36, "conflict": 8,
	"salvaged": 8, "reconstructed": 13, "addendum": 8, "omitted": 7,
}

// A rowReader reads the rows of the list: the values of rowFields and those of the chosen columns behind them.
type rowReader struct {
	index  *index.Index
	fields []string    // beside rowFields
	paths  []query.Key // behind them
}

// newRowReader reads what the columns need.
func newRowReader(x *index.Index, chosen []chosenColumn) rowReader {
	r := rowReader{index: x}
	for _, c := range chosen {
		switch {
		case isPath(c.Name):
			if k, err := query.ParsePath(c.Name); err == nil {
				r.paths = append(r.paths, k)
			}
		case c.Name != "time" && !slices.Contains(rowFields, c.Name):
			r.fields = append(r.fields, c.Name)
		}
	}
	return r
}

// page reads rows of a listing. What a path names is read from the records, so that a page with such a column costs as
// many records as it has rows.
func (r rowReader) page(ctx context.Context, l *listing, from, n int) ([]index.Row, error) {
	rows, err := l.Page(ctx, from, n, slices.Concat(rowFields, r.fields))
	if err != nil || len(r.paths) == 0 {
		return rows, err
	}
	if l.order.field == "" {
		return rows, r.inOrder(ctx, l, from, rows)
	}
	for i := range rows {
		rec, err := r.index.Record(ctx, rows[i].Ref)
		if err != nil {
			return nil, err
		}
		r.add(&rows[i], rec.Raw)
	}
	return rows, nil
}

// inOrder reads the records of rows that follow each other in time, each log file once and side by side.
func (r rowReader) inOrder(ctx context.Context, l *listing, from int, rows []index.Row) error {
	i := 0
	for rec, err := range l.Records(ctx, index.RecordsOptions{Reverse: l.order.back, Offset: max(from, 0), Limit: len(rows)}) {
		if err != nil {
			return err
		}
		if i < len(rows) && rows[i].Ref == rec.Ref {
			r.add(&rows[i], rec.Raw)
		}
		i++
	}
	return nil
}

// add puts what the record has at the paths behind the values of a row.
func (r rowReader) add(row *index.Row, raw []byte) {
	for _, k := range r.paths {
		row.Values = append(row.Values, pathText(raw, k))
	}
}

// pathText is what a record has at a path, several values one after another.
func pathText(raw []byte, k query.Key) string {
	const most = 1 << 10 // bytes; more is not seen in a column
	var b strings.Builder
	for i, v := range query.PathValues(raw, k) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.Write(v)
		if b.Len() > most {
			return b.String()[:most]
		}
	}
	return b.String()
}

// lastStep is the key a path ends with, which tells whether its values grant access.
func lastStep(path string) string {
	k, err := query.ParsePath(path)
	if err != nil {
		return ""
	}
	for _, s := range slices.Backward(k.Path) {
		if !strings.HasPrefix(s, "[") && s != "*" {
			return strings.Trim(s, `"`)
		}
	}
	return ""
}

// chosenLayout gives the columns their cells. Those whose values are of one size have that; the others share the rest.
// Where not all fit, those on the right are left out, or, where the column at is one of them, those behind the first.
func chosenLayout(chosen []chosenColumn, cells, at int) []column {
	out := make([]column, len(chosen))
	extra, paths := len(rowFields), 0
	for _, c := range chosen {
		if c.Name != "time" && !isPath(c.Name) && !slices.Contains(rowFields, c.Name) {
			paths++
		}
	}
	paths += len(rowFields)
	for i, c := range chosen {
		col := column{title: columnTitle(c.Name), cells: c.Cells}
		switch j := slices.Index(rowFields, c.Name); {
		case c.Name == "time":
			col.value = valueTime
		case j >= 0:
			col.value = j
		case isPath(c.Name):
			col.value, col.name, col.path = paths, c.Name, true
			paths++
		default:
			col.value, col.name = extra, c.Name
			extra++
		}
		out[i] = col
	}
	divide(out, cells-gutter, at)
	return out
}

// columnTitle is the head of a column: a path is told by its end.
func columnTitle(name string) string {
	if t := columnTitles[name]; t != "" {
		return t
	}
	if isPath(name) {
		return name
	}
	return strings.ToUpper(name)
}

// divide gives columns without a width theirs, and hides what does not fit.
func divide(cols []column, cells, at int) {
	const least = 10
	want := func(c column) int {
		switch {
		case c.cells > 0:
			return c.cells
		case c.value == valueTime && cells < wideFrom:
			return narrowTime
		case c.value == valueTime:
			return wideTime
		}
		return fieldCells[c.field()]
	}
	hidden := make([]bool, len(cols))
	used := func() (sum, flexible int) {
		for i, c := range cols {
			if hidden[i] {
				continue
			}
			n := want(c)
			if n == 0 {
				n, flexible = least, flexible+1
			}
			sum += n + 1
		}
		return sum - 1, flexible
	}
	for i := len(cols) - 1; i > at; i-- { // from the right to the one under the cursor, then from the left
		if sum, _ := used(); sum > cells {
			hidden[i] = true
		}
	}
	for i := 1; i < at; i++ {
		if sum, _ := used(); sum > cells {
			hidden[i] = true
		}
	}
	sum, flexible := used()
	rest := cells - sum
	for i := range cols {
		n := want(cols[i])
		switch {
		case hidden[i]:
			n = 0
		case n == 0:
			n = least + max(rest, 0)/max(flexible, 1)
			if rest > 0 {
				rest -= rest / flexible
			}
			flexible--
		}
		cols[i].cells = max(n, 0)
	}
	clip(cols, cells)
}

// clip cuts what is still too wide, which happens where a single column is wider than the list.
func clip(cols []column, cells int) {
	for i := range cols {
		if cols[i].cells == 0 {
			continue
		}
		cols[i].cells = max(min(cols[i].cells, cells), 0)
		cells -= cols[i].cells + 1
	}
}

// defaultColumns are what C begins with: the columns of the list as they are without a choice.
func defaultColumns(cells int) []chosenColumn {
	var out []chosenColumn
	for _, c := range columns(cells) {
		out = append(out, chosenColumn{Name: c.field()})
	}
	return out
}

// columnHelp says what a column shows.
func columnHelp(name string) string {
	f, ok := index.Schema().Lookup(name)
	if !ok {
		return "a path in the record"
	}
	return f.Help
}

// widthText is the width of a column in words.
func widthText(c chosenColumn) string {
	if c.Cells == 0 {
		return "as suits"
	}
	return text.Count(c.Cells) + " cells"
}
