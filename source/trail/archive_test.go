package trail_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/s3"
	"github.com/trailsift/trailsift/source/sourcetest"
	"github.com/trailsift/trailsift/source/trail"
)

func TestFindResolvesNamesAndARNs(t *testing.T) {
	a := sourcetest.NewAWS(t)
	a.AddTrail(sourcetest.NewTrail("main", "us-east-1", "logs", now))
	for _, region := range []string{"eu-west-1", "ap-south-1"} {
		tr := sourcetest.NewTrail("twice", region, "logs-"+region, now)
		tr.Config["IsMultiRegionTrail"] = false
		a.AddTrail(tr)
	}
	session := aws.NewSession(a.Config("eu-central-1"))
	const arn = "arn:aws:cloudtrail:ap-south-1:111122223333:trail/twice"
	for name, want := range map[string]string{"main": "s3://logs", arn: "s3://logs-ap-south-1"} {
		got, err := trail.Find(t.Context(), session, name)
		if err != nil || got.URL() != want {
			t.Errorf("%s delivers to %s, %v; want %s", name, got.URL(), err, want)
		}
	}
	f := func(name string, is error, words ...string) {
		t.Helper()
		_, err := trail.Find(t.Context(), session, name)
		if !errors.Is(err, is) {
			t.Fatalf("%s: %v", name, err)
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", name, err, w)
			}
		}
	}
	f("twice", trail.ErrSeveral, arn, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/twice")
	f("nobody", trail.ErrNone, "no such trail", "eu-central-1")
	f("arn:aws:cloudtrail:us-east-1:111122223333:trail/gone", trail.ErrNone, "no such trail", "us-east-1")
	f("arn:aws:s3:::bucket", trail.ErrName, "not the ARN of a trail")
	f("arn:aws:cloudtrail:us-east-1:111122223333:trail/", trail.ErrName)
}

func TestFindWhereDescribeTrailsIsRefused(t *testing.T) {
	a := sourcetest.NewAWS(t)
	a.AddTrail(sourcetest.NewTrail("main", "us-east-1", "logs", now))
	session := aws.NewSession(a.Config("us-east-1"))
	deny(a, "DescribeTrails")
	for _, name := range []string{"main", "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"} {
		if got, err := trail.Find(t.Context(), session, name); err != nil || got.Bucket != "logs" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	deny(a, "DescribeTrails", "GetTrail")
	for _, name := range []string{"main", "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"} {
		if got, err := trail.Find(t.Context(), session, name); err == nil || !strings.Contains(err.Error(), "access denied") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// archive opens the archive of a trail.
func archive(t *testing.T, a *sourcetest.AWS, tr sourcetest.Trail) *trail.Archive {
	t.Helper()
	a.AddTrail(tr)
	session := aws.NewSession(a.Config("us-east-1"))
	at, err := trail.Find(t.Context(), session, tr.Config["TrailARN"].(string))
	if err != nil {
		t.Fatal(err)
	}
	src, err := trail.Open(t.Context(), session, at, s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return src
}

const logName = "_CloudTrail_us-east-1_20260310T1000Z_abcdefghijklmnop.json.gz"

func key(prefix, account string) string {
	return prefix + account + "/CloudTrail/us-east-1/2026/03/10/" + account + logName
}

// fill puts a log file at each key.
func fill(t *testing.T, keys ...string) *sourcetest.AWS {
	t.Helper()
	a := sourcetest.NewAWS(t)
	a.NewBucket("logs", "us-east-1", 100)
	for _, k := range keys {
		a.Put("logs", k, sourcetest.S3Object{Body: []byte(`{"Records":[]}`)})
	}
	return a
}

func keys(t *testing.T, src source.Source) (out []string) {
	t.Helper()
	for _, f := range sourcetest.List(t, src) {
		out = append(out, f.Key)
	}
	slices.Sort(out)
	return out
}

func TestAnArchiveIsTheTrailsOwnFolder(t *testing.T) {
	const other = "444455556666"
	own := key("central/AWSLogs/", sourcetest.Account)
	a := fill(t, own, key("central/AWSLogs/", other), key("AWSLogs/", sourcetest.Account), key("central/AWSLogs/o-exampleorg1/", sourcetest.Account))
	tr := sourcetest.NewTrail("main", "us-east-1", "logs", now)
	tr.Config["S3KeyPrefix"] = "central"
	src := archive(t, a, tr)
	want := source.Place{Text: "trail:main", ID: "trail:arn:aws:cloudtrail:us-east-1:111122223333:trail/main", Remote: true}
	if d := cmp.Diff(want, src.Place()); d != "" {
		t.Errorf("place (-want +got):\n%s", d)
	}
	if err := src.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if d := cmp.Diff([]string{own}, keys(t, src)); d != "" {
		t.Errorf("log files (-want +got):\n%s", d)
	}
	if src.TrailARN() != tr.Config["TrailARN"] || src.Spot().Bucket != "logs" || src.Spot().HomeRegion != "us-east-1" {
		t.Errorf("the archive is of %s in %+v", src.TrailARN(), src.Spot())
	}
}

func TestAnOrganizationsArchiveIsItsOwnFolder(t *testing.T) {
	const ours, theirs = "o-exampleorg1", "o-exampleorg2"
	one := []string{key("AWSLogs/"+ours+"/", sourcetest.Account), key("AWSLogs/"+ours+"/", "444455556666")}
	single := key("AWSLogs/", "777788889999")
	foreign := key("AWSLogs/"+theirs+"/", "123456789012")
	f := func(member string, asked bool, id string, want []string, have ...string) {
		t.Helper()
		a := fill(t, have...)
		if member != "" {
			a.Organize(member)
		}
		tr := sourcetest.NewTrail("org", "us-east-1", "logs", now)
		tr.Config["IsOrganizationTrail"] = true
		src := archive(t, a, tr)
		if d := cmp.Diff(want, keys(t, src)); d != "" || src.OrganizationID() != id {
			t.Errorf("organisation %q, want %q; log files (-want +got):\n%s", src.OrganizationID(), id, d)
		}
		did := slices.ContainsFunc(a.Requests(), func(r sourcetest.Request) bool { return r.Op == "DescribeOrganization" })
		if did != asked {
			t.Errorf("DescribeOrganization asked: %v, want %v", did, asked)
		}
	}
	f(ours, false, ours, one, append([]string{single}, one...)...)
	f(ours, true, ours, one, append([]string{foreign}, one...)...)
	all := append([]string{foreign}, one...)
	slices.Sort(all)
	f("", true, "", all, all...)
	f("o-notthere11", true, "", all, all...)
}

func TestAnArchiveThatCannotBeReadSaysWhy(t *testing.T) {
	a := fill(t)
	session := aws.NewSession(a.Config("us-east-1"))
	if _, err := trail.Open(t.Context(), session, trail.Spot{Name: "main"}, s3.Options{}); err == nil || !strings.Contains(err.Error(), "bucket is not known") {
		t.Errorf("without a bucket: %v", err)
	}
	if _, err := trail.Open(t.Context(), session, trail.Spot{Name: "main", Bucket: "gone", Account: "1"}, s3.Options{}); err == nil || !strings.Contains(err.Error(), "no such bucket") {
		t.Errorf("without the bucket: %v", err)
	}
	src := archive(t, a, sourcetest.NewTrail("main", "us-east-1", "logs", now))
	if err := src.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "trail:main") {
		t.Errorf("of a trail that delivered nothing: %v", err)
	}
}

// A Region becomes part of the name of a host, so what is none is taken neither from a person nor from an answer.
func TestARegionIsAWord(t *testing.T) {
	for _, arn := range []string{
		"arn:aws:cloudtrail:evil.example/:111122223333:trail/x", "arn:aws:cloudtrail:us-east-1@evil:111122223333:trail/x",
		"arn:aws:cloudtrail::111122223333:trail/x", "arn:aws:cloudtrail:us-east-1:1:trail/x", "arn:aws:cloudtrail:us-east-1:11112222333x:trail/x",
		"arn:aws:cloudtrail:us-east-1:111122223333:channel/x", "arn::cloudtrail:us-east-1:111122223333:trail/x", "",
	} {
		if at, ok := trail.SpotOf(arn); ok {
			t.Errorf("%s is taken for a trail: %+v", arn, at)
		}
	}
	partition, region, account, name, ok := trail.ParseARN("arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/a:b/c")
	if got := []string{partition, region, account, name}; !ok || !slices.Equal(got, []string{"aws-us-gov", "us-gov-west-1", "111122223333", "a:b/c"}) {
		t.Errorf("%q, %v", got, ok)
	}
	a := sourcetest.NewAWS(t)
	tr := sourcetest.NewTrail("main", "us-east-1", "logs", now)
	tr.Config["HomeRegion"] = "evil.example/"
	a.AddTrail(tr)
	for _, tr := range list(t, a, "us-east-1").Trails {
		if tr.HomeRegion != "us-east-1" {
			t.Errorf("home Region %q", tr.HomeRegion)
		}
	}
	for _, r := range a.Requests() {
		if strings.Contains(r.Region, "evil") {
			t.Errorf("asked for Region %q", r.Region)
		}
	}
}
