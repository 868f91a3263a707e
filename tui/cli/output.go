package cli

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/trailsift/trailsift/tui/text"
)

// outputFormat is the format asked for, checked; table on a terminal and other elsewhere by default.
func (c *command) outputFormat(elsewhere string, allowed ...string) (string, error) {
	f := c.flag.format
	if f == "" {
		if c.env.StdoutTTY {
			return "table", nil
		}
		return elsewhere, nil
	}
	if slices.Contains(allowed, f) {
		return f, nil
	}
	return "", usage("", "--format %s: not one of %s%s", f, strings.Join(allowed, ", "), didYouMean(f, allowed))
}

// newWriter buffers standard output; close it to see whether everything was written.
func (c *command) newWriter() *bufio.Writer { return bufio.NewWriterSize(c.env.Stdout, 64<<10) }

// writeJSON writes one document. On a terminal it is escaped.
func (c *command) writeJSON(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if c.env.StdoutTTY {
		b = text.JSON(b)
	}
	_, err = c.env.Stdout.Write(append(b, '\n'))
	return err
}

// csvWriter writes cells that no spreadsheet runs as a formula.
type csvWriter struct {
	w   *csv.Writer
	tty bool
}

func (c *command) newCSV(w io.Writer) *csvWriter {
	return &csvWriter{csv.NewWriter(w), c.env.StdoutTTY}
}

func (w *csvWriter) row(cells ...string) error {
	out := make([]string, len(cells))
	for i, cell := range cells {
		if w.tty {
			cell = text.Visible(cell)
		}
		out[i] = text.CSVCell(cell)
	}
	return w.w.Write(out)
}

func (w *csvWriter) flush() error {
	w.w.Flush()
	return w.w.Error()
}

// A column of a table: its head, the least width it is useful at, whether it may be cut, and at which end.
type column struct {
	head  string
	min   int
	right bool // numbers
	tail  bool // the end says more than the beginning
	drop  int  // where the line is too narrow for all least widths, the highest is left out first; 0: never
}

// fitting are the numbers of the columns that have room within width cells (0: all).
func fitting(cols []column, width int) (kept []int) {
	room := -2
	for i, col := range cols {
		kept = append(kept, i)
		room += max(col.min, text.Width(col.head)) + 2
	}
	for width > 0 && room > width {
		out := -1
		for at, i := range kept {
			if cols[i].drop > 0 && (out < 0 || cols[i].drop > cols[kept[out]].drop) {
				out = at
			}
		}
		if out < 0 {
			break
		}
		room -= max(cols[kept[out]].min, text.Width(cols[kept[out]].head)) + 2
		kept = slices.Delete(kept, out, out+1)
	}
	return kept
}

// table lays rows out under their heads within width cells (0: as wide as needed). Text is made visible.
func table(w io.Writer, cols []column, rows [][]string, width int) error {
	return tableRows(w, cols, rows, width, true)
}

// tableRows is table with or without heads.
func tableRows(w io.Writer, cols []column, rows [][]string, width int, heads bool) error {
	if kept := fitting(cols, width); len(kept) < len(cols) {
		cols, rows = choose(cols, kept), slices.Clone(rows)
		for i := range rows {
			rows[i] = choose(rows[i], kept)
		}
	}
	widths := make([]int, len(cols))
	for i, col := range cols {
		widths[i] = text.Width(col.head)
	}
	for _, row := range rows {
		for i := range row {
			widths[i] = max(widths[i], text.Width(text.Visible(row[i])))
		}
	}
	shrink(widths, cols, width)
	if heads {
		line := make([]string, len(cols))
		for i, col := range cols {
			line[i] = col.head
		}
		rows = slices.Concat([][]string{line}, rows)
	}
	for _, row := range rows {
		if _, err := io.WriteString(w, tableLine(row, widths, cols)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// choose are the elements with these numbers.
func choose[T any](all []T, numbers []int) []T {
	out := make([]T, len(numbers))
	for i, n := range numbers {
		out[i] = all[n]
	}
	return out
}

// shrink takes cells from the widest columns until the line fits, never below a column's least width.
func shrink(widths []int, cols []column, width int) {
	if width <= 0 {
		return
	}
	for total := lineWidth(widths); total > width; total-- {
		widest := -1
		for i, col := range cols {
			if widths[i] > max(col.min, 1) && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

func lineWidth(widths []int) int {
	total := 2 * (len(widths) - 1)
	for _, w := range widths {
		total += w
	}
	return total
}

func tableLine(row []string, widths []int, cols []column) string {
	var b strings.Builder
	for i, cell := range row {
		if i > 0 {
			b.WriteString("  ")
		}
		fit := text.Fit
		switch {
		case cols[i].right:
			fit = text.FitRight
		case cols[i].tail:
			fit = text.FitTail
		}
		b.WriteString(fit(cell, widths[i]))
	}
	return strings.TrimRight(b.String(), " ")
}
