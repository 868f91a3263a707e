package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"

	"github.com/trailsift/trailsift/tui/text"
)

func (c *command) facetsCommand() *cobra.Command {
	cmd := c.queryCommand("facets FIELD [QUERY…]", "Values of a field with counts, most first", "table, json, csv", c.facets)
	cmd.Flags().IntVar(&c.flag.values, "limit", 20, "how many values; 0: all")
	return cmd
}

func (c *command) facets(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usage("trailsift facets user", "facets needs a field: %s", strings.Join(fieldNames(), ", "))
	}
	field, ok := index.Schema().Lookup(args[0])
	if !ok || field.Kind == query.Time {
		return usage("one of "+strings.Join(fieldNames(), ", "), "no field %s to count%s", args[0], didYouMean(args[0], fieldNames()))
	}
	format, err := c.outputFormat("json", "table", "json", "csv")
	if err != nil {
		return err
	}
	r, err := c.answer(ctx, queryArgs(args[1:]))
	if err != nil {
		return err
	}
	f, err := r.Facet(ctx, field.Name, c.flag.values)
	if err != nil {
		return err
	}
	switch format {
	case "json":
		err = c.writeJSON(facetOut(f))
	case "csv":
		w := c.newCSV(c.env.Stdout)
		_ = w.row("value", "count")
		for _, v := range f.Values {
			_ = w.row(v.Value, strconv.Itoa(v.Count))
		}
		err = w.flush()
	default:
		err = c.facetTable(f)
	}
	return c.ended(err)
}

func (c *command) facetTable(f index.Facet) error {
	all := f.Events + f.Missing
	rows := make([][]string, 0, len(f.Values)+1)
	for _, v := range f.Values {
		rows = append(rows, []string{v.Value, text.Count(v.Count), percent(v.Count, all), c.bar(v.Count, f.Values[0].Count)})
	}
	if f.Missing > 0 {
		rows = append(rows, []string{"(none)", text.Count(f.Missing), percent(f.Missing, all), ""})
	}
	cols := []column{
		{head: strings.ToUpper(f.Field), min: 12, tail: true},
		{head: "EVENTS", min: 6, right: true},
		{head: "SHARE", min: 5, right: true},
		{head: "", min: 0},
	}
	if err := table(c.env.Stdout, cols, rows, c.env.Width); err != nil {
		return err
	}
	if f.Distinct > len(f.Values) {
		c.note("%s of %s values, --limit 0 for all", text.Count(len(f.Values)), text.Count(f.Distinct))
	}
	return nil
}

// fieldNames are the fields that can be counted, in the order of help.
func fieldNames() (names []string) {
	for _, f := range index.Schema() {
		if f.Kind != query.Time && !index.Hidden(f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

func percent(n, of int) string {
	if of == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f%%", 100*float64(n)/float64(of))
}

// bar is a bar of at most 24 cells.
func (c *command) bar(n, most int) string {
	if most == 0 {
		return ""
	}
	cell := "█"
	if c.env.ascii(c.flag.ascii) {
		cell = "#"
	}
	return strings.Repeat(cell, max(1, 24*n/most))
}
