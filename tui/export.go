package tui

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

// exportWhat is what goes into a file, or onto the plain screen.
type exportWhat uint8

const (
	exportShown exportWhat = iota
	exportMarked
	exportBookmarks
	exportEvent // the one under the cursor
	exportSession
	exportFiles // the log files of Sources, as a custody list
)

// An exportJob is a file to be written.
type exportJob struct {
	what    exportWhat
	format  string // jsonl, json, csv, md
	path    string
	replace bool // the file there is to be replaced
}

// exporting is the file that is being written.
type exporting struct {
	job     exportJob // asked for; path is "" while none runs
	on      bool
	stop    context.CancelFunc
	done    int
	total   int
	number  int    // of the export; what others tell is dropped
	refused string // the path of a file that is there and was not replaced
	warned  bool   // that leaving removes the file
}

// exportMsg tells how an export ended, exportProgressMsg how far it is.
type exportMsg struct {
	number  int
	path    string
	written int
	missing int
	tokens  int
	bytes   int64
	err     error
}

type exportProgressMsg struct{ number, done int }

// exportFormats are the kinds of files, each with what is in it.
var exportFormats = []struct{ name, says string }{
	{"jsonl", "each record as delivered, one a line"},
	{"json", `one document {"Records":[...]} that every CloudTrail tool reads`},
	{"csv", "the columns of the list, for a spreadsheet"},
}

// exportJobs are the lines of the menu.
func (a *app) exportJobs() []exportJob {
	var jobs []exportJob
	for _, what := range []exportWhat{exportMarked, exportShown} {
		for _, f := range exportFormats {
			jobs = append(jobs, exportJob{what: what, format: f.name})
		}
	}
	return append(jobs, exportJob{what: exportBookmarks, format: "md"}, exportJob{what: exportSession, format: "session"})
}

func (a *app) exportRows() []menuRow {
	var rows []menuRow
	for _, j := range a.exportJobs() {
		n := a.exportCount(j.what)
		r := menuRow{cells: []string{map[exportWhat]string{
			exportShown: "shown: " + many(n, "event"), exportMarked: "marked: " + many(n, "event"), exportBookmarks: many(n, "bookmark"),
			exportSession: "this session",
		}[j.what], j.format, "with notes and records, to be read"}}
		if j.what == exportSession {
			r.cells[2] = "filter, columns, marks, bookmarks; --session FILE opens it"
		}
		for _, f := range exportFormats {
			if f.name == j.format {
				r.cells[2] = f.says
			}
		}
		r.why = a.whyNoExport(j.what)
		rows = append(rows, r)
	}
	return rows
}

func (a *app) exportCount(what exportWhat) int {
	switch what {
	case exportMarked:
		return len(a.marks)
	case exportBookmarks:
		return len(a.notes.all)
	case exportFiles:
		return a.sources.N
	default:
		return a.events.N
	}
}

// whyNoExport says why there is nothing to write.
func (a *app) whyNoExport(what exportWhat) string {
	switch {
	case a.export.on:
		return "another export runs; ctrl+c stops it"
	case what != exportFiles && (a.events.partial || a.search.running && what == exportShown):
		return "the search is still going on"
	case a.exportCount(what) > 0:
		return ""
	}
	return map[exportWhat]string{
		exportMarked: "no event is marked (space)", exportBookmarks: "there is no bookmark (m)", exportShown: "no event is shown",
		exportFiles: "no log file is shown",
	}[what]
}

func (a *app) doExport(act action) tea.Cmd {
	jobs := a.exportJobs()
	if act == actEnter && a.menu.Cursor < len(jobs) {
		return a.askExportPath(jobs[a.menu.Cursor])
	}
	return nil
}

// askExportPath asks where to write.
func (a *app) askExportPath(job exportJob) tea.Cmd {
	if why := a.whyNoExport(job.what); why != "" {
		a.toast = why
		return nil
	}
	name := map[exportWhat]string{exportShown: "events", exportMarked: "marked", exportBookmarks: "bookmarks", exportSession: "as-it-is", exportFiles: "custody"}[job.what]
	job.path = fmt.Sprintf("trailsift-%s-%s.%s", name, a.opt.Now().UTC().Format("20060102T150405Z"), job.format)
	a.export.job, a.export.refused = job, ""
	a.openPrompt(promptExport, job.path)
	return nil
}

// startExport writes the file that was named. Where there is one the same name has to be given again to replace it.
func (a *app) startExport(path string) tea.Cmd {
	path = strings.TrimSpace(path)
	x := &a.export
	if path == "" || x.on {
		return nil
	}
	job := x.job
	job.path, job.replace = path, x.refused == path
	ctx, cancel := context.WithCancel(a.ctx)
	*x = exporting{job: job, on: true, stop: cancel, total: a.exportCount(job.what), number: x.number + 1, refused: x.refused}
	w := a.exportWriter(job)
	number, send, running, now := x.number, a.send, &a.background, a.opt.Now
	return func() tea.Msg {
		defer cancel()
		if !running.begin() {
			return nil
		}
		defer running.end()
		last := now()
		w.progress = func(done int) {
			if t := now(); send != nil && t.Sub(last) >= progressEvery {
				last = t
				send(exportProgressMsg{number, done})
			}
		}
		msg := w.write(ctx, job)
		msg.number = number
		return msg
	}
}

func (a *app) onExport(msg exportMsg) tea.Cmd {
	x := &a.export
	if msg.number != x.number {
		return nil
	}
	x.on = false
	switch {
	case errors.Is(msg.err, fs.ErrExist):
		x.refused = msg.path
		a.openPrompt(promptExport, msg.path)
		a.toast = "exists: enter replaces it"
		return nil
	case isCanceled(msg.err):
		a.toast = "export stopped, nothing was left behind"
		return nil
	case msg.err != nil:
		a.toast = "not exported: " + errorText(msg.err)
		return nil
	}
	x.refused = ""
	a.toast = many(msg.written, map[bool]string{true: "log file", false: "event"}[x.job.what == exportFiles]) + ", " + text.Bytes(msg.bytes)
	if x.job.what == exportSession {
		a.toast = "the session, " + text.Bytes(msg.bytes)
	}
	if msg.tokens > 0 {
		a.toast += ", " + many(msg.tokens, "session token")
	}
	if msg.missing > 0 {
		a.toast += ", " + many(msg.missing, "record") + " could not be read back"
	}
	a.toast += ": "
	a.toast += text.CutTail(a.th.vis(msg.path), max(a.w-3-text.Width(a.toast), 12))
	return nil
}

// exportText says for the status line how far it is.
func (a *app) exportText() string {
	return fmt.Sprintf("exporting %s of %s, ctrl+c stops it", text.Count(a.export.done), text.Count(a.export.total))
}

// An exporter has all that writing needs, apart from the model.
type exporter struct {
	index    *index.Index
	list     *listing
	marks    []index.Ref
	notes    []bookmark
	files    index.FilesOptions // the log files that Sources shows
	columns  []column
	filter   string
	places   string
	now      time.Time
	session  stateNow
	event    *index.Ref // under the cursor
	progress func(done int)
	done     int
	missing  int
	tokens   int
}

func (a *app) exportWriter(job exportJob) *exporter {
	e := &exporter{
		index: a.opt.Index, list: a.events.list, columns: slices.Clone(a.events.columns),
		filter: a.filter.whole(), places: a.opt.Places, now: a.opt.Now(), progress: func(int) {}, files: a.sources.Options(),
	}
	if job.what == exportMarked {
		for ref := range a.marks {
			e.marks = append(e.marks, ref)
		}
	}
	if job.what == exportBookmarks {
		e.notes = slices.Clone(a.notes.all)
	}
	if job.what == exportSession {
		e.session = a.stateNow()
		e.session.saved.View = &savedView{Tab: a.tab, Sort: a.events.order.field, Back: a.events.order.back}
		if r := a.events.Selected(); r != nil {
			e.event = &r.Ref
		}
	}
	return e
}

// write writes the file: a new one, or in place of the one that is there once it is whole. What is not finished is
// removed.
func (e *exporter) write(ctx context.Context, job exportJob) exportMsg {
	msg := exportMsg{path: job.path}
	f, err := create(job)
	if err != nil {
		msg.err = err
		return msg
	}
	buffer := bufio.NewWriterSize(f, 1<<20)
	err = e.content(ctx, buffer, job)
	err = errors.Join(err, buffer.Flush())
	if fi, serr := f.Stat(); serr == nil {
		msg.bytes = fi.Size()
	}
	err = errors.Join(err, f.Close())
	if err == nil && f.Name() != job.path {
		err = os.Rename(f.Name(), job.path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	if full, aerr := filepath.Abs(job.path); aerr == nil && err == nil {
		msg.path = full
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	msg.err, msg.written, msg.missing, msg.tokens = err, e.done-e.missing, e.missing, e.tokens
	return msg
}

// create makes the file, readable by its owner only; fs.ErrExist where there is one that is not to be replaced.
func create(job exportJob) (*os.File, error) {
	if job.replace {
		return os.CreateTemp(filepath.Dir(job.path), filepath.Base(job.path)+"-*") // 0600
	}
	return os.OpenFile(job.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (e *exporter) content(ctx context.Context, w io.Writer, job exportJob) error {
	if job.what == exportFiles {
		return e.custody(ctx, w)
	}
	switch job.format {
	case "csv":
		return e.table(ctx, w, job.what)
	case "md":
		return e.markdown(ctx, w)
	case "session":
		return e.writeSession(ctx, w)
	case "json":
		return e.document(ctx, w, job.what)
	}
	return e.records(ctx, job.what, func(raw []byte) error {
		_, err := w.Write(append(oneLine(raw), '\n'))
		return err
	})
}

// document writes one document of all records.
func (e *exporter) document(ctx context.Context, w io.Writer, what exportWhat) error {
	sep := `{"Records":[`
	err := e.records(ctx, what, func(raw []byte) error {
		_, err := io.WriteString(w, sep)
		sep = ",\n"
		if err == nil {
			_, err = w.Write(oneLine(raw))
		}
		return err
	})
	if err == nil && sep != ",\n" {
		_, err = io.WriteString(w, sep)
	}
	if err == nil {
		_, err = io.WriteString(w, "]}\n")
	}
	return err
}

// records calls fn with each record as delivered, in the order of the list.
func (e *exporter) records(ctx context.Context, what exportWhat, fn func(raw []byte) error) error {
	take := func(rec index.Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		e.done++
		e.progress(e.done)
		if rec.Missing != "" || len(rec.Raw) == 0 {
			e.missing++
			return nil
		}
		e.tokens += tokensIn(rec.Raw)
		return fn(rec.Raw)
	}
	if what == exportShown && e.list.order.field == "" {
		for rec, err := range e.list.Records(ctx, index.RecordsOptions{Reverse: e.list.order.back}) {
			if err == nil {
				err = take(rec)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	return e.rows(ctx, what, func(r index.Row) error {
		rec, err := e.index.Record(ctx, r.Ref)
		if err != nil {
			return err
		}
		return take(rec)
	})
}

// rows calls fn with each row, in the order of the list.
func (e *exporter) rows(ctx context.Context, what exportWhat, fn func(index.Row) error) error {
	list := e.list
	if what == exportMarked {
		return e.markedRows(ctx, fn)
	}
	for at := 0; at < list.Count(); at += chunkRows {
		if err := eachRow(ctx, list, at, chunkRows, fn); err != nil {
			return err
		}
	}
	return nil
}

// eachRow calls fn with n rows of a list from a line on.
func eachRow(ctx context.Context, l *listing, at, n int, fn func(index.Row) error) error {
	rows, err := l.Rows(ctx, at, n)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := fn(r); err != nil {
			return err
		}
	}
	return nil
}

// markedRows are the marked events, also those that the filter hides; ones that are not held any more are counted.
func (e *exporter) markedRows(ctx context.Context, fn func(index.Row) error) error {
	all, err := e.index.Search(ctx, query.All{}, index.SearchOptions{})
	if err != nil {
		return err
	}
	l, err := newListing(ctx, all, e.list.order)
	if err != nil { // too many values of all events; the marked ones are then in order of time
		l = &listing{Result: all}
	}
	l.read = e.list.read
	var lines []int
	for _, ref := range e.marks {
		if i, ok := l.Find(ctx, ref); ok {
			lines = append(lines, i)
		} else {
			e.done++
			e.missing++
		}
	}
	slices.Sort(lines)
	for _, i := range lines {
		if err := eachRow(ctx, l, i, 1, fn); err != nil {
			return err
		}
	}
	return nil
}

// table writes the columns of the list. What grants access is masked, and no cell is a formula for a spreadsheet.
func (e *exporter) table(ctx context.Context, w io.Writer, what exportWhat) error {
	out := csv.NewWriter(w)
	head := make([]string, len(e.columns))
	for i, c := range e.columns {
		head[i] = text.CSVCell(c.field())
	}
	if err := out.Write(head); err != nil {
		return err
	}
	cells := make([]string, len(e.columns))
	err := e.rows(ctx, what, func(r index.Row) error {
		for i, c := range e.columns {
			cells[i] = text.CSVCell(c.plain(&r))
		}
		e.done++
		e.progress(e.done)
		return out.Write(cells)
	})
	out.Flush()
	return errors.Join(err, out.Error())
}

// plain is the value of a column as a file has it.
func (c column) plain(r *index.Row) string {
	if c.value == valueTime {
		if !r.HasTime {
			return ""
		}
		return r.Time.UTC().Format(time.RFC3339Nano)
	}
	v := value(r, c.value)
	if c.path {
		if masked, ok := text.Masked(lastStep(c.name), v); ok {
			return masked
		}
	}
	return v
}

// oneLine takes line breaks between tokens out; inside strings JSON has none.
func oneLine(raw []byte) []byte {
	return slices.DeleteFunc(slices.Clone(raw), func(b byte) bool { return b == '\n' || b == '\r' })
}

// tokensIn counts the session tokens of a record: whole records are evidence and never altered, so that one is told.
func tokensIn(raw []byte) int { return strings.Count(string(raw), `"sessionToken"`) }
