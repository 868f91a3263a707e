package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/s3"
	"github.com/trailsift/trailsift/tui"
	"github.com/trailsift/trailsift/tui/text"
)

// The document of --dry-run --format json.
type dryRunJSON struct {
	Places   []dryPlaceJSON `json:"places"`
	Objects  int            `json:"objects"`
	Bytes    int64          `json:"bytes"`
	Held     int            `json:"held"`
	Requests int            `json:"requests"` // to fetch the objects
	Price    priceJSON      `json:"price_usd"`
	MaxBytes int64          `json:"max_bytes"`
	Above    bool           `json:"above_max_bytes"`
	Problems []problemJSON  `json:"problems"`
}

type dryPlaceJSON struct {
	Place    string    `json:"place"`
	Objects  int       `json:"objects"`
	Bytes    int64     `json:"bytes"`
	Unsized  int       `json:"objects_without_size"` // windows of Event history: known when they are asked
	Held     int       `json:"held"`
	Lists    int       `json:"list_requests"` // made by this dry run
	Archived int       `json:"archived"`
	Days     []dayJSON `json:"days"`
}

type dayJSON struct {
	Day     string `json:"day"`
	Account string `json:"account"`
	Region  string `json:"region"`
	Type    string `json:"type"`
	Objects int    `json:"objects"`
	Bytes   int64  `json:"bytes"`
}

type priceJSON struct {
	Requests float64 `json:"requests"`
	Transfer float64 `json:"transfer"`
}

type problemJSON struct {
	Problem string `json:"problem"`
}

// dryRun prints what bringing in would ask for. Nothing is fetched, and no store is written.
func (c *command) dryRun(ctx context.Context, s store, sources []source.Source, format string) error {
	c.temp = s.temp
	var ix *index.Index
	if _, err := os.Stat(s.path); err == nil {
		if ix, err = c.openStore(s, false); err != nil {
			return err
		}
	}
	bar := c.newProgress()
	all, err := surveyAll(ctx, ix, sources, bar.update)
	bar.done()
	if err != nil {
		return err
	}
	sum, offer := sumOf(all), c.offerOf(all)
	if format == "json" {
		err = c.writeJSON(c.dryRunOut(all, &sum))
	} else {
		err = c.dryRunTable(all, &sum, &offer)
	}
	for i := range all {
		err = errors.Join(err, all[i].err)
	}
	if err == nil && len(sum.problems) > 0 {
		return errQuiet(exitPlace)
	}
	return err
}

func (c *command) dryRunOut(all []survey, sum *survey) dryRunJSON {
	requests, transfer := costOf(all)
	out := dryRunJSON{
		Places: []dryPlaceJSON{}, Objects: sum.objects, Bytes: sum.bytes, Held: sum.held, Requests: fetches(all),
		Price:    priceJSON{requests, transfer},
		MaxBytes: int64(c.flag.maxBytes), Above: c.tooMuch(all), Problems: []problemJSON{},
	}
	for i := range all {
		s := &all[i]
		p := dryPlaceJSON{
			Place: s.src.Place().Text, Objects: s.objects, Bytes: s.bytes, Unsized: s.unsized, Held: s.held,
			Lists: s.lists, Archived: s.archived, Days: []dayJSON{},
		}
		for _, d := range s.days {
			p.Days = append(p.Days, dayJSON{dayText(d.Day), d.Account, d.Region, d.Type, d.Objects, d.Bytes})
		}
		out.Places = append(out.Places, p)
	}
	for _, err := range sum.problems {
		out.Problems = append(out.Problems, problemJSON{err.Error()})
	}
	return out
}

// costOf is what fetching costs in US dollars; only buckets do.
func costOf(all []survey) (requests, transfer float64) {
	for i := range all {
		if s := &all[i]; s.priced() {
			p := s3.Estimate(s.lists, s.objects, s.bytes, true)
			requests += p.Lists + p.Gets
			transfer += p.Transfer
		}
	}
	return requests, transfer
}

// fetches is how many requests fetching takes, as far as that is known before.
func fetches(all []survey) (n int) {
	for i := range all {
		if s := &all[i]; s.src.Place().Remote {
			n += s.objects
		}
	}
	return n
}

// tooMuch reports whether remote places have more than --max-bytes.
func (c *command) tooMuch(all []survey) bool {
	bytes := int64(0)
	for i := range all {
		if s := &all[i]; s.src.Place().Remote {
			bytes += s.bytes
		}
	}
	return c.flag.maxBytes > 0 && bytes > int64(c.flag.maxBytes)
}

// dryRunTable prints a line a day, account and Region, then what it comes to.
func (c *command) dryRunTable(all []survey, sum *survey, offer *tui.Offer) error {
	rows := make([][]string, len(offer.Cells))
	for i, cell := range offer.Cells {
		rows[i] = []string{dayText(cell.Day), orDash(cell.Account), orDash(cell.Region), text.Count(cell.Objects), text.Bytes(cell.Bytes)}
	}
	cols := []column{{head: "DAY", min: 10}, {head: "ACCOUNT", min: 12}, {head: "REGION", min: 9}, {head: "OBJECTS", min: 7, right: true}, {head: "SIZE", min: 7, right: true}}
	if len(rows) > 0 {
		if err := table(c.env.Stdout, cols, rows, c.env.Width); err != nil {
			return err
		}
	}
	for i := range all {
		if _, err := fmt.Fprintln(c.env.Stdout, surveyText(&all[i])); err != nil {
			return err
		}
	}
	for _, err := range sum.problems {
		fmt.Fprintf(c.env.Stdout, "problem: %s\n", text.Visible(err.Error()))
	}
	if c.tooMuch(all) {
		fmt.Fprintf(c.env.Stdout, "above --max-bytes %s: pass --max-bytes %s to bring it in\n", text.Bytes(int64(c.flag.maxBytes)), roundUp(sum.bytes))
	}
	_, err := fmt.Fprintln(c.env.Stdout, "nothing was fetched")
	return err
}

// surveyText is a line about one place.
func surveyText(s *survey) string {
	line := fmt.Sprintf("%s: %s to fetch, %s", text.Visible(s.src.Place().Text), plural(s.objects, "object", "objects"), text.Bytes(s.bytes))
	if s.unsized > 0 {
		line = fmt.Sprintf("%s: %s to ask for, 50 events a request", text.Visible(s.src.Place().Text), plural(s.objects, "window", "windows"))
	}
	if s.priced() {
		p := s3.Estimate(s.lists, s.objects, s.bytes, true)
		line += fmt.Sprintf(", %s requests, %s (outside of AWS %s for the transfer, too)", text.Count(s.objects), tui.Cost(p.Lists+p.Gets), tui.Cost(p.Transfer))
	}
	if s.held > 0 {
		line += fmt.Sprintf("; %s held already", text.Count(s.held))
	}
	if s.archived > 0 {
		line += fmt.Sprintf("; %s archived, to be restored first", text.Count(s.archived))
	}
	return line
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format(time.DateOnly)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
