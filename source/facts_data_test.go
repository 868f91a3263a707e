package source_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
)

// The real logs of an account under attack simulation; the numbers are those published beside them.
func TestFactsOfRealLogs(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "data", "invictus-ir-aws_dataset")
	files, err := filepath.Glob(filepath.Join(dir, "CloudTrail", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("no real logs in %s", dir)
	}
	got := map[string]int{}
	var d source.Decoder
	for _, file := range files {
		if k, ok := source.ParseKey(filepath.ToSlash(file)); !ok || k.Region != "us-east-1" || k.Time.IsZero() {
			t.Errorf("key %s: %+v, %v", file, k, ok)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for e := range d.Events(bytes.NewReader(data)) {
			p := e.Principal()
			got["kind "+string(p.Kind)]++
			got["outcome "+e.Outcome()]++
			if string(p.Name) == "bert-jan" {
				got["bert-jan"]++
			}
			if read, guessed, known := e.ReadOnly(); known && !guessed && read {
				got["read"]++
			}
			if tm, ok := e.Time(); !ok || tm.Before(utc(2023, 7, 10, 11, 42, 18)) || tm.After(utc(2023, 7, 10, 12, 8, 48)) {
				t.Errorf("%s: time %v, %v", e.Text(source.LeafEventID), tm, ok)
			}
			if len(p.Name) == 0 || string(p.Name) == "unknown" {
				t.Errorf("%s: principal %q", e.Text(source.LeafEventID), p.Name)
			}
			if len(e.Text(source.LeafUserAgent)) > 0 && len(e.AgentFamily()) == 0 {
				t.Errorf("no family of %q", e.Text(source.LeafUserAgent))
			}
		}
	}
	want := map[string]int{
		"bert-jan": 1272, "read": 1172,
		// 12 services and 4 records without a type; of 70 role sessions 2 are of service-linked roles, 22 of instances.
		"kind AWSService": 12 + 4 + 2, "kind IAMUser": 1362, "kind AssumedRole": 70 - 2 - 22, "kind EC2Instance": 22,
		"outcome ok": 1448 - 168, "outcome denied": 12 + 44, "outcome throttled": 62, "outcome failed": 168 - 12 - 44 - 62,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
