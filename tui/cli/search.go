package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

func (c *command) searchCommand() *cobra.Command {
	cmd := c.queryCommand("search [QUERY…]", "Events, newest first", "table, jsonl, json, csv", c.search)
	f := cmd.Flags()
	f.IntVar(&c.flag.limit, "limit", -1, "how many events; 0: all (default: all, one screen for a table on a terminal)")
	f.StringSliceVar(&c.flag.fields, "fields", nil, "`FIELDS` to print for table and csv: a,b,c; any path in the record is one")
	f.BoolVar(&c.flag.reverse, "reverse", false, "oldest first")
	f.BoolVar(&c.flag.count, "count", false, "print the number alone")
	c.flag.following(f)
	f.BoolVar(&c.flag.failEmpty, "fail-if-empty", false, "exit 1 when nothing is found")
	return cmd
}

func (c *command) search(ctx context.Context, args []string) error {
	elsewhere := "jsonl"
	if len(c.flag.fields) > 0 {
		elsewhere = "csv" // records are printed whole; fields need columns
	}
	format, err := c.outputFormat(elsewhere, "table", "jsonl", "json", "csv")
	if err != nil {
		return err
	}
	if len(c.flag.fields) > 0 && (format == "jsonl" || format == "json") {
		return usage("--format csv, or leave --fields out", "--fields: %s prints whole records", format)
	}
	if _, err := c.cellReader(ctx, c.chosenFields()); err != nil {
		return err
	}
	if c.flag.follow {
		return c.searchOn(ctx, queryArgs(args), format)
	}
	r, err := c.answer(ctx, queryArgs(args))
	if err != nil {
		return err
	}
	if c.flag.count {
		_, err = fmt.Fprintln(c.env.Stdout, r.Count())
	} else {
		err = c.printEvents(ctx, r, format)
	}
	if err == nil && c.flag.failEmpty && r.Count() == 0 {
		err = errQuiet(exitNegative)
	}
	return c.ended(err)
}

// screenRows is one screen of a table where the height is not known.
const screenRows = 40

// oneScreen is how many rows stand on the terminal between the heads and the last line.
func (c *command) oneScreen() int {
	if c.env.Height > 4 {
		return c.env.Height - 3
	}
	return screenRows
}

func (c *command) printEvents(ctx context.Context, r *index.Result, format string) error {
	limit := c.flag.limit
	if limit < 0 {
		limit = 0
		if format == "table" && c.env.StdoutTTY {
			limit = c.oneScreen()
		}
	}
	shown := r.Count()
	if limit > 0 {
		shown = min(shown, limit)
	}
	records := r.Records(ctx, index.RecordsOptions{Reverse: c.flag.reverse, Limit: limit, Reuse: true})
	w := c.newWriter()
	var err error
	switch format {
	case "jsonl":
		err = c.printLines(w, records)
	case "json":
		err = c.printDocument(w, records)
	case "csv":
		err = c.printCSV(ctx, w, r, shown)
	default:
		err = c.printTable(ctx, w, r, shown)
	}
	if ferr := w.Flush(); err == nil {
		err = ferr
	}
	if err == nil && format == "table" && shown < r.Count() {
		c.note("%s of %s, --limit 0 for all", text.Count(shown), text.Count(r.Count()))
	}
	return err
}

// printLines prints each record as delivered, one a line.
func (c *command) printLines(w io.Writer, records iter.Seq2[index.Record, error]) error {
	tokens := secretCount{}
	for rec, err := range records {
		if err != nil {
			return err
		}
		if rec.Missing != "" {
			c.missing(rec)
			continue
		}
		tokens.add(rec.Raw)
		if _, err := w.Write(c.oneLine(rec.Raw)); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	c.sayTokens(tokens)
	return nil
}

// printDocument prints one document that every CloudTrail tool reads.
func (c *command) printDocument(w io.Writer, records iter.Seq2[index.Record, error]) error {
	tokens, sep := secretCount{}, `{"Records":[`
	for rec, err := range records {
		if err != nil {
			return err
		}
		if rec.Missing != "" {
			c.missing(rec)
			continue
		}
		tokens.add(rec.Raw)
		if _, err := io.WriteString(w, sep); err != nil {
			return err
		}
		if _, err := w.Write(c.oneLine(rec.Raw)); err != nil {
			return err
		}
		sep = ",\n"
	}
	if sep != ",\n" {
		if _, err := io.WriteString(w, sep); err != nil {
			return err
		}
	}
	c.sayTokens(tokens)
	_, err := io.WriteString(w, "]}\n")
	return err
}

// oneLine takes line breaks between tokens out; inside strings JSON has none. On a terminal the text is escaped.
func (c *command) oneLine(raw []byte) []byte {
	if bytes.IndexByte(raw, '\n') >= 0 || bytes.IndexByte(raw, '\r') >= 0 {
		out := make([]byte, 0, len(raw))
		for _, b := range raw {
			if b != '\n' && b != '\r' {
				out = append(out, b)
			}
		}
		raw = out
	}
	if c.env.StdoutTTY {
		return text.JSON(raw)
	}
	return raw
}

// missing names a record that can't be read back; the rest goes on and the exit code says so.
func (c *command) missing(rec index.Record) {
	if c.unreadable == 0 {
		c.note("record %d of %s: %s", rec.Position, text.Visible(rec.Key), text.Visible(rec.Missing))
	}
	c.unreadable++
}

// ended is how a command that answers ends: with its own error, else the one of bringing in, else whether records
// could not be read.
func (c *command) ended(err error) error {
	if err != nil {
		return err
	}
	if c.later != nil {
		return c.later
	}
	if c.unreadable > 0 {
		return placeFault("bring the place in again where the files are back, with trailsift sync",
			"%s could not be read back", plural(c.unreadable, "record", "records"))
	}
	return nil
}

// tableFields are the columns of the event list, for table and csv.
var tableFields = []string{"event", "user", "ip", "region", "resource", "error"}

// leastWidth is below what a column says too little; droppable are those that a narrow terminal does without, the
// highest first. At 80 cells time, event, user, address and error are left, as in the panes.
var (
	leastWidth = map[string]int{"time": 19, "event": 14, "user": 14, "ip": 15, "resource": 20, "region": 9}
	droppable  = map[string]int{"resource": 1, "region": 2}
)

// rowsAt is how many events are asked of the index at once.
const rowsAt = 1000

// rows calls fn with the cells of each event, in order.
func (c *command) rows(ctx context.Context, r *index.Result, shown int, fields []string, fn func(cells []string) error) error {
	cells, err := c.cellReader(ctx, fields)
	if err != nil {
		return err
	}
	for at := 0; at < shown; at += rowsAt {
		n := min(rowsAt, shown-at)
		offset := at
		if c.flag.reverse {
			offset = r.Count() - at - n
		}
		page, err := r.Page(ctx, offset, n, cells.indexed)
		if err != nil {
			return err
		}
		for i := range page {
			row := page[i]
			if c.flag.reverse {
				row = page[len(page)-1-i]
			}
			if err := fn(cells.read(row)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *command) printTable(ctx context.Context, w io.Writer, r *index.Result, shown int) error {
	fields := c.chosenFields()
	cols := make([]column, len(fields))
	for i, f := range fields {
		cols[i] = column{head: strings.ToUpper(f), min: 8, tail: f == "user" || f == "resource" || f == "arn"}
		if least, ok := leastWidth[f]; ok {
			cols[i].min = least
		}
		if len(c.flag.fields) == 0 {
			cols[i].drop = droppable[f]
		}
	}
	// Tables are laid out a page at a time, so that a long result needs no more memory than a short one.
	var rows [][]string
	heads := !c.headed
	flush := func() error {
		err := tableRows(w, cols, rows, c.env.Width, heads)
		rows, heads, c.headed = rows[:0], false, c.flag.follow
		return err
	}
	err := c.rows(ctx, r, shown, fields, func(cells []string) error {
		rows = append(rows, cells)
		if len(rows) == rowsAt {
			return flush()
		}
		return nil
	})
	if err == nil && len(rows) > 0 {
		err = flush()
	}
	return err
}

func (c *command) printCSV(ctx context.Context, w io.Writer, r *index.Result, shown int) error {
	fields := c.chosenFields()
	out := c.newCSV(w)
	if !c.headed {
		if err := out.row(fields...); err != nil {
			return err
		}
	}
	c.headed = c.flag.follow
	if err := c.rows(ctx, r, shown, fields, func(cells []string) error { return out.row(cells...) }); err != nil {
		return err
	}
	return out.flush()
}

func (c *command) chosenFields() []string {
	if len(c.flag.fields) > 0 {
		return c.flag.fields
	}
	return append([]string{"time"}, tableFields...)
}

// timeText is the time of a row; empty where there is none.
func timeText(row index.Row) string {
	if !row.HasTime {
		return ""
	}
	t := row.Time.UTC()
	if t.Nanosecond() != 0 {
		return t.Format("2006-01-02 15:04:05.000")
	}
	return t.Format(time.DateTime)
}
