package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source/digest"
	"github.com/trailsift/trailsift/tui/text"
)

// tell prints what was established of each place, and gives the exit code: the worst of all.
func (c *command) tell(format string, subjects []subject, reports []*digest.Report) (code int, err error) {
	codes := make([]int, len(reports))
	switch format {
	case "json":
		for i, r := range reports {
			codes[i] = r.ExitCode()
		}
		err = c.writeJSON(mergeReports(reports))
	case "aws":
		var show func(string) string
		if c.env.StdoutTTY || c.env.StderrTTY {
			show = text.Visible
		}
		for i, r := range reports {
			if codes[i], err = digest.WriteAWS(c.env.Stdout, c.env.Stderr, r, digest.AWSRun{TrailARN: subjects[i].trail.ARN}, show); err != nil {
				break
			}
		}
	default:
		for i, r := range reports {
			codes[i] = r.ExitCode()
			if len(reports) > 1 {
				fmt.Fprintf(c.env.Stdout, "%s:\n", text.Visible(r.Place))
			}
			if err = c.verifyTable(r); err != nil {
				break
			}
		}
	}
	return worstExit(codes), err
}

// worstExit is the exit code of several places: something wrong, else unreadable, else not established.
func worstExit(codes []int) int {
	for _, code := range []int{digest.ExitInvalid, digest.ExitUnreadable, digest.ExitUnestablished} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitOK
}

// mergeReports is one document for several places.
func mergeReports(reports []*digest.Report) *digest.Report {
	if len(reports) == 1 {
		return reports[0]
	}
	all := &digest.Report{Keys: []digest.KeyUse{}, Ranges: []digest.Range{}, Items: []digest.Item{}, Problems: []digest.Problem{}, Notes: []string{}}
	for _, r := range reports {
		all.Digests = addCounts(all.Digests, r.Digests)
		all.LogFiles.Counts = addCounts(all.LogFiles.Counts, r.LogFiles.Counts)
		all.LogFiles.Info += r.LogFiles.Info
		for _, k := range r.Keys {
			if !slices.Contains(all.Keys, k) {
				all.Keys = append(all.Keys, k)
			}
		}
		for _, g := range r.Ranges {
			g.Place = r.Place
			all.Ranges = append(all.Ranges, g)
		}
		for _, it := range r.Items {
			it.Place = r.Place
			all.Items = append(all.Items, it)
		}
		all.Problems = append(all.Problems, r.Problems...)
		for _, n := range r.Notes {
			all.Notes = append(all.Notes, r.Place+": "+n)
		}
	}
	slices.SortStableFunc(all.Items, func(a, b digest.Item) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

func addCounts(a, b digest.Counts) digest.Counts {
	return digest.Counts{Valid: a.Valid + b.Valid, Invalid: a.Invalid + b.Invalid, Warn: a.Warn + b.Warn, Unverified: a.Unverified + b.Unverified}
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

// verifyTable prints what is not proven valid, ranges, the counts, the keys and where they came from, and last what would
// be needed to establish more.
func (c *command) verifyTable(r *digest.Report) error {
	rows := verifyRows(r.Items)
	for _, g := range r.Ranges {
		span := g.From.UTC().Format(time.RFC3339) + " .. " + g.To.UTC().Format(time.RFC3339)
		rows = append(rows, []string{"RANGE", string(g.Class), g.Account + " " + g.Region + " " + g.Trail + " " + span, g.Reason})
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
		if p.Hint != "" {
			fmt.Fprintf(c.env.Stdout, "hint: %s\n", text.Visible(p.Hint))
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintln(c.env.Stdout, text.Visible(n))
	}
	return nil
}
