package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
)

func someTrails() []TrailRow {
	arn := func(region, name string) string {
		return "arn:aws:cloudtrail:" + region + ":111122223333:trail/" + name
	}
	facts := func(region, name string) []string {
		return []string{
			arn(region, name), "records of all Regions: management rw without kms; data: S3 2 ARNs, Lambda all",
			"digests 20 min ago   KMS 0000-1111   log group none",
		}
	}
	return []TrailRow{
		{
			Place: "trail:" + arn("us-east-1", "org-trail"), Name: "org-trail", Region: "us-east-1", State: "logs", Delivered: "3 min ago",
			Where: "s3://central-logs/org", Facts: facts("us-east-1", "org-trail"),
		},
		{
			Place: "trail:" + arn("eu-west-1", "regional-audit"), Name: "regional-audit", Region: "eu-west-1", State: "stopped", Delivered: "6 days ago",
			Where: "s3://a-bucket-with-a-very-long-name-that-does-not-fit-111122223333-eu-west-1/with/a/prefix", Facts: facts("eu-west-1", "regional-audit"),
			Flags: []TrailFlag{
				{Severity: "high", Words: "does not log since 2026-02-27T12:00:00Z: its events are not recorded", Hint: "who stopped it: trailsift search event:StopLogging; on again: aws cloudtrail start-logging"},
				{Severity: "medium", Words: "log file validation is off: nobody can prove that its log files are as delivered"},
				{Severity: "info", Words: "log files are encrypted by S3's own keys, not by one of KMS"},
			},
		},
		{
			Place: "trail:" + arn("us-east-1", "unreadable"), Name: "unreadable", Region: "us-east-1", State: "not known", Delivered: "?",
			Flags: []TrailFlag{{Severity: "unknown", Words: "status: access denied: cloudtrail:GetTrailStatus", Hint: "allow cloudtrail:GetTrailStatus for this identity"}},
		},
	}
}

// asking is Options.Trails that counts how often it is called.
func asking(rows []TrailRow, err error, n *int) func(context.Context) ([]TrailRow, error) {
	return func(context.Context) ([]TrailRow, error) {
		*n++
		return rows, err
	}
}

func TestTrailsInSources(t *testing.T) {
	opt := small(t)
	asked := 0
	opt.Trails = asking(someTrails(), nil, &asked)
	for _, size := range [][2]int{{80, 24}, {160, 45}} {
		d := newDriver(t, opt, size[0], size[1]).press("5", "t", "j")
		checkGolden(t, fmt.Sprintf("trails-%dx%d", size[0], size[1]), d.screen())
	}
	asked = 0
	d := newDriver(t, opt, 80, 24).press("5")
	if asked != 0 {
		t.Error("AWS was asked before anybody wanted to see trails")
	}
	d.press("t").sees("org-trail").sees("3 min ago").sees("records of all Regions: management rw without kms")
	d.press("j").sees("HIGH    does not log since 2026-02-27").sees("trailsift search event:StopLogging").sees("MEDIUM  log file validation is off")
	d.press("G").sees("UNKNOWN status: access denied")
	d.press("t").sees("LOG FILE").press("t").sees("org-trail")
	if asked != 1 {
		t.Errorf("AWS was asked %d times, want once", asked)
	}
	if d.press("r"); asked != 2 {
		t.Errorf("r: AWS was asked %d times, want twice", asked)
	}
	d.press("g", "c")
	if len(d.out) != 1 || !strings.Contains(d.out[0], "trail:arn:aws:cloudtrail:us-east-1:111122223333:trail/org-trail") {
		t.Errorf("c copies %q", d.out)
	}
	d.press("esc").sees("LOG FILE").press("esc").sees("[1 Events]")
}

func TestTrailsThatCannotBeListed(t *testing.T) {
	opt := small(t)
	asked := 0
	refused := &source.Error{Thing: "trails of us-east-1", Reason: "access denied: cloudtrail:ListTrails", Hint: "allow it for this identity"}
	opt.Trails = asking(nil, refused, &asked)
	d := newDriver(t, opt, 80, 24).press("5", "t").sees("access denied: cloudtrail:ListTrails").sees("(allow it for")
	d.press("t", "t")
	if asked != 2 {
		t.Errorf("after an error AWS was asked %d times, want again", asked)
	}
	opt.Trails = asking([]TrailRow{}, nil, &asked)
	newDriver(t, opt, 80, 24).press("5", "t").sees("no trail in any Region")
	opt.Trails = nil
	newDriver(t, opt, 80, 24).press("5", "t").sees("LOG FILE").sees("--offline")
	opt.Trails = func(ctx context.Context) ([]TrailRow, error) {
		return nil, errors.Join(ctx.Err(), errors.New("x\x1b[31my"))
	}
	clean(t, newDriver(t, opt, 80, 24).press("5", "t").app.View().Content)
}

// TestHostileTrails: what AWS says of trails is drawn as text, within the screen, at any size.
func TestHostileTrails(t *testing.T) {
	var rows []TrailRow
	for i, s := range attacks {
		rows = append(rows, TrailRow{
			Place: "trail:" + s, Name: s, Region: s, State: "logs", Delivered: "?", Where: "s3://" + s, Facts: []string{s, s},
			Flags: []TrailFlag{{Severity: "high", Words: s, Hint: attacks[(i+1)%len(attacks)]}},
		})
	}
	asked := 0
	opt := small(t)
	opt.Trails = asking(rows, nil, &asked)
	for _, size := range [][2]int{{60, 16}, {80, 24}, {161, 50}} {
		d := newDriver(t, opt, size[0], size[1]).press("5", "t")
		for range rows {
			d.press("j")
			clean(t, d.app.View().Content)
			fits(t, d, size[0], size[1])
		}
		a := newApp(t.Context(), Options{})
		a.start = newTrailChooser("TRAILS", rows)
		d = drive(t, a, size[0], size[1])
		for range rows {
			d.press("j")
			clean(t, d.app.View().Content)
			fits(t, d, size[0], size[1])
		}
	}
}

func TestATrailIsChosen(t *testing.T) {
	f := func(want string, keys ...string) {
		t.Helper()
		a := newApp(t.Context(), Options{})
		a.start = newTrailChooser("TRAILS OF 111122223333", someTrails())
		d := drive(t, a, 80, 24).sees("org-trail").sees("! does not log")
		d.press(keys...)
		if got := a.start.choice.Place; got != want || !d.done {
			t.Errorf("%v chooses %q (done %v), want %q", keys, got, d.done, want)
		}
	}
	f("trail:arn:aws:cloudtrail:us-east-1:111122223333:trail/org-trail", "enter")
	f("trail:arn:aws:cloudtrail:eu-west-1:111122223333:trail/regional-audit", "j", "enter")
	f("", "q")
}

func TestAProfileIsHistoryOrATrail(t *testing.T) {
	f := func(want string, keys ...string) {
		t.Helper()
		a := newApp(t.Context(), Options{})
		a.start = newProfileChooser("audit\x1b[31m")
		d := drive(t, a, 80, 24).sees("audit").sees("Event history").sees("a trail")
		clean(t, a.View().Content)
		d.press(keys...)
		if got := a.start.choice.Place; got != want || !d.done {
			t.Errorf("%v chooses %q (done %v), want %q", keys, got, d.done, want)
		}
	}
	f("history:", "enter")
	f("trail:", "j", "enter")
	f("", "q")
}
