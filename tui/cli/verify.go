package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/source/digest"
	"github.com/trailsift/trailsift/tui/text"
)

func (c *command) verifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "verify PLACE", Short: "Log file integrity: digests, signatures, hashes",
		Long: "Verify the log files of a place against the digests that CloudTrail signed. Public keys are those of\n" +
			"aws cloudtrail list-public-keys, given with --public-keys; they are never taken from inside a place.\n" +
			"Exit code 0: everything is proven valid; 1: something is invalid; 4: something could not be established.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("trailsift verify ./logs --public-keys keys.json", "verify takes one place")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.verify(cmd.Context(), args[0]) },
	}
	f := cmd.Flags()
	c.flag.places(f)
	c.flag.answer(f)
	c.flag.which(f)
	c.flag.proof(f)
	f.StringVar(&c.flag.format, "format", "", "output: table, json")
	return cmd
}

func (c *command) verify(ctx context.Context, place string) error {
	if c.flag.format == "aws" {
		return notBuilt("--format aws")
	}
	format, err := c.outputFormat("table", "table", "json")
	if err != nil {
		return err
	}
	from, to, err := c.window(c.env.Now())
	if err != nil {
		return err
	}
	spots, err := c.locate(ctx, []string{place})
	if err != nil {
		return err
	}
	if strings.HasPrefix(spots[0].place.ID, "history:") {
		return usage("verify the bucket the trail delivers to", "Event history has no digests to verify with")
	}
	if c.flag.offline && remote(spots) {
		return errOffline(spots)
	}
	sources, err := reachAll(ctx, spots)
	if err != nil {
		return err
	}
	keys, err := c.publicKeys(sources[0])
	if err != nil {
		return err
	}
	bar := c.newProgress()
	r, err := digest.Verify(ctx, sources[0], digest.Options{
		Keys: keys, From: from, To: to, Now: c.env.Now,
		Progress: func(p digest.Progress) { bar.files(p.Phase, p.Done, p.Total) },
	})
	bar.done()
	if err != nil {
		return err
	}
	if format == "json" {
		err = c.writeJSON(r)
	} else {
		err = c.verifyTable(r)
	}
	if code := r.ExitCode(); err == nil && code != exitOK {
		return errQuiet(code)
	}
	return err
}

// publicKeys are those of --public-keys; the demo's own key counts for the demo alone.
func (c *command) publicKeys(src source.Source) (*digest.KeySet, error) {
	keys := &digest.KeySet{}
	if c.flag.publicKeys != "" {
		var err error
		if keys, err = digest.ReadKeys(c.flag.publicKeys); err != nil {
			return nil, err
		}
	}
	if d, ok := src.(*demo.Demo); ok {
		own, err := digest.ParseKeys(d.PublicKeys(), digest.Origin{Text: "the demo's own key, which proves nothing elsewhere"})
		if err != nil {
			return nil, err
		}
		keys.Add(own...)
	}
	for _, w := range keys.Warnings() {
		c.note("warning: %s", w)
	}
	return keys, nil
}

// verifyRows are a row for each digest and log file that is invalid or odd, and one for all that share a reason why
// nothing could be established. --format json has every one.
func verifyRows(items []digest.Item) (rows [][]string) {
	type same struct {
		class  digest.Class
		reason string
	}
	unverified := map[same]int{}
	for _, it := range items {
		key := same{it.Class, it.Reason}
		switch {
		case it.Verdict == digest.Valid || it.Verdict == digest.Info:
			continue
		case it.Verdict != digest.Unverified:
		case unverified[key] > 0:
			unverified[key]++
			continue
		default:
			unverified[key] = 1
		}
		rows = append(rows, []string{strings.ToUpper(string(it.Verdict)), string(it.Class), it.Key, it.Reason})
	}
	for _, row := range rows {
		if n := unverified[same{digest.Class(row[1]), row[3]}]; n > 1 {
			row[2] = text.Count(n) + " like " + row[2]
		}
	}
	return rows
}

// verifyTable prints the counts, what is not proven valid, ranges, and what would be needed.
func (c *command) verifyTable(r *digest.Report) error {
	rows := verifyRows(r.Items)
	for _, g := range r.Ranges {
		span := g.From.UTC().Format(time.RFC3339) + " .. " + g.To.UTC().Format(time.RFC3339)
		rows = append(rows, []string{"RANGE", string(g.Class), g.Account + " " + g.Region + " " + span, g.Reason})
	}
	cols := []column{{head: "VERDICT", min: 10}, {head: "CLASS", min: 16}, {head: "LOG FILE, DIGEST OR RANGE", min: 24, tail: true}, {head: "REASON", min: 20}}
	if len(rows) > 0 {
		if err := table(c.env.Stdout, cols, rows, c.env.Width); err != nil {
			return err
		}
	}
	d, l := r.Digests, r.LogFiles
	fmt.Fprintf(c.env.Stdout, "digests: %s valid, %s invalid, %s warn, %s unverified\n", text.Count(d.Valid), text.Count(d.Invalid),
		text.Count(d.Warn), text.Count(d.Unverified))
	fmt.Fprintf(c.env.Stdout, "log files: %s valid, %s invalid, %s warn, %s unverified, %s pending\n", text.Count(l.Valid),
		text.Count(l.Invalid), text.Count(l.Warn), text.Count(l.Unverified), text.Count(l.Info))
	for _, k := range r.Keys {
		fmt.Fprintf(c.env.Stdout, "key %s: %s\n", text.Visible(k.Fingerprint), text.Visible(k.Origin))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(c.env.Stdout, "problem: %s: %s\n", text.Visible(p.Thing), text.Visible(p.Reason))
	}
	for _, n := range r.Notes {
		fmt.Fprintln(c.env.Stdout, text.Visible(n))
	}
	return nil
}
