package digest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source/digest"
)

// TestAWSFormatIsTheOracles compares, line by line, with what validate-logs printed for the same cases.
func TestAWSFormatIsTheOracles(t *testing.T) {
	for _, c := range simulatedCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("../../../shared/aws-sim/expected", c.Name+".txt"))
			if err != nil {
				t.Skip(err)
			}
			sections := strings.Split(string(text), "\n## run ")[1:]
			if len(sections) != len(c.Runs) {
				t.Fatalf("%d runs, %d sections", len(c.Runs), len(sections))
			}
			for i, run := range c.Runs {
				c.compareRun(t, run.Region, run.Args, sections[i])
			}
		})
	}
}

func (c *simulated) compareRun(t *testing.T, region string, args []string, section string) {
	t.Helper()
	flag := func(name string) string {
		for i, a := range args {
			if a == name {
				return args[i+1]
			}
		}
		return ""
	}
	when := func(name string) time.Time {
		at, err := time.Parse(time.RFC3339, flag(name))
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for bucket := range c.Objects {
		r := verify(t, c.bucketOf(t, bucket), digest.Options{Keys: c.keys(t), From: when("--start-time"), To: when("--end-time")})
		var out, errs bytes.Buffer
		run := digest.AWSRun{TrailARN: flag("--trail-arn"), Account: flag("--account-id"), Region: region}
		exit, err := digest.WriteAWS(&out, &errs, r, run, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := "exit " + strconv.Itoa(exit) + "\n--- stdout\n" + strings.TrimRight(out.String(), "\n") + "\n--- stderr\n" + strings.TrimRight(errs.String(), "\n")
		_, want, _ := strings.Cut(section, "\nexit ")
		if diff := cmp.Diff("exit "+strings.TrimRight(want, "\n"), strings.TrimRight(got, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", region, diff)
		}
	}
}

// TestAWSOfNothing: where no digest names a range or a trail there is none to print.
func TestAWSOfNothing(t *testing.T) {
	var out, errs bytes.Buffer
	exit, err := digest.WriteAWS(&out, &errs, &digest.Report{}, digest.AWSRun{}, nil)
	if err != nil || exit != digest.ExitProven || out.String() != "No digests found\n" || errs.Len() > 0 {
		t.Errorf("exit %d, %v, %q, %q", exit, err, out.String(), errs.String())
	}
}
