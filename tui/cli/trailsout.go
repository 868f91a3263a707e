package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source/trail"
	"github.com/trailsift/trailsift/tui/text"
)

type trailsJSON struct {
	Trails  []trail.Trail   `json:"trails"`
	Regions []string        `json:"regions"`
	Refused []trail.Refusal `json:"refused"`
}

func trailsOut(l trail.Listing) trailsJSON {
	out := trailsJSON{l.Trails, l.Regions, l.Refused}
	if out.Trails == nil {
		out.Trails = []trail.Trail{}
	}
	if out.Refused == nil {
		out.Refused = []trail.Refusal{}
	}
	return out
}

func (c *command) trailLines(l trail.Listing) error {
	w := c.newWriter()
	for i := range l.Trails {
		b, err := json.Marshal(&l.Trails[i])
		if err != nil {
			return err
		}
		if c.env.StdoutTTY {
			b = text.JSON(b)
		}
		_, _ = w.Write(append(b, '\n')) // Flush tells
	}
	return w.Flush()
}

func (c *command) trailsCSV(l trail.Listing) error {
	w := c.newCSV(c.env.Stdout)
	_ = w.row("arn", "name", "home_region", "account", "bucket", "prefix", "multi_region", "organization",
		"global_service_events", "validation", "kms_key", "log_group", "sns_topic", "selectors", "logging", "started_logging",
		"stopped_logging", "latest_delivery", "latest_delivery_error", "latest_digest_delivery", "latest_digest_delivery_error",
		"latest_notification_error", "latest_cloudwatch_delivery", "latest_cloudwatch_delivery_error", "flags", "unknown")
	for i := range l.Trails {
		t := &l.Trails[i]
		_ = w.row(t.ARN, t.Name, t.HomeRegion, t.Account, t.Bucket, t.Prefix, known(t, strconv.FormatBool(t.MultiRegion)),
			known(t, strconv.FormatBool(t.Organization)), known(t, strconv.FormatBool(t.GlobalEvents)),
			known(t, strconv.FormatBool(t.Validation)), t.KMSKey, t.LogGroup, t.Topic, t.Selectors, csvLogging(t), stamp(t.Started),
			stamp(t.Stopped), stamp(t.LatestDelivery), t.DeliveryError, stamp(t.LatestDigest), t.DigestError, t.NotificationError,
			stamp(t.LatestLogsDelivery), t.LogsDeliveryError, flagClasses(t), unknownParts(t))
	}
	return w.flush()
}

// known is a cell about the configuration, "" where AWS did not tell it.
func known(t *trail.Trail, cell string) string {
	if !t.Tells(trail.Configuration) {
		return ""
	}
	return cell
}

func csvLogging(t *trail.Trail) string {
	if t.Logging == nil {
		return ""
	}
	return strconv.FormatBool(*t.Logging)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func flagClasses(t *trail.Trail) string {
	names := make([]string, len(t.Flags))
	for i, f := range t.Flags {
		names[i] = f.Class
	}
	return strings.Join(names, " ")
}

func unknownParts(t *trail.Trail) string {
	names := make([]string, len(t.Unknown))
	for i, u := range t.Unknown {
		names[i] = u.What
	}
	return strings.Join(names, " ")
}

// trailColumns are the columns of the table; what is dropped on a narrow terminal stands in the lines below it or in
// --format json.
var trailColumns = []column{
	{head: "TRAIL", min: 10},
	{head: "HOME", min: 9},
	{head: "LOGS", min: 4},
	{head: "DELIVERED", min: 9},
	{head: "DIGESTS", min: 7},
	{head: "REGIONS", min: 8},
	{head: "DELIVERS TO", min: 16, tail: true},
	{head: "RECORDS", min: 22, drop: 1},
	{head: "KMS", min: 4, drop: 3, tail: true},
	{head: "LOG GROUP", min: 12, drop: 4, tail: true},
	{head: "ACCOUNT", min: 12, drop: 2},
}

func (c *command) trailsTable(l trail.Listing) error {
	if len(l.Trails) == 0 {
		fmt.Fprintln(c.env.Stdout, text.Visible(noTrails(l)))
		return nil
	}
	rows := make([][]string, len(l.Trails))
	for i := range l.Trails {
		rows[i] = trailCells(&l.Trails[i], c.env.Now())
	}
	if err := table(c.env.Stdout, trailColumns, rows, c.env.Width); err != nil {
		return err
	}
	var lines []string
	for i := range l.Trails {
		lines = append(lines, c.trailWords(&l.Trails[i])...)
	}
	if len(lines) > 0 {
		lines = slices.Insert(lines, 0, "")
	}
	for _, line := range lines {
		fmt.Fprintln(c.env.Stdout, line)
	}
	return nil
}

// noTrails says that there are none, and where was looked.
func noTrails(l trail.Listing) string {
	where := "in " + strings.Join(l.Regions, ", ")
	if len(l.Refused) == 0 {
		where = "in any Region of this account (asked " + strings.Join(l.Regions, ", ") + ")"
	}
	return "no trail " + where + ": only Event history holds its events, for 90 days (trailsift history:)"
}

// trailCells are a trail's cells of the table. Text of AWS is escaped by the table.
func trailCells(t *trail.Trail, now time.Time) []string {
	const unknown = "?"
	logs, delivered := unknown, unknown
	if t.Tells(trail.Status) {
		logs, delivered = loggingWord(t), ago(now, t.LatestDelivery)
	}
	digests, regions, where, kms, group := unknown, unknown, unknown, unknown, unknown
	if t.Tells(trail.Configuration) {
		digests, regions, where = "off", scope(t), t.URL()
		if t.Validation {
			digests = "on"
			if !t.LatestDigest.IsZero() {
				digests = ago(now, t.LatestDigest)
			}
		}
		kms, group = cmp.Or(shortKey(t.KMSKey), "none"), cmp.Or(shortGroup(t.LogGroup), "none")
	}
	return []string{
		t.Name, t.HomeRegion, logs, delivered, digests, regions, where, cmp.Or(t.Selectors, unknown), kms, group, t.Account,
	}
}

func loggingWord(t *trail.Trail) string {
	switch {
	case t.Logging == nil:
		return "?"
	case *t.Logging:
		return "yes"
	}
	return "NO"
}

func scope(t *trail.Trail) string {
	s := "one"
	if t.MultiRegion {
		s = "all"
	}
	if t.Organization {
		s += ", org"
	}
	return s
}

// scopeWords is scope in a sentence.
func scopeWords(t *trail.Trail) string {
	s := "one Region"
	switch {
	case !t.Tells(trail.Configuration):
		return "?"
	case t.MultiRegion:
		s = "all Regions"
	}
	if t.Organization {
		s += ", all accounts of the organisation"
	}
	return s
}

// shortKey is the id or alias of a key's ARN.
func shortKey(arn string) string {
	if i := strings.LastIndexByte(arn, ':'); i >= 0 {
		arn = arn[i+1:]
	}
	return strings.TrimPrefix(arn, "key/")
}

// shortGroup is the name of a log group's ARN, arn:…:log-group:NAME:*.
func shortGroup(arn string) string {
	if _, name, ok := strings.Cut(arn, ":log-group:"); ok {
		return strings.TrimSuffix(name, ":*")
	}
	return arn
}

// trailWords are the lines under the table about one trail: its flags with what to do, and what AWS did not tell.
func (c *command) trailWords(t *trail.Trail) (lines []string) {
	say := func(mark, words, hint string) {
		lines = append(lines, c.hanging(fmt.Sprintf("%-8s", mark), t.Name+": "+words)...)
		if hint != "" {
			lines = append(lines, c.hanging("        ", "hint: "+hint)...)
		}
	}
	for _, f := range t.Flags {
		if f.Severity != trail.Info {
			say(strings.ToUpper(string(f.Severity)), f.Words, f.Hint)
		}
	}
	for _, u := range t.Unknown {
		say("UNKNOWN", u.What+": "+u.Reason, u.Hint)
	}
	return lines
}

// hanging is a text behind a mark, wrapped to the terminal under its own beginning. It is made visible.
func (c *command) hanging(mark, s string) []string {
	if c.env.Width <= 2*len(mark) {
		return []string{mark + text.Visible(s)}
	}
	lines := text.Wrap(s, c.env.Width-len(mark))
	for i := range lines {
		lines[i] = mark + lines[i]
		mark = text.Blank(len(mark))
	}
	return lines
}
