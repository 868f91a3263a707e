package digest

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// An AWSRun is what one run of "aws cloudtrail validate-logs --verbose" is asked for; the zero value is all there is.
type AWSRun struct {
	TrailARN string // as given; "" is made up from each chain
	Account  string // whose log files; "": of every account
	Region   string // "": every Region
}

// WriteAWS prints a report as "aws cloudtrail validate-logs --verbose" does, one run after the other for each account,
// Region and trail, what is valid to out and what is not to errs. It gives the exit code: 0, 1, or 3 where validate-logs
// would have aborted. Text from outside is passed through show, which escapes for a terminal; nil prints it as it is.
// Its errors are those of writing.
func WriteAWS(out, errs io.Writer, r *Report, run AWSRun, show func(string) string) (exit int, err error) {
	if show == nil {
		show = func(s string) string { return s }
	}
	w := &awsWriter{r: r, out: out, errs: errs, show: show}
	for _, pair := range awsPairs(r.Chains) {
		id := pair[0].ID
		if run.Account != "" && run.Account != id.Account || run.Region != "" && run.Region != id.Region {
			continue
		}
		if run.TrailARN != "" && !strings.HasSuffix(run.TrailARN, ":trail/"+id.Trail) {
			continue
		}
		w.write(arnOf(run.TrailARN, id), pair)
	}
	switch {
	case w.any:
	case run.TrailARN == "" && r.To.IsZero(): // no digest tells a range or a trail, and none was asked for
		w.line("No digests found")
	default:
		w.begin = beginOf(r, nil)
		w.header(run.TrailARN)
		w.results(nil)
	}
	return w.exit, w.err
}

func arnOf(arn string, id ChainID) string {
	if arn != "" {
		return arn
	}
	partition := "aws"
	switch {
	case strings.HasPrefix(id.Region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(id.Region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return fmt.Sprintf("arn:%s:cloudtrail:%s:%s:trail/%s", partition, id.Home, id.Account, id.Trail)
}

// awsPairs puts the backfill chain of a trail behind its standard chain.
func awsPairs(chains []Chain) [][]Chain {
	var out [][]Chain
	for _, c := range chains {
		if n := len(out); c.ID.Backfill && n > 0 {
			standard := out[n-1][0].ID
			standard.Backfill = true
			if standard == c.ID {
				out[n-1] = append(out[n-1], c)
				continue
			}
		}
		out = append(out, []Chain{c})
	}
	return out
}

// An awsWriter prints; it stops at the first error of writing.
type awsWriter struct {
	r         *Report
	out, errs io.Writer
	show      func(string) string
	err       error
	exit      int
	any       bool
	normal    bool // the last line was about something valid
	count     [3]struct{ valid, invalid int }
	begin     time.Time // of the range asked for; where that is open, of the oldest digest
	from, to  time.Time // of the valid digests
}

const (
	countDigests = iota
	countBackfill
	countLogs
)

func (w *awsWriter) line(text string) {
	if w.err == nil {
		_, w.err = fmt.Fprintln(w.out, text)
		w.normal = true
	}
}

// problem prints to errs, followed by an empty line, and preceded by one after a normal line.
func (w *awsWriter) problem(text string) {
	if w.err != nil {
		return
	}
	if w.normal {
		text = "\n" + text
	}
	_, w.err = fmt.Fprint(w.errs, text, "\n\n")
	w.normal = false
}

func (w *awsWriter) header(arn string) {
	w.line(fmt.Sprintf("Validating log files for trail %s between %s and %s", w.show(arn), stamp(w.begin), stamp(w.r.To)))
	w.line("")
	w.normal = false
}

// write prints one run: a standard chain, a backfill chain, or both.
func (w *awsWriter) write(arn string, chains []Chain) {
	w.any = true
	w.count = [3]struct{ valid, invalid int }{}
	w.from, w.to = time.Time{}, time.Time{}
	w.begin = beginOf(w.r, chains)
	w.header(arn)
	if why := w.r.noKeys[chains[0].ID.Region]; why != "" {
		w.exit = ExitUnreadable
		w.problem(w.show(why))
		return
	}
	for _, c := range chains {
		for i := range c.Digests {
			if !w.digest(&c, i) {
				return
			}
		}
	}
	w.results(chains)
}

// beginOf is where the range begins: as asked for, else with the oldest digest.
func beginOf(r *Report, chains []Chain) time.Time {
	begin := r.To
	for _, c := range chains {
		for _, l := range c.Digests {
			if !l.Start.IsZero() && l.Start.Before(begin) {
				begin = l.Start
			}
		}
	}
	if !r.From.IsZero() {
		return r.From
	}
	return begin
}

// digest prints one digest and its log files; false is where validate-logs would have aborted.
func (w *awsWriter) digest(c *Chain, i int) bool {
	l := &c.Digests[i]
	it := &w.r.Items[l.Item]
	mark, kind := "", countDigests
	if c.ID.Backfill {
		mark, kind = "(backfill) ", countBackfill
	}
	if !w.status(mark+"Digest file", it, kind) {
		return false
	}
	if it.said != "valid" {
		return true
	}
	if w.from.IsZero() || l.Start.Before(w.from) {
		w.from = l.Start
	}
	if l.End.After(w.to) {
		w.to = l.End
	}
	for _, n := range l.Logs {
		if !w.status("Log file", &w.r.Items[n], countLogs) {
			return false
		}
	}
	if l.Starting && i+1 < len(c.Digests) {
		w.problem(fmt.Sprintf("%sNo log files were delivered by CloudTrail between %s and %s", mark, stamp(c.Digests[i+1].End), stamp(l.Start)))
	}
	return true
}

func (w *awsWriter) status(what string, it *Item, kind int) bool {
	text := fmt.Sprintf("%s\ts3://%s\t%s", what, w.show(cmp.Or(it.home, it.Key)), w.show(it.said))
	switch {
	case it.fatal:
		w.exit = ExitUnreadable
		w.problem(strings.Replace(text, "INVALID: ", "", 1))
		return false
	case it.said == "valid":
		w.count[kind].valid++
		w.line(text)
	default:
		w.count[kind].invalid++
		if w.exit == ExitProven {
			w.exit = ExitInvalid
		}
		w.problem(text)
	}
	return true
}

func (w *awsWriter) results(chains []Chain) {
	if w.normal {
		w.line("")
	}
	w.line(fmt.Sprintf("Results requested for %s to %s", stamp(w.begin), stamp(w.r.To)))
	empty := !slices.ContainsFunc(chains, func(c Chain) bool { return len(c.Digests) > 0 })
	switch {
	case empty:
		w.line("No digests found")
		return
	case w.to.IsZero():
		w.line("No valid digests found in range")
		w.line("")
	default:
		from, to := w.from, w.to
		if from.Before(w.begin) {
			from = w.begin
		}
		if to.After(w.r.To) {
			to = w.r.To
		}
		w.line(fmt.Sprintf("Results found for %s to %s:", stamp(from), stamp(to)))
		w.line("")
	}
	for kind, what := range [...]string{countDigests: "digest", countBackfill: "backfill digest", countLogs: "log"} {
		c := w.count[kind]
		all := c.valid + c.invalid
		if all == 0 {
			continue
		}
		text := fmt.Sprintf("%d/%d %s files valid", c.valid, all, what)
		if c.invalid > 0 {
			text += fmt.Sprintf(", %d/%d %s files INVALID", c.invalid, all, what)
		}
		w.line(text)
	}
}
