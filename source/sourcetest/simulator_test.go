package sourcetest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/source/s3"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// simulator starts the AWS simulator beside this module with one of its cases, or skips the test.
func simulator(t *testing.T, scenario string) (endpoint string) {
	t.Helper()
	if testing.Short() {
		t.Skip("the simulator takes seconds to start")
	}
	env := sourcetest.Simulator(t, scenario)
	for name, value := range env {
		t.Setenv(name, value)
	}
	return env["AWS_ENDPOINT_URL"]
}

type planted struct {
	Account string
	Objects map[string]map[string]struct{ Metadata map[string]string }
}

func TestSimulatedBucketComesWhole(t *testing.T) {
	endpoint := simulator(t, "org_multi_account")
	var truth planted
	if err := json.Unmarshal(sourcetest.Get(t, endpoint+"/_sim/case"), &truth); err != nil {
		t.Fatal(err)
	}
	session, err := aws.Load(t.Context(), aws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for bucket, objects := range truth.Objects {
		b, err := s3.Connect(t.Context(), session, bucket, "", s3.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Check(t.Context()); err != nil {
			t.Error(err)
		}
		var keys []string
		for _, f := range sourcetest.List(t, b) {
			keys = append(keys, f.Key)
			body, meta := object(t, b, f)
			stored := sourcetest.Get(t, endpoint+"/"+bucket+"/"+(&url.URL{Path: f.Key}).EscapedPath())
			if !bytes.Equal(body, stored) {
				t.Errorf("%s: %d bytes differ from the %d stored", f.Key, len(body), len(stored))
			}
			want := map[string]string{}
			for k, v := range objects[f.Key].Metadata {
				want[source.MetaPrefix+k] = v
			}
			if diff := cmp.Diff(want, meta); diff != "" && len(want)+len(meta) > 0 {
				t.Errorf("%s: metadata (-planted +read):\n%s", f.Key, diff)
			}
		}
		slices.Sort(keys)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(objects)), keys); diff != "" || len(keys) == 0 {
			t.Errorf("log files of %s (-planted +listed):\n%s", bucket, diff)
		}
	}
}

func object(t *testing.T, src source.Source, f source.File) ([]byte, map[string]string) {
	t.Helper()
	obj, err := src.Open(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = obj.Body.Close() }()
	body, err := io.ReadAll(obj.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body, obj.Meta
}

type record struct {
	EventID         string
	ManagementEvent bool
	AWSRegion       string
}

func TestSimulatedHistoryHasTheRecordsOfTheBucket(t *testing.T) {
	endpoint := simulator(t, "two_regions_one_broken")
	var truth planted
	if err := json.Unmarshal(sourcetest.Get(t, endpoint+"/_sim/case"), &truth); err != nil {
		t.Fatal(err)
	}
	session, err := aws.Load(t.Context(), aws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	who, err := session.Identity(t.Context())
	if err != nil || who.Account != truth.Account {
		t.Fatalf("identity %+v, %v; want account %s", who, err, truth.Account)
	}
	want, regions := managementEvents(t, endpoint, truth)
	now := time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)
	h := history.New(history.Client(session.Config()), who.Account, regions, time.Time{}, time.Time{},
		history.Options{PerSecond: 1e6, Now: func() time.Time { return now }})
	var got []string
	for _, f := range sourcetest.List(t, h) {
		text, _ := object(t, h, f)
		if zr, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
			if text, err = io.ReadAll(zr); err != nil {
				t.Fatal(err)
			}
		}
		var doc struct {
			Events []struct{ CloudTrailEvent string }
		}
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%s: %v", f.Key, err)
		}
		for _, e := range doc.Events {
			var r record
			if err := json.Unmarshal([]byte(e.CloudTrailEvent), &r); err != nil {
				t.Fatal(err)
			}
			got = append(got, r.EventID)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 || len(regions) < 2 {
		t.Errorf("%d events of %q (-planted +read):\n%s", len(want), regions, diff)
	}
}

// managementEvents are the ids of the management events in a case's buckets, sorted, each once, and their Regions.
func managementEvents(t *testing.T, endpoint string, truth planted) (ids, regions []string) {
	t.Helper()
	for bucket, objects := range truth.Objects {
		for key := range objects {
			if strings.Contains(key, "Digest") {
				continue
			}
			zr, err := gzip.NewReader(bytes.NewReader(sourcetest.Get(t, endpoint+"/"+bucket+"/"+key)))
			if err != nil {
				t.Fatal(err)
			}
			var doc struct{ Records []record }
			if err := json.NewDecoder(zr).Decode(&doc); err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			for _, r := range doc.Records {
				if r.ManagementEvent {
					ids, regions = append(ids, r.EventID), append(regions, r.AWSRegion)
				}
			}
		}
	}
	slices.Sort(ids)
	slices.Sort(regions)
	return slices.Compact(ids), slices.Compact(regions)
}
