package newest_test

import (
	"testing"
	"time"

	"github.com/trailsift/trailsift/source/internal/newest"
)

func TestFolderSpan(t *testing.T) {
	span := func(path, from, to string) {
		t.Helper()
		f, u, ok := newest.FolderSpan(path)
		got := [2]string{}
		if ok {
			got = [2]string{f.Format(time.DateOnly), u.Format(time.DateOnly)}
		}
		if want := [2]string{from, to}; got != want {
			t.Errorf("FolderSpan(%q) = %v, want %v", path, got, want)
		}
	}
	span("AWSLogs/1/CloudTrail/us-east-1/2026", "2026-01-01", "2027-01-01")
	span("2026/", "2026-01-01", "2027-01-01")
	span("a/2026/12/", "2026-12-01", "2027-01-01")
	span("a/2026/02/28", "2026-02-28", "2026-03-01")
	span("2024/02/29", "2024-02-29", "2024-03-01")
	for _, none := range []string{"", "/", "a", "a/11", "11/20", "a/11/20", "2026/13", "2026/11/32", "2026/11/20/13", "0999", "20261", "us-east-1"} {
		span(none, "", "")
	}
}

func TestNameTime(t *testing.T) {
	at := func(name, want string) {
		t.Helper()
		got := ""
		if v, ok := newest.NameTime(name); ok {
			got = v.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("NameTime(%q) = %q, want %q", name, got, want)
		}
	}
	at("111122223333_CloudTrail_us-east-1_20261120T1305Z_AbCdEfGh12345678.json.gz", "2026-11-20T13:05:00Z")
	at("111122223333_CloudTrail-Digest_us-east-1_t_us-east-1_20261120T130510Z.json.gz", "2026-11-20T13:05:10Z")
	at("20261120T1300Z", "2026-11-20T13:00:00Z")
	at("x_20269999T1300Z_20261120T1301Z", "2026-11-20T13:01:00Z")
	for _, none := range []string{"", "a.json", "20261120T1300", "20261120T2500Z", "20261120T1300x", "120261120T1300Z", "20261120T13001Z", "20261120T130099Z"} {
		at(none, "")
	}
}
