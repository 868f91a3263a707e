package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// filesCommand is a command of index about the log files of a store, or those that hold the events of a query.
func (c *command) filesCommand(use, short, formats string, run func(ctx context.Context, args []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ArbitraryArgs,
		Annotations: map[string]string{"query": "yes"},
		RunE:        func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVarP(&c.flag.in, "in", "i", nil, "the store of this `PLACE`, which need not be there any more; nothing is brought in (repeatable)")
	f.StringVar(&c.flag.format, "format", "", "output: "+formats)
	c.flag.answer(f)
	return cmd
}

// storeAsked opens the store that is named by flags or by the places it holds, else the one used last.
func (c *command) storeAsked(ctx context.Context, write bool) (*index.Index, error) {
	spots, err := c.locate(ctx, c.flag.in)
	if err != nil {
		return nil, err
	}
	s, err := c.chooseStore(placesOf(spots))
	if err != nil {
		return nil, err
	}
	ix, err := c.openStore(s, false)
	if err == nil && write {
		err = errors.Join(ix.Close(), c.reopenToWrite(s, &ix))
	}
	if err != nil {
		return nil, err
	}
	if len(spots) == 0 && !s.named {
		c.sayStore(s, ix)
	}
	return ix, nil
}

// reopenToWrite opens a store that is there for writing.
func (c *command) reopenToWrite(s store, ix **index.Index) (err error) {
	c.ix = nil
	*ix, err = c.openStore(s, true)
	return err
}

// holding opens the store and searches it, for the log files that hold what a query finds; r is nil where all are meant.
func (c *command) holding(ctx context.Context, q string) (ix *index.Index, r *index.Result, err error) {
	if _, err := c.checkQuery(q); err != nil {
		return nil, nil, err
	}
	ix, err = c.storeAsked(ctx, false)
	if err != nil || strings.TrimSpace(q) == "" && c.flag.from == "" && c.flag.to == "" {
		return ix, nil, err
	}
	r, _, err = c.find(ctx, ix, q)
	return ix, r, err
}

func (c *command) extractCommand() *cobra.Command {
	cmd := c.filesCommand("extract DIR [QUERY…]", "Write log files back as they were delivered", "table, json", c.extract)
	cmd.Long = "Write log files back, byte for byte as they were delivered: DIR/PLACE/KEY, their S3 metadata beside them\n" +
		"(KEY.meta.json) and DIR/SHA256SUMS for sha256sum -c. With a query, only those that hold an event of it.\n" +
		"What the store only refers to is read from its place, if it is unchanged. Run it again to go on."
	cmd.Example = "  trailsift index extract ./case\n  trailsift index extract ./case event:ConsoleLogin outcome:failed"
	return cmd
}

func (c *command) extract(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usage("trailsift index extract ./case", "index extract needs a folder to write to")
	}
	format, err := c.outputFormat("table", "table", "json")
	if err != nil {
		return err
	}
	dir, q := args[0], queryArgs(args[1:])
	ix, r, err := c.holding(ctx, q)
	if err != nil {
		return err
	}
	ex, err := ix.Extract(ctx, index.ExtractOptions{Dir: dir, Result: r, Progress: c.counting(ix, "extracting")})
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = placeFault("name a folder that can be written, or remove what is in the way", "write to %s: %s", dir, pe.Err)
	}
	if err != nil && ctx.Err() == nil && !ex.Complete && ex.Files+ex.Same == 0 {
		return err
	}
	return errors.Join(err, c.extracted(dir, ex, format))
}

// counting shows progress over the log files of a store.
func (c *command) counting(ix *index.Index, what string) func(done int) {
	all := 0
	if st, err := ix.Stats(); err == nil {
		for _, n := range st.Files {
			all += n
		}
	}
	bar := c.newProgress()
	return func(done int) {
		switch {
		case done == all:
			bar.done()
		case done%64 == 0:
			bar.count(what, done, all)
		}
	}
}

// count shows how many log files are done of all.
func (p *progress) count(what string, done, all int) {
	if p.c.flag.quiet {
		return
	}
	line := fmt.Sprintf("%s: %s of %s log files", what, text.Count(done), text.Count(all))
	if p.c.env.StderrTTY {
		p.stand(progressBar(filesProgress(what, done, all), p.c.env.ascii(p.c.flag.ascii)) + " " + line)
		return
	}
	if t := p.c.env.Now(); t.Sub(p.last) >= progressEvery {
		p.last = t
		fmt.Fprintln(p.c.env.Stderr, line)
	}
}

// extracted says what was written; exit code 3 where something was not.
func (c *command) extracted(dir string, ex index.Extraction, format string) error {
	var err error
	if format == "json" {
		if ex.Problems == nil {
			ex.Problems = []index.ExtractProblem{}
		}
		err = c.writeJSON(struct {
			Dir string `json:"dir"`
			index.Extraction
		}{dir, ex})
	} else {
		_, err = io.WriteString(c.env.Stdout, extractText(dir, ex))
	}
	if err == nil && ex.NotThere > 0 {
		return errQuiet(exitPlace)
	}
	return err
}

func extractText(dir string, ex index.Extraction) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s written to %s as delivered, %s", plural(ex.Files, "log file", "log files"), text.Visible(dir), text.Bytes(ex.Bytes))
	for _, part := range []struct {
		n    int
		text string
	}{
		{ex.FromPlace, "%s of them read from where they lie, unchanged"},
		{ex.Same, "%s there already, the same"},
		{ex.Sidecars, "%s with S3 metadata"},
		{ex.Ignored, "%s ignored: no log files"},
	} {
		if part.n > 0 {
			fmt.Fprintf(&b, "; "+part.text, text.Count(part.n))
		}
	}
	b.WriteString("\n")
	if ex.NotThere > 0 {
		fmt.Fprintf(&b, "%s not written as delivered:\n", plural(ex.NotThere, "log file", "log files"))
	}
	b.WriteString(problemsText(ex.Problems, ex.NotThere))
	if !ex.Complete {
		b.WriteString("not complete: run the same command again to go on\n")
	}
	return b.String()
}

// problemsText names the first log files that are not as they should be.
func problemsText(problems []index.ExtractProblem, all int) string {
	var b strings.Builder
	for i, p := range problems {
		if i == shownProblems {
			fmt.Fprintf(&b, "… and %s more (--format json names all)\n", text.Count(all-i))
			break
		}
		fmt.Fprintf(&b, "problem: %s: %s", text.Visible(p.File), text.Visible(p.Reason))
		if !p.BroughtIn.IsZero() {
			fmt.Fprintf(&b, "; brought in %s", p.BroughtIn.UTC().Format("2006-01-02"))
		}
		if p.SHA256 != "" {
			fmt.Fprintf(&b, ", %s, SHA-256 %s", text.Bytes(p.Size), p.SHA256)
		}
		b.WriteString("\n")
	}
	return b.String()
}
