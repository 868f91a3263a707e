package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

func (c *command) syncCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "sync PLACE…", Short: "Bring events in, no screen",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("trailsift sync ./logs", "sync needs a place")
			}
			format, err := c.outputFormat("table", "table", "json")
			if err != nil {
				return err
			}
			if _, _, err := c.window(c.env.Now()); err != nil {
				return err
			}
			if c.flag.dryRun {
				return c.tryOut(cmd.Context(), args, format)
			}
			return c.sync(cmd.Context(), args, format)
		},
	}
	c.flag.places(cmd.Flags())
	c.flag.answer(cmd.Flags())
	c.flag.which(cmd.Flags())
	c.flag.guard(cmd.Flags())
	c.flag.following(cmd.Flags())
	c.flag.proof(cmd.Flags())
	cmd.Flags().StringVar(&c.flag.format, "format", "", "output: table, json")
	return cmd
}

// sync brings places in, and goes on with --follow, and says what came in.
func (c *command) sync(ctx context.Context, places []string, format string) error {
	ix, sum, err := c.bringIn(ctx, places)
	if ix == nil {
		return err
	}
	if !c.flag.follow || ctx.Err() != nil {
		return errors.Join(err, c.summary(sum, format, err))
	}
	if format != "json" { // that is one document, at the end
		if serr := c.summary(sum, format, err); serr != nil && !errors.As(serr, new(errQuiet)) {
			return serr
		}
	}
	if err != nil {
		c.note("%s; following the others", asFault(err).message)
	}
	more, ferr := c.followOn(ctx, ix)
	if more.Files > 0 {
		addSummary(&sum, more)
	}
	if format == "json" {
		return errors.Join(c.summary(sum, format, ferr), ferr)
	}
	return ferr
}

// summary prints what came in and returns exit code 3 where something that is CloudTrail was unreadable.
func (c *command) summary(sum index.Summary, format string, place error) error {
	var err error
	if format == "json" {
		err = c.writeJSON(sum)
	} else {
		_, err = fmt.Fprint(c.env.Stdout, c.summaryText(sum))
	}
	if err == nil && place == nil && len(sum.Problems) > 0 {
		return errQuiet(exitPlace)
	}
	return err
}

// chosenBy are the flags given that choose among log files, with their values.
func (c *command) chosenBy() (flags []string) {
	for _, f := range []struct{ name, value string }{
		{"--accounts", c.flag.accounts.String()},
		{"--regions", c.flag.regions.String()},
		{"--types", c.flag.types.String()},
		{"--from", c.flag.from},
		{"--to", c.flag.to},
	} {
		if f.value != "" {
			flags = append(flags, f.name+" "+text.Visible(f.value))
		}
	}
	return flags
}

// shownProblems is how many problems a summary names; the Sources pane and --format json have all.
const shownProblems = 20

// summaryText is the summary in words.
func (c *command) summaryText(s index.Summary) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s new in %s, %s held", plural(s.Events, "event", "events"), plural(s.Files, "log file", "log files"),
		text.Count(s.Held))
	if s.Seconds > 0 {
		fmt.Fprintf(&b, "; %s compressed, %s read in %.1f s", text.Bytes(s.BytesCompressed), text.Bytes(s.Bytes), s.Seconds)
	}
	fmt.Fprintf(&b, "; index %s\n", text.Bytes(s.IndexBytes))
	var notes []string
	add := func(n int, one, many string) {
		if n > 0 {
			notes = append(notes, plural(n, one, many))
		}
	}
	add(s.Duplicates, "duplicate", "duplicates")
	add(s.Conflicts, "conflict (copies of one event that differ)", "conflicts (copies of one event that differ)")
	add(s.Salvaged, "event salvaged from damaged files", "events salvaged from damaged files")
	add(s.Untimed, "event without a usable time", "events without a usable time")
	add(s.SkippedRecords, "record skipped", "records skipped")
	add(s.SkippedFiles, "file unreadable", "files unreadable")
	if s.IgnoredFiles > 0 {
		notes = append(notes, "ignored "+ignoredText(s.Ignored, s.IgnoredFiles))
	}
	if len(notes) > 0 {
		fmt.Fprintln(&b, strings.Join(notes, "; "))
	}
	if len(s.Refused) > 0 {
		fmt.Fprintf(&b, "refused: %s\n", refusedText(s.Refused))
	}
	for i, p := range s.Problems {
		if i == shownProblems {
			fmt.Fprintf(&b, "… and %s more (--format json names all)\n", plural(len(s.Problems)-i, "problem", "problems"))
			break
		}
		fmt.Fprintf(&b, "problem: %s: %s\n", text.Visible(p.File), text.Visible(p.Reason))
	}
	for _, hint := range s.Hints {
		fmt.Fprintf(&b, "hint: %s\n", text.Visible(hint))
	}
	b.WriteString(strings.Join(c.proven, ""))
	if chosen := c.chosenBy(); s.Held == 0 && s.Complete && len(s.Problems) == 0 && len(chosen) > 0 {
		fmt.Fprintf(&b, "nothing there fits %s; without it, --dry-run shows what there is\n", strings.Join(chosen, " "))
	}
	if !s.Complete {
		b.WriteString("not complete: run the same command again to go on\n")
	}
	return b.String()
}

// ignoredText counts files that are recognisably something else, by kind, most first.
func ignoredText(kinds map[string]int, total int) string {
	names := make([]string, 0, len(kinds))
	for k := range kinds {
		names = append(names, k)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := kinds[b] - kinds[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = fmt.Sprintf("%s %s", text.Count(kinds[n]), text.Visible(n))
	}
	out := plural(total, "file", "files")
	if len(parts) > 0 {
		out += ": " + strings.Join(parts, ", ")
	}
	return out
}

// lines runs a command as sync would and adds what there is to see: for places without a screen.
func (c *command) lines(ctx context.Context, texts []string) error {
	if ix, out, err := c.held(ctx, texts); out {
		if err != nil {
			return err
		}
		return c.topValues(ctx, ix)
	}
	ix, sum, err := c.bringIn(ctx, texts)
	if ix == nil {
		return err
	}
	fmt.Fprint(c.env.Stdout, c.summaryText(sum))
	if c.flag.follow && ctx.Err() == nil {
		if err != nil {
			c.note("%s; following the others", asFault(err).message)
		}
		_, err = c.followOn(ctx, ix)
		return err
	}
	if ctx.Err() == nil {
		if top := c.topValues(ctx, ix); top != nil {
			return errors.Join(err, top)
		}
		fmt.Fprintf(c.env.Stdout, "explore on a terminal: trailsift %s\n", text.Visible(strings.Join(texts, " ")))
	}
	if err == nil && len(sum.Problems) > 0 {
		return errQuiet(exitPlace)
	}
	return err
}

// topFields are the fields whose first values a summary without a screen shows.
var topFields = []string{"user", "service", "event", "error", "ip"}

// topValues prints the most frequent values of a few fields.
func (c *command) topValues(ctx context.Context, ix *index.Index) error {
	r, err := ix.Search(ctx, query.All{}, index.SearchOptions{})
	if err != nil {
		return err
	}
	if first, last, ok := r.Span(); ok {
		fmt.Fprintf(c.env.Stdout, "%-8s %s .. %s\n", "time", first.UTC().Format(time.RFC3339), last.UTC().Format(time.RFC3339))
	}
	for _, field := range topFields {
		f, err := r.Facet(ctx, field, 4)
		if err != nil {
			return err
		}
		parts := make([]string, len(f.Values))
		for i, v := range f.Values {
			parts[i] = fmt.Sprintf("%s %s", text.CutTail(v.Value, 40), text.Count(v.Count))
		}
		if len(parts) == 0 {
			continue
		}
		fmt.Fprintf(c.env.Stdout, "%-8s %s (%s)\n", field, strings.Join(parts, ", "), plural(f.Distinct, "value", "values"))
	}
	return nil
}
