package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/tui/text"
)

func (c *command) relocateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "relocate OLD NEW", Short: "Find log files again that were moved, by their SHA-256",
		Long: "Find log files again that lie elsewhere now. OLD is a place of the store, or a folder or file in one; NEW is where\n" +
			"they may be. Files with the size of a log file are read, and those with its SHA-256 as stored are the log file.\n" +
			"Nothing is brought in anew, and what is not found stays as it was.",
		Example: "  trailsift index relocate ./logs /mnt/evidence/logs --dry-run\n  trailsift index relocate ./logs /mnt/evidence/logs",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage("trailsift index relocate ./logs /mnt/evidence/logs", "index relocate needs where log files were and where they are now")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.relocate(cmd.Context(), args[0], args[1]) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&c.flag.dryRun, "dry-run", false, "say what would be found, change nothing")
	f.StringVar(&c.flag.format, "format", "", "output: table, json")
	return cmd
}

func (c *command) relocate(ctx context.Context, from, to string) error {
	format, err := c.outputFormat("table", "table", "json")
	if err != nil {
		return err
	}
	old, err := c.spot(ctx, from)
	if err != nil {
		return err
	}
	fresh, err := c.spot(ctx, to)
	if err != nil {
		return err
	}
	src, err := fresh.reach(ctx)
	if err != nil {
		return err
	}
	s, err := c.storeWith(old.place)
	if err != nil {
		return err
	}
	ix, err := c.openStore(s, !c.flag.dryRun)
	if err != nil {
		return err
	}
	opt, err := moved(ix, old.place)
	if err != nil {
		return err
	}
	opt.To, opt.DryRun = src, c.flag.dryRun
	bar := c.newProgress()
	opt.Progress = func(listed, found int) { bar.looking(to, listed, found) }
	rel, err := ix.Relocate(ctx, opt)
	bar.done()
	if err != nil {
		return err
	}
	if rel.Moved {
		if err := c.follow(s, ix); err != nil {
			return err
		}
	}
	return c.relocated(rel, from, to, format)
}

// storeWith is the store to look for a place in: as flags say, its own, or the one used last.
func (c *command) storeWith(place source.Place) (store, error) {
	if c.indexFlag() == "" {
		own, err := c.chooseStore([]source.Place{place})
		if err != nil {
			return own, err
		}
		if _, err := os.Stat(own.path); err == nil {
			return own, nil
		}
	}
	return c.chooseStore(nil)
}

// moved finds the place of a store that a path is, or lies in.
func moved(ix *index.Index, old source.Place) (index.RelocateOptions, error) {
	st, err := ix.Stats()
	if err != nil {
		return index.RelocateOptions{}, err
	}
	for _, p := range st.Places {
		if p.ID == old.ID {
			return index.RelocateOptions{Place: p.ID}, nil
		}
	}
	for _, p := range st.Places {
		if under, ok := strings.CutPrefix(old.ID, strings.TrimSuffix(p.ID, "/")+"/"); ok && strings.HasPrefix(p.ID, "file:") {
			return index.RelocateOptions{Place: p.ID, Under: under}, nil
		}
	}
	return index.RelocateOptions{}, usage("trailsift index info names the places of a store; another store is named with --index FILE",
		"%s: no place of this store (%s)", old.Text, placesText(st.Places))
}

// follow gives a store that is named by its places its new name, so that naming them finds it again.
func (c *command) follow(s store, ix *index.Index) error {
	st, err := ix.Stats()
	if err != nil || s.named || s.temp != "" {
		return err
	}
	path := filepath.Join(filepath.Dir(s.path), storeName(st.Places))
	if _, err := os.Lstat(path); err == nil {
		c.note("there is a store of the new place already: this one is used with --index %s", s.path)
		return nil
	}
	err = ix.Close()
	c.ix = nil
	if err == nil {
		err = os.Rename(s.path, path)
	}
	if err == nil {
		if serr := os.Rename(s.path+stateSuffix, path+stateSuffix); serr != nil && !errors.Is(serr, os.ErrNotExist) {
			c.note("what comes back at the next visit could not be renamed: %s", plain(serr))
		}
		c.remember(store{path: path}, st.Places)
	}
	return err
}

// looking shows how far the search for moved files is.
func (p *progress) looking(place string, listed, found int) {
	line := fmt.Sprintf("%s: %s looked at, %s found", text.Visible(place), plural(listed, "file", "files"), plural(found, "log file", "log files"))
	switch t := p.c.env.Now(); {
	case p.c.flag.quiet:
	case p.c.env.StderrTTY:
		p.stand(line)
	case t.Sub(p.last) >= progressEvery:
		p.last = t
		fmt.Fprintln(p.c.env.Stderr, line)
	}
}

// relocated says what was found; exit code 3 where something was not.
func (c *command) relocated(rel index.Relocation, from, to, format string) error {
	var err error
	if format == "json" {
		if rel.Problems == nil {
			rel.Problems = []index.ExtractProblem{}
		}
		err = c.writeJSON(rel)
	} else {
		_, err = io.WriteString(c.env.Stdout, relocateText(rel, from, to))
	}
	if err == nil && rel.Missing > 0 {
		return errQuiet(exitPlace)
	}
	return err
}

func relocateText(rel index.Relocation, from, to string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s found in %s", text.Count(rel.Found), plural(rel.Log, "log file", "log files"), text.Visible(to))
	if rel.Renamed > 0 {
		fmt.Fprintf(&b, ", %s of them under another name", text.Count(rel.Renamed))
	}
	fmt.Fprintf(&b, "; %s looked at, %s read (%s)\n", plural(rel.Listed, "file", "files"), text.Count(rel.Hashed), text.Bytes(rel.Bytes))
	if rel.Kept > 0 {
		fmt.Fprintf(&b, "%s not found, and not needed: kept in the store\n", plural(rel.Kept, "log file", "log files"))
	}
	if rel.Missing > 0 {
		fmt.Fprintf(&b, "%s not found, still looked for in %s:\n", plural(rel.Missing, "log file", "log files"), text.Visible(from))
	}
	b.WriteString(problemsText(rel.Problems, max(rel.Missing, len(rel.Problems))))
	switch {
	case rel.DryRun:
		b.WriteString("nothing was changed (--dry-run)\n")
	case rel.Moved:
		fmt.Fprintf(&b, "the place is %s now\n", text.Visible(to))
	}
	return b.String()
}
