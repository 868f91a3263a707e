package s3_test

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/s3"
	"github.com/trailsift/trailsift/source/sourcetest"
)

func TestSurveyCountsWhatListGives(t *testing.T) {
	files := archive("AWSLogs/")
	files["AWSLogs/111122223333/Config/x"] = []byte("x")
	files["notes.txt"] = []byte("four")
	a := server(t, 1000, files)
	a.Put("logs", logKey("AWSLogs/", "444455556666", "CloudTrail", "us-east-1", "2026/11/20"), sourcetest.S3Object{Body: []byte("xxx"), Class: "GLACIER"})
	b := bucket(a, "", s3.Options{})
	var seen []int
	got, err := b.Survey(t.Context(), nil, func(objects int, _ int64) { seen = append(seen, objects) })
	if err != nil {
		t.Fatal(err)
	}
	if got.Objects != 41 || got.Bytes != 39+3+4 || got.Archived != 1 || got.Ignored != 1 || got.Requests != len(a.Requests()) || len(got.Problems) > 0 {
		t.Errorf("survey %d objects, %d bytes, %d archived, %d ignored, %d requests (%d asked), %v",
			got.Objects, got.Bytes, got.Archived, got.Ignored, got.Requests, len(a.Requests()), got.Problems)
	}
	if len(seen) == 0 || seen[len(seen)-1] != 41 {
		t.Errorf("progress %v", seen)
	}
	if len(got.Days) != 41 || got.Days[0].Day != time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) {
		t.Fatalf("%d days, the first %+v", len(got.Days), got.Days[0])
	}
	want := s3.SurveyDay{
		Day: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Account: "444455556666", Region: "us-east-1", Type: "CloudTrail", Objects: 1, Bytes: 3,
	}
	if !slices.Contains(got.Days, want) {
		t.Errorf("%+v is not among %+v", want, got.Days)
	}
}

func TestSurveyIsNotAskedTwice(t *testing.T) {
	files := archive("AWSLogs/")
	files["AWSLogs/111122223333/Config/x"] = []byte("x")
	a := server(t, 5, files)
	listed := func(b *s3.Bucket) (all []string) {
		for f, err := range b.List(t.Context()) {
			all = append(all, fmt.Sprint(f, " ", err))
		}
		return all
	}
	want := listed(bucket(a, "", s3.Options{}))
	b := bucket(a, "", s3.Options{})
	if _, err := b.Survey(t.Context(), nil, nil); err != nil {
		t.Fatal(err)
	}
	narrow := b.Narrow(s3.Options{Accounts: []string{"111122223333"}, From: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)})
	wider := b.Narrow(s3.Options{}).Narrow(s3.Options{Types: []string{"insight"}})
	a.Forget()
	slices.Sort(want)
	got := listed(b)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after a survey (-listed before +listed now):\n%s", diff)
	}
	logs, _ := found(t, narrow)
	wanted := logsOf(files, func(key string) bool {
		return strings.Contains(key, "/111122223333/CloudTrail") && strings.Contains(key, "/2026/11/20/")
	})
	if diff := cmp.Diff(wanted, logs); diff != "" {
		t.Errorf("narrowed (-want +got):\n%s", diff)
	}
	if logs, _ := found(t, wider); len(logs) != 8 {
		t.Errorf("narrowed twice: %q", logs)
	}
	if n := len(a.Requests()); n != 0 {
		t.Errorf("%d requests after a survey", n)
	}
	late := logKey("AWSLogs/", "111122223333", "CloudTrail", "us-east-1", "2026/11/04")
	a.Put("logs", late, sourcetest.S3Object{Body: []byte("x")})
	if logs, _ := found(t, b); !slices.Contains(logs, late) || len(a.Requests()) == 0 {
		t.Error("the second List after a survey does not ask again")
	}
}

func TestNarrowAsksWhereMoreIsWanted(t *testing.T) {
	files := archive("AWSLogs/")
	a := server(t, 100, files)
	b := bucket(a, "", s3.Options{Accounts: []string{"111122223333"}})
	if _, err := b.Survey(t.Context(), nil, nil); err != nil {
		t.Fatal(err)
	}
	a.Forget()
	if logs, _ := found(t, b.Narrow(s3.Options{})); len(logs) != 40 || len(a.Requests()) == 0 {
		t.Errorf("%d log files, %d requests", len(logs), len(a.Requests()))
	}
}

func TestSurveyOfARefusedBucket(t *testing.T) {
	a := server(t, 100, archive("AWSLogs/"))
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if strings.HasSuffix(r.Key, "444455556666/") {
			return &sourcetest.Fault{Status: http.StatusForbidden, Code: "AccessDenied"}
		}
		return nil
	})
	got, err := bucket(a, "", s3.Options{}).Survey(t.Context(), nil, nil)
	if err != nil || got.Objects != 20 || len(got.Problems) != 1 {
		t.Errorf("one account refused: %d objects, %v, %v", got.Objects, got.Problems, err)
	}
	a.Fail(deny("ListObjectsV2"))
	var e *source.Error
	if _, err := bucket(a, "", s3.Options{}).Survey(t.Context(), nil, nil); !errors.As(err, &e) {
		t.Errorf("a refused bucket: %v", err)
	}
}

func TestPrice(t *testing.T) {
	p := s3.Estimate(2000, 1_000_000, 50e9, true)
	if near := func(got, want float64) bool { return math.Abs(got-want) < 1e-9 }; !near(p.Lists, 0.01) || !near(p.Gets, 0.4) || !near(p.Transfer, 4.5) || !near(p.Total(), 4.91) {
		t.Errorf("%+v", p)
	}
	if p := s3.Estimate(0, 0, 50e9, false); p.Total() != 0 {
		t.Errorf("within the Region: %+v", p)
	}
}
