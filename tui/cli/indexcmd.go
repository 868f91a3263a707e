package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// indexCommands are the commands of index.
var indexCommands = []string{"list", "info", "check", "compact", "rm", "extract", "relocate", "custody"}

func (c *command) indexCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "index", Short: "Look after stores: " + strings.Join(indexCommands, ", "),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage("trailsift help index", "index %s: no such command%s", args[0],
					didYouMean(args[0], indexCommands))
			}
			return usage("trailsift index list", "index needs a command: %s", strings.Join(indexCommands, ", "))
		},
	}
	list := &cobra.Command{
		Use: "list", Short: "List stores: places, events, span, size, last used", Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.indexList(cmd.Context()) },
	}
	list.Flags().StringVar(&c.flag.format, "format", "", "output: table, json")
	info := &cobra.Command{
		Use: "info [STORE]", Short: "What a store holds, and its size by part", Args: atMost(1),
		RunE: func(_ *cobra.Command, args []string) error { return c.indexInfo(args) },
	}
	info.Flags().StringVar(&c.flag.format, "format", "", "output: table, json")
	check := &cobra.Command{
		Use: "check [STORE]", Short: "Verify a store", Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.indexCheck(cmd.Context(), args) },
	}
	rm := &cobra.Command{
		Use: "rm STORE…", Short: "Remove stores (asks; --yes)",
		RunE: func(_ *cobra.Command, args []string) error { return c.indexRemove(args) },
	}
	rm.Flags().StringVar(&c.flag.unusedFor, "unused-for", "", "also stores not used for this `LENGTH` of time: 30d")
	cmd.AddCommand(list, info, check, rm, c.extractCommand(), c.relocateCommand(), c.custodyCommand(), c.indexCompactCommand())
	return cmd
}

// A storeRow is what index list says of one store.
type storeRow struct {
	Store  string    `json:"store"`
	Path   string    `json:"path"`
	Places []string  `json:"places"`
	Events int       `json:"events"`
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
	Bytes  int64     `json:"bytes"`
	Used   time.Time `json:"used,omitzero"`
	Note   string    `json:"note,omitempty"`
}

// stores are the stores in the data folder, last used first.
func (c *command) stores() ([]storeRow, error) {
	dir, err := c.dataDir()
	if err != nil {
		return nil, err
	}
	used := map[string]registered{}
	order := []string{}
	for _, r := range loadRegistry(dir).Stores {
		used[r.File] = r
		order = append(order, r.File)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if _, known := used[filepath.Base(f)]; !known {
			order = append(order, filepath.Base(f))
		}
	}
	rows := make([]storeRow, 0, len(order))
	for _, name := range order {
		rows = append(rows, c.storeRow(filepath.Join(dir, name), used[name]))
	}
	return rows, nil
}

// storeRow opens a store for a moment; one that is busy or damaged is listed with a note.
func (c *command) storeRow(path string, r registered) storeRow {
	row := storeRow{Store: filepath.Base(path), Path: path, Used: r.Used}
	for _, p := range r.Places {
		row.Places = append(row.Places, p.Text)
	}
	if fi, err := os.Stat(path); err == nil {
		row.Bytes = fi.Size()
	}
	ix, err := index.Open(path, index.Options{Wait: 50 * time.Millisecond, Now: c.env.Now})
	if err != nil {
		row.Note = asFault(err).message
		return row
	}
	defer func() { _ = ix.Close() }()
	st, err := ix.Stats()
	if err != nil {
		row.Note = asFault(err).message
		return row
	}
	row.Events, row.First, row.Last = st.Events, st.First, st.Last
	row.Places = row.Places[:0]
	for _, p := range st.Places {
		row.Places = append(row.Places, p.Text)
	}
	return row
}

func (c *command) indexList(context.Context) error {
	format, err := c.outputFormat("table", "table", "json")
	if err != nil {
		return err
	}
	stores, err := c.stores()
	if err != nil {
		return err
	}
	if format == "json" {
		return c.writeJSON(map[string]any{"stores": stores})
	}
	if len(stores) == 0 {
		c.note("no stores yet; trailsift sync PLACE makes one")
		return nil
	}
	rows := make([][]string, len(stores))
	for i, s := range stores {
		span := s.Note
		if span == "" && !s.First.IsZero() {
			span = s.First.UTC().Format(time.DateOnly) + " .. " + s.Last.UTC().Format(time.DateOnly)
		}
		rows[i] = []string{s.Store, strings.Join(s.Places, ", "), text.Count(s.Events), span, text.Bytes(s.Bytes), ago(c.env.Now(), s.Used)}
	}
	cols := []column{
		{head: "STORE", min: 15},
		{head: "PLACES", min: 12, tail: true},
		{head: "EVENTS", min: 6, right: true},
		{head: "SPAN", min: 12},
		{head: "SIZE", min: 6, right: true},
		{head: "USED", min: 8},
	}
	return table(c.env.Stdout, cols, rows, c.env.Width)
}

// storePath finds a store by file name, a beginning of it, or path.
func (c *command) storePath(name string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		if _, err := os.Stat(name); err != nil {
			return "", usage("trailsift index list", "no store at %s", name)
		}
		return filepath.Abs(name)
	}
	dir, err := c.dataDir()
	if err != nil {
		return "", err
	}
	var found []string
	files, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if strings.HasPrefix(filepath.Base(f), name) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", usage("trailsift index list", "no store %s", name)
	}
	return "", usage("trailsift index list", "%s is the beginning of %d stores", name, len(found))
}

// oneStore is the store named, else the one a question would go to.
func (c *command) oneStore(args []string) (store, error) {
	if len(args) == 1 {
		path, err := c.storePath(args[0])
		return store{path: path, named: true}, err
	}
	return c.chooseStore(nil)
}

func (c *command) indexInfo(args []string) error {
	format, err := c.outputFormat("table", "table", "json")
	if err != nil {
		return err
	}
	s, err := c.oneStore(args)
	if err != nil {
		return err
	}
	ix, err := c.openStore(s, false)
	if err != nil {
		return err
	}
	st, err := ix.Stats()
	if err != nil {
		return err
	}
	if format == "json" {
		return c.writeJSON(infoJSON(s.path, st))
	}
	_, err = fmt.Fprint(c.env.Stdout, infoText(s.path, st))
	return err
}

func (c *command) indexCheck(ctx context.Context, args []string) error {
	s, err := c.oneStore(args)
	if err != nil {
		return err
	}
	ix, err := c.openStore(s, false)
	if err != nil {
		return err
	}
	problems, err := ix.Check(ctx)
	if err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Fprintf(c.env.Stdout, "problem: %s\n", text.Visible(p))
	}
	if len(problems) > 0 {
		return placeFault("bring the places in again into a new store: trailsift sync PLACE --index FILE",
			"store %s: %s", s.path, plural(len(problems), "problem", "problems"))
	}
	fmt.Fprintf(c.env.Stdout, "%s: clean\n", text.Visible(filepath.Base(s.path)))
	return nil
}

func (c *command) indexRemove(args []string) error {
	var paths []string
	for _, a := range args {
		p, err := c.storePath(a)
		if err != nil {
			return err
		}
		paths = append(paths, p)
	}
	if c.flag.unusedFor != "" {
		old, err := c.unused(c.flag.unusedFor)
		if err != nil {
			return err
		}
		paths = append(paths, old...)
	} else if len(args) == 0 {
		return usage("trailsift index list", "index rm needs a store, or --unused-for 30d")
	}
	if len(paths) == 0 {
		c.note("nothing to remove")
		return nil
	}
	if !c.flag.yes {
		if err := c.confirm(paths); err != nil {
			return err
		}
	}
	return c.removeStores(paths)
}

// unused are the stores not used for a length of time.
func (c *command) unused(length string) ([]string, error) {
	d, err := parseBucket(length)
	if err != nil {
		return nil, usage("30d", "--unused-for %s: not a length of time of at least 1s", length)
	}
	stores, err := c.stores()
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, s := range stores {
		if c.env.Now().Sub(s.Used) > d {
			paths = append(paths, s.Path)
		}
	}
	return paths, nil
}

// confirm asks before stores are removed; without a terminal to ask on it is an error.
func (c *command) confirm(paths []string) error {
	for _, p := range paths {
		fmt.Fprintf(c.env.Stderr, "remove %s\n", text.Visible(p))
	}
	if !c.env.ControllingTTY {
		return usage("add --yes", "no terminal to ask on")
	}
	fmt.Fprintf(c.env.Stderr, "remove %s? [y/N] ", plural(len(paths), "store", "stores"))
	answer, err := bufio.NewReader(c.env.Stdin).ReadString('\n')
	if a := strings.ToLower(strings.TrimSpace(answer)); err != nil || a != "y" && a != "yes" {
		return usage("", "nothing removed")
	}
	return nil
}

// removeStores removes stores that nobody has open.
func (c *command) removeStores(paths []string) error {
	dir, err := c.dataDir()
	if err != nil {
		return err
	}
	r := loadRegistry(dir)
	var errs []error
	for _, p := range paths {
		if err := c.removable(p, dir); err != nil {
			errs = append(errs, err)
			continue
		}
		if err := os.Remove(p); err != nil {
			errs = append(errs, placeFault("", "remove %s: %s", p, plain(err)))
			continue
		}
		_ = os.Remove(p + ".compact") // of a run that was killed
		if err := os.Remove(p + stateSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, placeFault("", "remove %s: %s", p+stateSuffix, plain(err)))
		}
		r.remove(filepath.Base(p))
		c.note("removed %s", text.Visible(filepath.Base(p)))
	}
	return errors.Join(append(errs, r.save(dir))...)
}

// removable makes sure that a file is a store that nobody has open. Nothing else is ever removed: a file that does not
// open as a store must lie in the data folder, where only stores lie, and be named like one.
func (c *command) removable(path, dir string) error {
	if fi, err := os.Lstat(path); err != nil || !fi.Mode().IsRegular() {
		return usage("trailsift index list", "%s is no store: nothing removed", path)
	}
	ix, err := index.Open(path, index.Options{Wait: 50 * time.Millisecond, Now: c.env.Now})
	switch {
	case err == nil:
		return ix.Close()
	case errors.Is(err, index.ErrLocked):
		return placeFault("close it there first", "store %s: in use by another process", path)
	case filepath.Dir(path) == dir && filepath.Ext(path) == ".db":
		return nil
	}
	return usage("trailsift index list", "%s is no store: nothing removed", path)
}

// infoText says what a store holds and how many bytes of the file each part takes.
func infoText(path string, st index.Stats) string {
	var b strings.Builder
	line := func(name, value string) { fmt.Fprintf(&b, "%-14s %s\n", name, value) }
	line("store", text.Visible(path))
	line("places", text.Visible(placesText(st.Places)))
	line("events", text.Count(st.Events))
	if !st.First.IsZero() {
		line("span", st.First.UTC().Format(time.RFC3339)+" .. "+st.Last.UTC().Format(time.RFC3339))
	}
	line("documents", fmt.Sprintf("%s in %s (%s duplicates, %s conflicts, %s salvaged, %s untimed)", text.Count(st.Documents),
		plural(st.Segments, "segment", "segments"), text.Count(st.Duplicates), text.Count(st.Conflicts), text.Count(st.Salvaged), text.Count(st.Untimed)))
	line("log files", filesText(st.Files))
	line("file", text.Bytes(st.FileBytes))
	line("index", fmt.Sprintf("%s live, %s an event", text.Bytes(st.IndexBytes), perEvent(st.IndexBytes, st.Documents)))
	line("kept", text.Bytes(st.KeptBytes)+" of delivered bytes")
	for _, col := range st.Columns {
		line("  "+col.Name, fmt.Sprintf("%10s  %6s an event (codes %s, terms %s, lists %s)", text.Bytes(col.All),
			perEvent(col.All, st.Documents), perEvent(col.Codes, st.Documents), perEvent(col.Terms, st.Documents), perEvent(col.Lists, st.Documents)))
	}
	return b.String()
}

func perEvent(bytes int64, docs int) string {
	if docs == 0 {
		return "0 B"
	}
	return strconv.FormatFloat(float64(bytes)/float64(docs), 'f', 2, 64) + " B"
}

// filesText counts versions of log files by state.
func filesText(files map[index.FileState]int) string {
	var parts []string
	for _, state := range slices.Sorted(maps.Keys(files)) {
		if files[state] > 0 {
			parts = append(parts, text.Count(files[state])+" "+state.String())
		}
	}
	return strings.Join(parts, ", ")
}
