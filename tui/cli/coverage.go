package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui"
	"github.com/trailsift/trailsift/tui/text"
)

func (c *command) coverageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "coverage [PLACE…]", Short: "What is held, proven and missing, by account, Region and time",
		Long: "Coverage of places (brought in first) or, without any, of the store used last, by account, Region and time of\n" +
			"delivery. Missing: a proven digest names log files that are not there. Nothing delivered: a proven digest says so.\n" +
			"Unknown: nothing is held and no proven digest speaks of that time. Late: delivered more than an hour after its\n" +
			"newest event.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return c.coverage(cmd.Context(), args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&c.flag.format, "format", "", "output: table, json")
	f.StringVar(&c.flag.bucket, "step", "", "`LENGTH` of a cell: 1h, 1d (default: as fits; json 1h)")
	c.flag.answer(f)
	c.flag.places(f)
	c.flag.which(f)
	c.flag.proof(f)
	return cmd
}

func (c *command) coverage(ctx context.Context, places []string) error {
	format, err := c.outputFormat("table", "table", "json")
	if err != nil {
		return err
	}
	step, err := parseBucket(c.flag.bucket)
	if err != nil {
		return err
	}
	if _, _, err := c.window(c.env.Now()); err != nil {
		return err
	}
	c.flag.in = places
	ix, err := c.answerFrom(ctx)
	if ix == nil {
		return err
	}
	c.later = err // what could be brought in is shown; the error is told at the end
	cov, err := c.coverageOf(ctx, ix, step, format)
	switch {
	case err != nil:
		return err
	case format == "json":
		err = c.writeJSON(coverageOut(cov))
	default:
		err = c.coverageTable(cov)
	}
	if total(cov) == (index.CoverageCell{}) {
		c.noCoverage(ix)
	}
	return c.ended(err)
}

// coverageOf reads coverage in cells of a step; 0 is as fits the table, an hour for scripts.
func (c *command) coverageOf(ctx context.Context, ix *index.Index, step time.Duration, format string) (index.Coverage, error) {
	st, err := ix.Stats()
	if err != nil {
		return index.Coverage{}, err
	}
	opt := index.CoverageOptions{Step: step}
	if opt.From, opt.To, err = c.window(st.Last); err != nil {
		return index.Coverage{}, err
	}
	from, to := opt.From, opt.To
	if from.IsZero() {
		from = st.First
	}
	if to.IsZero() {
		to = st.Last
	}
	if step == 0 {
		opt.Step = time.Hour
		if format == "table" {
			opt.Step = tui.CoverageStep(from, to, c.stripCells())
		}
	}
	if n := to.Sub(from) / opt.Step; n > maxBuckets {
		return index.Coverage{}, usage("a longer --step, or a shorter range with --from and --to",
			"--step %s: more than %s cells from %s to %s", c.flag.bucket, text.Count(maxBuckets), from.UTC().Format(time.DateOnly), to.UTC().Format(time.DateOnly))
	}
	return ix.Coverage(ctx, opt)
}

// total adds the log files of all cells up.
func total(cov index.Coverage) (sum index.CoverageCell) {
	for _, r := range cov.Rows {
		for _, cell := range r.Cells {
			sum.Held += cell.Held
			sum.Proven += cell.Proven
			sum.Missing += cell.Missing
			sum.Empty += cell.Empty
		}
	}
	return sum
}

// noCoverage says why there is nothing.
func (c *command) noCoverage(ix *index.Index) {
	st, err := ix.Stats()
	if err == nil && !st.First.IsZero() && (c.flag.from != "" || c.flag.to != "") {
		c.note("no log files in this range; the store covers %s to %s (try --from end-1d)",
			st.First.UTC().Format(time.DateOnly), st.Last.UTC().Format(time.DateOnly))
		return
	}
	c.note("no log files here, and no digest names any")
}

// coverageNumbers is how many cells account, Region and counts take beside the strip.
const coverageNumbers = 12 + 2 + 14 + 2 + 7 + 2 + 7 + 2 + 7 + 2

// stripCells is how many cells a strip has in the table.
func (c *command) stripCells() int {
	if c.env.Width == 0 {
		return 60
	}
	return max(c.env.Width-coverageNumbers, 12)
}

func (c *command) coverageTable(cov index.Coverage) error {
	ascii := c.env.ascii(c.flag.ascii)
	if len(cov.Rows) == 0 {
		return nil
	}
	rows := make([][]string, 0, len(cov.Rows))
	for _, r := range cov.Rows {
		sum := total(index.Coverage{Rows: []index.CoverageRow{r}})
		rows = append(rows, []string{
			r.Account, r.Region, text.Count(sum.Held), text.Count(sum.Proven), text.Count(sum.Missing), tui.CoverageStrip(r.Cells, ascii),
		})
	}
	cols := []column{
		{head: "ACCOUNT", min: 12},
		{head: "REGION", min: 9},
		{head: "HELD", min: 4, right: true},
		{head: "PROVEN", min: 6, right: true},
		{head: "MISSING", min: 7, right: true},
		{head: "COVERAGE", min: 12},
	}
	if err := table(c.env.Stdout, cols, rows, c.env.Width); err != nil {
		return err
	}
	const layout = "2006-01-02 15:04"
	_, err := fmt.Fprintf(c.env.Stdout, "%s .. %s UTC, one cell = %s\n%s\n", cov.From.UTC().Format(layout), cov.To.UTC().Format(layout),
		stepText(cov.Step), tui.CoverageLegend(ascii))
	return err
}

// stepText writes a length as 4h or 2d.
func stepText(d time.Duration) string {
	if days := d / (24 * time.Hour); days > 0 && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", days)
	}
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return d.String()
}

type coverageJSON struct {
	From    *time.Time        `json:"from"` // null where there is nothing
	To      *time.Time        `json:"to"`
	Seconds int64             `json:"step_seconds"`
	Rows    []coverageRowJSON `json:"rows"`
}

type coverageRowJSON struct {
	Account string             `json:"account"`
	Region  string             `json:"region"`
	Cells   []coverageCellJSON `json:"cells"`
}

type coverageCellJSON struct {
	Start   time.Time `json:"start"`
	Held    int       `json:"held"`
	Proven  int       `json:"proven"`
	Missing int       `json:"missing"`
	Late    int       `json:"late"`
	Empty   int       `json:"nothing_delivered"`
	Unknown bool      `json:"unknown"`
}

func coverageOut(cov index.Coverage) coverageJSON {
	out := coverageJSON{Seconds: int64(cov.Step / time.Second), Rows: make([]coverageRowJSON, len(cov.Rows))}
	if !cov.From.IsZero() && !cov.To.IsZero() {
		from, to := cov.From.UTC(), cov.To.UTC()
		out.From, out.To = &from, &to
	}
	for i, r := range cov.Rows {
		row := coverageRowJSON{r.Account, r.Region, make([]coverageCellJSON, len(r.Cells))}
		for j, c := range r.Cells {
			row.Cells[j] = coverageCellJSON{
				cov.From.Add(time.Duration(j) * cov.Step).UTC(), c.Held, c.Proven, c.Missing, c.Late, c.Empty, c.Unknown,
			}
		}
		out.Rows[i] = row
	}
	return out
}
