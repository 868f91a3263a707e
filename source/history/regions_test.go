package history_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// refusing makes Regions answer with an error code and message.
func refusing(codes map[string][2]string) func(sourcetest.Request) *sourcetest.Fault {
	return func(r sourcetest.Request) *sourcetest.Fault {
		if c, ok := codes[r.Region]; ok {
			return &sourcetest.Fault{Status: http.StatusBadRequest, Code: c[0], Message: c[1]}
		}
		return nil
	}
}

func askedOf(a *sourcetest.AWS, region string) (n int) {
	for _, r := range a.Requests() {
		if r.Op == "LookupEvents" && r.Region == region {
			n++
		}
	}
	return n
}

// listing reads all that is listed and gives the errors of the listing by key.
func listing(t *testing.T, h *history.History) (read int, errs map[string]error) {
	t.Helper()
	errs = map[string]error{}
	for f, err := range h.List(t.Context()) {
		if err != nil {
			if errs[f.Key] != nil {
				t.Errorf("%s is named twice", f.Key)
			}
			errs[f.Key] = err
			continue
		}
		readWindow(t, h, f)
		read++
	}
	return read, errs
}

func TestRegionsOfAllThatRefuseAreNamedOnce(t *testing.T) {
	a := sourcetest.NewAWS(t)
	a.Remember("us-east-1", event(1, now.Add(-time.Minute)))
	a.Fail(refusing(map[string][2]string{
		"ap-east-1": {"UnrecognizedClientException", "The security token included in the request is invalid."},
		"eu-west-1": {"AccessDeniedException", "User: x is not authorized to perform: cloudtrail:LookupEvents with an explicit deny in a service control policy"},
		"eu-west-2": {"AccessDeniedException", "User: x is not authorized"},
	}))
	opt := options()
	opt.All = true
	h := open(a, now.AddDate(0, 0, -10), now, opt, "us-east-1", "eu-west-1", "eu-west-2", "ap-east-1")
	if err := h.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	read, errs := listing(t, h)
	got := map[string]string{}
	for key, err := range errs {
		var e *source.Error
		if !errors.As(err, &e) || !errors.Is(err, source.ErrRefused) {
			t.Fatalf("%s: %v", key, err)
		}
		got[e.Thing] = e.Reason
	}
	want := map[string]string{
		"ap-east-1": "not enabled", "eu-west-1": "denied by a service control policy",
		"eu-west-2": got["eu-west-2"],
	}
	if diff := cmp.Diff(want, got); diff != "" || !strings.HasPrefix(got["eu-west-2"], "access denied: cloudtrail:LookupEvents") {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	for _, r := range []string{"ap-east-1", "eu-west-1", "eu-west-2"} {
		if n := askedOf(a, r); n != 1 {
			t.Errorf("%s was asked %d times", r, n)
		}
	}
	if n := askedOf(a, "us-east-1"); n < 20 || n != read {
		t.Errorf("read %d windows of us-east-1 in %d requests", read, n)
	}
}

func TestNamedRegionThatRefusesIsAProblem(t *testing.T) {
	a := sourcetest.NewAWS(t)
	a.Fail(refusing(map[string][2]string{"eu-west-1": {"AccessDeniedException", "User: x is not authorized"}}))
	h := open(a, now.AddDate(0, 0, -10), now, options(), "us-east-1", "eu-west-1")
	read, errs := listing(t, h)
	err := errs["history/111122223333/eu-west-1"]
	var e *source.Error
	if len(errs) != 1 || errors.Is(err, source.ErrRefused) || !errors.As(err, &e) || e.Thing != "Event history of eu-west-1" || e.Hint == "" ||
		!strings.Contains(err.Error(), "access denied: cloudtrail:LookupEvents") {
		t.Errorf("errors %v", errs)
	}
	if askedOf(a, "eu-west-1") != 1 || read < 20 {
		t.Errorf("asked eu-west-1 %d times, read %d windows", askedOf(a, "eu-west-1"), read)
	}
}

func TestAllRegionsRefuse(t *testing.T) {
	a := sourcetest.NewAWS(t)
	denied := [2]string{"AccessDeniedException", "User: x is not authorized"}
	a.Fail(refusing(map[string][2]string{"us-east-1": denied, "eu-west-1": denied}))
	opt := options()
	opt.All = true
	var e *source.Error
	if err := open(a, time.Time{}, now, opt, "us-east-1", "eu-west-1").Check(t.Context()); !errors.As(err, &e) || e.Hint == "" ||
		!strings.HasPrefix(e.Reason, "access denied: cloudtrail:LookupEvents") {
		t.Errorf("Check: %v", err)
	}
	n := 0
	for f, err := range open(a, time.Time{}, now, opt, "us-east-1", "eu-west-1").List(t.Context()) {
		n++
		if f.Key != "" || err == nil {
			t.Errorf("List: %q, %v", f.Key, err)
		}
	}
	if n != 1 {
		t.Errorf("List gave %d things", n)
	}
}

// A Region that refuses later (keys that expire) fails its windows, whoever reads them.
func TestRegionThatRefusesLater(t *testing.T) {
	a := sourcetest.NewAWS(t)
	for n := range 300 {
		a.Remember("us-east-1", event(n, now.Add(-time.Minute)))
	}
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Nth < 3 {
			return nil
		}
		return &sourcetest.Fault{Status: http.StatusBadRequest, Code: "ExpiredTokenException"}
	})
	h := open(a, now.Add(-3*time.Hour), now, options(), "us-east-1")
	failed := 0
	files := sourcetest.List(t, h)
	for _, f := range files {
		_, err := sourcetest.Read(t.Context(), h, f)
		var e *source.Error
		if errors.As(err, &e) && e.Thing == f.Key && e.Reason == "the credentials have expired" {
			failed++
		}
	}
	if n := len(a.Requests()); failed < len(files)-2 || n > 8 { // two may have come before, and some were under way
		t.Errorf("%d of %d windows failed, %d requests", failed, len(files), n)
	}
}

func TestEnabledRegions(t *testing.T) {
	a := sourcetest.NewAWS(t)
	ctx := context.Background()
	var e *source.Error
	if _, err := history.EnabledRegions(ctx, a.Config("us-east-1"), "aws"); !errors.As(err, &e) || !strings.Contains(e.Reason, "account:ListRegions") || e.Hint == "" {
		t.Errorf("denied: %v", err)
	}
	a.SetRegions(map[string]string{
		"us-east-1": "ENABLED_BY_DEFAULT", "eu-west-1": "ENABLED_BY_DEFAULT", "eu-west-2": "ENABLED_BY_DEFAULT", "ap-east-1": "ENABLED",
		"me-south-1": "DISABLED", "af-south-1": "DISABLING", "eu-south-1": "ENABLED", "../x": "ENABLED",
	})
	got, err := history.EnabledRegions(ctx, a.Config(""), "aws")
	if want := []string{"ap-east-1", "eu-south-1", "eu-west-1", "eu-west-2", "us-east-1"}; !slices.Equal(got, want) || err != nil {
		t.Errorf("Regions %q, %v, want %q", got, err, want)
	}
}

func TestKnownRegionsAreOfTheirPartition(t *testing.T) {
	for _, partition := range []string{"aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-new"} {
		regions := history.KnownRegions(partition)
		if len(regions) == 0 || !slices.IsSorted(regions) || len(slices.Compact(slices.Clone(regions))) != len(regions) {
			t.Errorf("%s: %q", partition, regions)
		}
		for _, r := range regions {
			if got := aws.RegionPartition(r); got != partition && partition != "aws-new" {
				t.Errorf("%s lies in %s, not in %s", r, got, partition)
			}
			if parsed, _, err := history.Parse("history:" + r); err != nil || parsed[0] != r {
				t.Errorf("history:%s: %v", r, err)
			}
		}
		if partition != "aws-new" && partition != "aws-iso-e" && partition != "aws-iso-f" && !slices.Contains(regions, aws.GlobalRegion(partition)) {
			t.Errorf("%s lacks its global Region", partition)
		}
	}
	if n := len(history.KnownRegions("aws")); n != 34 {
		t.Errorf("%d Regions of aws, want the 34 of November 2026", n)
	}
}
