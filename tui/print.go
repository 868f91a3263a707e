package tui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	tea "charm.land/bubbletea/v2"
	tty "golang.org/x/term"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// printChoice is what P offers.
type printChoice struct {
	raw bool // the bytes as delivered; asked for with a notice
}

// maxPrint bounds how many records are printed; more is what a file is for.
const maxPrint = 1_000

// printValue is the line of the menu about the value under the cursor; the others are exportWhat.
const printValue exportWhat = 200

// printWhats are the lines of the menu.
var printWhats = []exportWhat{exportEvent, printValue, exportMarked, exportShown}

// openPrint asks what to print.
func (a *app) openPrint() {
	a.printing = printChoice{}
	a.openMenu(menuPrint)
}

func (a *app) printRows() []menuRow {
	how := "readable, hidden characters as escapes"
	if a.printing.raw {
		how = "RAW: the bytes as delivered, which may hold sequences your terminal obeys"
	}
	var rows []menuRow
	for _, what := range printWhats {
		r := menuRow{cells: []string{"", how}}
		switch what {
		case exportEvent:
			r.cells[0] = "this event"
			if a.events.Selected() == nil {
				r.why = "no event here"
			}
		case printValue:
			r.cells[0] = "the value under the cursor"
			r.cells[1] = "as it is shown"
			if a.valueUnderCursor() == "" {
				r.why = "no value here"
			}
		case exportMarked:
			r.cells[0], r.why = "marked: "+many(len(a.marks), "event"), a.whyNoExport(what)
		default:
			r.cells[0], r.why = "shown: "+many(a.events.N, "event"), a.whyNoExport(what)
			if a.events.N > maxPrint {
				r.cells[0] = "shown: the first " + text.Count(maxPrint) + " of " + many(a.events.N, "event")
			}
		}
		rows = append(rows, r)
	}
	return rows
}

func (a *app) doPrint(act action) tea.Cmd {
	switch act {
	case actRaw:
		a.printing.raw = !a.printing.raw
		a.fillMenu()
		if a.printing.raw {
			a.toast = "raw: nothing is escaped, and what is in the records may drive your terminal; r again takes it back"
		}
	case actEnter:
		if a.menu.Cursor < len(printWhats) {
			a.over = overNone
			return a.print(printWhats[a.menu.Cursor])
		}
	}
	return nil
}

// valueUnderCursor is the value under the cursor as it is shown, "" where there is none.
func (a *app) valueUnderCursor() string {
	if a.focus == onDetail {
		if t := a.detail.tree; t != nil && t.Node() != nil {
			if masked, ok := text.Masked(t.Node().Key, t.Node().Text); ok {
				return masked
			}
			return text.Visible(t.Node().Text)
		}
		return ""
	}
	r, c := a.events.Selected(), a.events.Column()
	if r == nil {
		return ""
	}
	return text.Visible(c.plain(r))
}

// print leaves the screen for the plain one, prints there, waits for a key and comes back.
func (a *app) print(what exportWhat) tea.Cmd {
	p := &printer{ctx: a.ctx, raw: a.printing.raw, what: what}
	switch what {
	case printValue:
		p.value = a.valueUnderCursor()
	case exportEvent:
		r := a.events.Selected()
		if r == nil {
			return nil
		}
		p.event = r.Ref
	default:
	}
	p.from = a.exportWriter(exportJob{what: what})
	return tea.Exec(p, func(err error) tea.Msg {
		if err != nil {
			return toastOf(err)
		}
		return nil
	})
}

// A printer prints records to the plain screen while the explorer is away from it.
type printer struct {
	ctx   context.Context
	from  *exporter
	what  exportWhat
	raw   bool
	value string
	event index.Ref

	in       io.Reader
	out, err io.Writer
}

func (p *printer) SetStdin(r io.Reader)  { p.in = r }
func (p *printer) SetStdout(w io.Writer) { p.out = w }
func (p *printer) SetStderr(w io.Writer) { p.err = w }

// errEnough ends a loop over records that are more than are printed.
var errEnough = errors.New("enough")

// Run prints and waits for a key.
func (p *printer) Run() error {
	w := bufio.NewWriter(p.out)
	err := p.print(w)
	if err != nil {
		fmt.Fprintln(w, text.Visible(errorText(err)))
	}
	fmt.Fprint(w, "\n-- any key comes back --")
	if err := w.Flush(); err != nil {
		return err
	}
	waitKey(p.in)
	_, werr := io.WriteString(p.out, "\n")
	return werr
}

func (p *printer) print(w io.Writer) error {
	switch p.what {
	case printValue:
		_, err := fmt.Fprintln(w, p.value)
		return err
	case exportEvent:
		rec, err := p.from.index.Record(p.ctx, p.event)
		switch {
		case err != nil:
			return err
		case len(rec.Raw) == 0:
			return errors.New(rec.Missing)
		}
		return p.record(w, rec.Raw)
	default:
	}
	n := 0
	err := p.from.records(p.ctx, p.what, func(raw []byte) error {
		if n++; n > maxPrint {
			return errEnough
		}
		return p.record(w, raw)
	})
	if errors.Is(err, errEnough) {
		_, err = fmt.Fprintf(w, "-- the first %s; ctrl+s writes all to a file --\n", text.Count(maxPrint))
	}
	if p.from.missing > 0 && err == nil {
		_, err = fmt.Fprintf(w, "-- %s could not be read back --\n", many(p.from.missing, "record"))
	}
	return err
}

// record prints one: as delivered where that was asked for, else with line breaks and escapes.
func (p *printer) record(w io.Writer, raw []byte) error {
	if !p.raw {
		raw = readable(raw)
	}
	_, err := w.Write(append(slices.Clip(raw), '\n'))
	return err
}

// waitKey waits for one key; where the input is no terminal, for a byte of it.
func waitKey(r io.Reader) {
	if f, ok := r.(*os.File); ok {
		if old, err := tty.MakeRaw(int(f.Fd())); err == nil {
			defer func() { _ = tty.Restore(int(f.Fd()), old) }()
		}
	}
	var b [16]byte // an arrow key is several bytes
	_, _ = r.Read(b[:])
}
