package source

import (
	"bytes"
	"errors"
	"io"
	"strconv"
)

// A tableReader gives the records of a table (CSV, also with semicolons or tabs) one a line: as delivered where a column
// holds them, else rebuilt from the columns. What holds none is passed over and counted.
type tableReader struct {
	rows    *rowReader
	comma   byte
	columns []int // by cell: its row in columnPaths, -1 for none
	raw     int   // the cell with the record as delivered, -1 for none
	flags   Flags

	cells   []cell
	text    []byte // of the cells
	bad     bool   // text stands behind a quote that closes a cell of several lines
	at      int64  // of the row, in the table
	next    int64  // the row behind it
	number  int
	lines   bool // too many quotes were not closed: every line is a row from here on
	budget  int  // bytes that may still be read again behind quotes that are not closed
	pending []byte
	out     []byte
	done    error

	check    scanner // of records as delivered
	event    Event
	gather   gatherer
	others   int
	skipped  int
	problems []Problem
	damage   string
}

// A cell is text[from:to] of the row.
type cell struct {
	from, to int
	quoted   bool
}

// A table's header: its separator and the cells that are known.
type tableHeader struct {
	comma   byte
	columns []int
	raw     int
}

// isTable tells the header of a table with columns of CloudTrail.
func isTable(head []byte) bool {
	_, ok := readHeader(head)
	return ok
}

// headerBytes is how long the header of a table may be.
const headerBytes = 16 << 10

func readHeader(head []byte) (h tableHeader, ok bool) {
	head = bytes.TrimPrefix(head, []byte(byteOrderMark))
	if len(head) == 0 || !startsHeader(head[0]) {
		return h, false
	}
	line, rest, whole := bytes.Cut(head[:min(len(head), headerBytes)], []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	if !whole && len(head) > headerBytes {
		return h, false
	}
	for _, comma := range []byte(",;\t|") {
		if h, ok = knownHeader(line, comma); ok {
			return h, len(h.columns) > 1 || bytes.HasPrefix(bytes.TrimLeft(rest, `" `), []byte("{"))
		}
	}
	return h, false
}

func startsHeader(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '"' || c == '_' || c == '@'
}

// knownHeader reads the header with one separator. It is a table of CloudTrail where a column holds the record, or the
// name or id of the event stand beside two other columns.
func knownHeader(line []byte, comma byte) (h tableHeader, ok bool) {
	t := tableReader{comma: comma}
	if !t.split(line, false) || len(t.cells) > 1000 {
		return h, false
	}
	h = tableHeader{comma: comma, raw: -1}
	known, named := 0, false
	for i, c := range t.cells {
		name := plainName(string(t.text[c.from:c.to]))
		n, found := columnNumbers[name]
		if !found {
			n = -1
		} else {
			known++
			named = named || name == "eventname" || name == "eventid"
		}
		h.columns = append(h.columns, n)
		if rawColumns[name] && (h.raw < 0 || name == "eventjson") {
			h.raw = i
		}
	}
	return h, h.raw >= 0 || named && known >= 3
}

func newTableReader(content io.Reader, head []byte) *tableReader {
	h, _ := readHeader(head)
	t := &tableReader{rows: newRowReader(content), comma: h.comma, columns: h.columns, raw: h.raw}
	if h.raw < 0 {
		t.flags = Reconstructed
	}
	t.budget = 4 * maxRecord
	t.check.e, t.check.g = &t.event, &t.gather
	t.done = notEOF(t.rows.line())
	t.next = int64(len(t.rows.row()))
	return t
}

func (t *tableReader) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		if t.done != nil {
			return 0, t.done
		}
		t.pending = t.pending[:0]
		t.done = t.record()
		t.out = t.pending
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// record reads a row and puts its record into pending.
func (t *tableReader) record() error {
	err := t.readRow()
	if len(t.rows.row()) == 0 {
		return err
	}
	t.number++
	if len(t.cells) == 1 && t.cells[0].from == t.cells[0].to {
		return err // a blank line
	}
	if len(t.cells) > len(t.columns) {
		t.skip(strconv.Itoa(len(t.cells)) + " cells, but the table has " + strconv.Itoa(len(t.columns)) + " columns")
		return err
	}
	if t.raw >= 0 {
		t.delivered()
	} else {
		t.rebuilt()
	}
	return err
}

// delivered takes the record out of its cell.
func (t *tableReader) delivered() {
	if t.raw >= len(t.cells) {
		t.others++
		return
	}
	c := t.cells[t.raw]
	text := bytes.TrimSpace(t.text[c.from:c.to])
	if len(text) == 0 || !opensValue(text[0]) {
		t.others++
		return
	}
	t.pending = append(append(t.pending, text...), make([]byte, pad)...)
	s := &t.check
	s.text, s.n = t.pending, len(text)
	end := s.value(0)
	if end >= 0 {
		end = s.space(end)
	}
	switch {
	case end == len(text):
		t.pending = append(t.pending[:len(text)], '\n')
		return
	case end >= 0:
		t.skip("more text after the record")
	case s.g.seen != 0:
		t.skip("the record is not valid JSON at its byte " + strconv.Itoa(s.failAt) + ": " + s.reason)
	default:
		t.others++
	}
	t.pending = t.pending[:0]
}

// rebuilt makes a record of the cells.
func (t *tableReader) rebuilt() {
	values := make([]*node, len(columnPaths))
	for i, c := range t.cells {
		if n := t.columns[i]; n >= 0 && (c.quoted || c.from < c.to) {
			values[n] = &node{kind: nodeString, text: t.text[c.from:c.to:c.to]}
		}
	}
	record := rebuildRow(values)
	if record == nil {
		t.skip("no event name")
		return
	}
	t.pending = append(append(t.pending, record...), '\n')
}

func (t *tableReader) skip(reason string) {
	t.skipped++
	if len(t.problems) < maxProblems {
		t.problems = append(t.problems, Problem{t.at, "row " + thousands(int64(t.number)) + ": " + reason})
	}
}

// readRow reads the next row: a line, or several where a cell in quotes goes on. Where a quote is not closed in 16 MB, or
// something stands behind the one that closes it, only its line is lost.
func (t *tableReader) readRow() error {
	t.at = t.next
	t.cells, t.text, t.bad = t.cells[:0], t.text[:0], false
	t.rows.begin()
	err := t.rows.line()
	closed := len(t.rows.row()) == 0 || t.split(t.rows.row(), false)
	for !closed && !t.bad && !t.lines && err == nil && len(t.rows.row()) <= maxRecord {
		from := len(t.rows.row())
		err = t.rows.line()
		closed = t.split(t.rows.row()[from:], true)
	}
	if !closed {
		err = t.again(err)
	}
	t.next += int64(len(t.rows.row()))
	if !closed {
		t.rows.begin() // nothing is left of it
	}
	return err
}

// again goes back to behind the first line of the row, whose end was met with err.
func (t *tableReader) again(err error) error {
	t.number++
	t.skip("a quote is not closed")
	t.number--
	if t.damage == "" {
		t.damage = "table: a quote is not closed in the row at byte " + thousands(t.at)
	}
	row := t.rows.row()
	line := bytes.IndexByte(row, '\n') + 1
	if t.lines || line == 0 || line == len(row) {
		return err
	}
	t.budget -= len(row)
	t.lines = t.budget < 0
	t.rows.back(line)
	return nil
}

func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// split cuts a row into its cells, as RFC 4180 has it. It is false where a quote is not closed; then it is called again
// with the next line, which goes on within the quotes.
func (t *tableReader) split(row []byte, open bool) (closed bool) {
	several := open
	for {
		if !open {
			t.cells = append(t.cells, cell{from: len(t.text)})
		}
		c := &t.cells[len(t.cells)-1]
		if !open && len(row) > 0 && row[0] == '"' {
			c.quoted, open, row = true, true, row[1:]
		}
		if open {
			var ok bool
			if row, ok = t.quoted(row); !ok {
				return false
			}
			if t.bad = several && !t.endsCell(row); t.bad {
				return false
			}
			open, several = false, false
		}
		end := bytes.IndexByte(row, t.comma)
		if end < 0 {
			t.text = append(t.text, bytes.TrimRight(row, "\r\n")...)
			c.to = len(t.text)
			return true
		}
		t.text = append(t.text, row[:end]...)
		c.to = len(t.text)
		row = row[end+1:]
	}
}

// endsCell tells what may stand behind the quote that closes a cell.
func (t *tableReader) endsCell(rest []byte) bool {
	return len(rest) == 0 || rest[0] == t.comma || rest[0] == '\r' || rest[0] == '\n'
}

// quoted takes a cell from behind its opening quote and gives what follows its closing one.
func (t *tableReader) quoted(row []byte) (rest []byte, ok bool) {
	for {
		i := bytes.IndexByte(row, '"')
		if i < 0 {
			t.text = append(t.text, row...)
			return nil, false
		}
		t.text = append(t.text, row[:i]...)
		if i+1 >= len(row) || row[i+1] != '"' {
			return row[i+1:], true
		}
		t.text = append(t.text, '"')
		row = row[i+2:]
	}
}
