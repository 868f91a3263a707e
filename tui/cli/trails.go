package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/source/trail"
	"github.com/trailsift/trailsift/tui"
)

const trailsHelp = `List the trails of an account, of all its Regions: where they deliver, what they record, whether they log now, when
they last delivered, and what is wrong with them. Trails of the account's organisation are among them. What AWS refuses
to tell is marked with ? and named; the rest is told.

Flagged are, the gravest first:
  high    trail.stopped, trail.delivery-error, trail.digest-error
  medium  trail.validation-off, trail.never-delivered, trail.no-digest (they come every hour), trail.single-region,
          trail.no-global-events, trail.no-management, trail.management-read, trail.cloudwatch-error
  low     trail.management-write, trail.management-excluded, trail.silent (a day without a log file), trail.notification-error
  info    trail.no-kms (--format json and csv only)

--format json is {"trails":[…],"regions":[…],"refused":[{role,region,action,reason,hint}]}, jsonl one trail a line. A trail is
  arn, name, home_region, account, bucket, prefix, multi_region, organization, global_service_events, validation, kms_key,
  log_group, sns_topic, selectors (in words), management (rw, read, write, none, "" not known), excluded_management,
  logging (null: not known), started_logging, stopped_logging, latest_delivery, latest_delivery_error,
  latest_digest_delivery, latest_digest_delivery_error, latest_notification, latest_notification_error,
  latest_cloudwatch_delivery, latest_cloudwatch_delivery_error, flags [{class,severity,words,hint}],
  unknown [{what,reason,hint}]. Times that are not known are left out.

Exit code 3 where AWS refused everything, else 0.`

func (c *command) trailsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "trails", Short: "Trails: where they deliver, what they record, and what is wrong with them",
		Long: trailsHelp, Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.trails(cmd.Context()) },
	}
	c.flag.client(cmd.Flags())
	cmd.Flags().StringVar(&c.flag.format, "format", "", "output: table, json, jsonl, csv")
	return cmd
}

func (c *command) trails(ctx context.Context) error {
	format, err := c.outputFormat("table", "table", "json", "jsonl", "csv")
	if err != nil {
		return err
	}
	l, err := c.listTrails(ctx)
	if err != nil {
		return err
	}
	c.noteRefused(l.Refused)
	switch format {
	case "json":
		return c.writeJSON(trailsOut(l))
	case "jsonl":
		return c.trailLines(l)
	case "csv":
		return c.trailsCSV(l)
	}
	return c.trailsTable(l)
}

// noteRefused says which requests for the list were refused, the same words once.
func (c *command) noteRefused(all []trail.Refusal) {
	regions := map[string][]string{}
	var order []string
	for _, r := range all {
		if r.Role != "" {
			c.note("%s", r.Reason)
			continue
		}
		if regions[r.Reason] == nil {
			order = append(order, r.Reason)
		}
		regions[r.Reason] = append(regions[r.Reason], r.Region)
	}
	for _, reason := range order {
		c.note("trails of %s: %s", strings.Join(regions[reason], ", "), reason)
	}
}

// listTrails asks AWS for the trails of the account of the flags, or of each --role-arn. What several accounts see, a
// trail of their organisation, is told once, by the one that was told most of it.
func (c *command) listTrails(ctx context.Context) (trail.Listing, error) {
	if c.flag.offline {
		return trail.Listing{}, placeFault("leave --offline out", "trails: AWS has to be asked, and --offline opens no connection")
	}
	if len(c.flag.roleARNs) < 2 {
		return c.trailsAs(ctx, "")
	}
	var all trail.Listing
	var errs []error
	for _, role := range c.flag.roleARNs {
		l, err := c.trailsAs(ctx, role)
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		if err != nil {
			errs = append(errs, err)
			f := asFault(err)
			all.Refused = append(all.Refused, trail.Refusal{Role: role, Reason: f.message, Hint: f.hint})
			continue
		}
		all = all.And(l)
	}
	if len(errs) == len(c.flag.roleARNs) {
		return all, errors.Join(errs...)
	}
	return all, nil
}

// trailsAs asks as a role of --role-arn; "": as the flags say.
func (c *command) trailsAs(ctx context.Context, role string) (trail.Listing, error) {
	if role != "" {
		ctx = context.WithValue(ctx, roleKey{}, role)
	}
	session, err := c.session(ctx)
	if err != nil {
		return trail.Listing{}, err
	}
	l, err := c.trailsOf(ctx, session)
	if e, ok := errors.AsType[*source.Error](err); ok && !strings.Contains(e.Thing, role) {
		told := *e
		told.Thing += " as " + role
		return l, &told
	}
	return l, err
}

// trailsOf asks for the trails of a session's account. Where ListTrails, which knows all Regions, is refused, each Region
// is asked: those enabled, or those known where that is refused, too.
func (c *command) trailsOf(ctx context.Context, session *aws.Session) (trail.Listing, error) {
	return trail.List(ctx, session, trail.Options{Now: c.env.Now, Regions: func(ctx context.Context) []string {
		partition := aws.RegionPartition(session.Region())
		regions, err := history.EnabledRegions(ctx, session.Config(), partition)
		if err != nil {
			return history.KnownRegions(partition)
		}
		return regions
	}})
}

// screenTrails is what asks AWS for the trails that the screen shows, nil where nothing is to be asked.
func (c *command) screenTrails() func(ctx context.Context) ([]tui.TrailRow, error) {
	if c.flag.offline {
		return nil
	}
	return func(ctx context.Context) ([]tui.TrailRow, error) {
		l, err := c.listTrails(ctx)
		return trailRows(l, c.env.Now()), err
	}
}

// trailRows are trails for the screen.
func trailRows(l trail.Listing, now time.Time) []tui.TrailRow {
	rows := make([]tui.TrailRow, len(l.Trails))
	for i := range l.Trails {
		rows[i] = trailRow(&l.Trails[i], now)
	}
	return rows
}

func trailRow(t *trail.Trail, now time.Time) tui.TrailRow {
	cells := trailCells(t, now)
	r := tui.TrailRow{
		Place: trail.Scheme + t.ARN, Name: t.Name, Region: t.HomeRegion, Delivered: cells[3], Where: t.URL(),
		State: map[string]string{"yes": "logs", "NO": "stopped"}[cells[2]],
		Facts: []string{
			t.ARN,
			"delivers to " + cmp.Or(t.URL(), "?"),
			"records of " + scopeWords(t) + ": " + cells[7],
			"digests " + cells[4] + "   KMS " + cells[8] + "   log group " + cells[9],
		},
	}
	r.State = cmp.Or(r.State, "not known")
	for _, f := range t.Flags {
		r.Flags = append(r.Flags, tui.TrailFlag{Severity: string(f.Severity), Words: f.Words, Hint: f.Hint})
	}
	for _, u := range t.Unknown {
		r.Flags = append(r.Flags, tui.TrailFlag{Severity: "unknown", Words: u.What + ": " + u.Reason, Hint: u.Hint})
	}
	return r
}
