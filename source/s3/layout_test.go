package s3_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/s3"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// logKey is the key of a log file below a trail's prefix ("" or ending in "/"), folder is the kind's.
func logKey(prefix, account, folder, region, day string) string {
	name := account + "_" + folder + "_" + region + "_" + strings.ReplaceAll(day, "/", "") + "T0905Z_ABCDEFGH12345678.json.gz"
	if folder == "CloudTrail-Digest" {
		name = account + "_" + folder + "_" + region + "_main_" + region + "_" + strings.ReplaceAll(day, "/", "") + "T090501Z.json.gz"
	}
	return prefix + account + "/" + folder + "/" + region + "/" + day + "/" + name
}

// layouts are the prefixes under which trails deliver.
var layouts = []string{
	"AWSLogs/", "audit/AWSLogs/", "a/b/c/AWSLogs/", "AWSLogs/o-abcdefghij/", "audit/AWSLogs/o-abcdefghij/",
	"o-abcdefghij/AWSLogs/o-abcdefghij/", "x/AWSLogs/y/AWSLogs/", "2026/11/AWSLogs/",
}

var folders = []string{"CloudTrail", "CloudTrail-Insight", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated", "CloudTrail-Digest"}

// archive holds a log file of every folder of two accounts, Regions and days in each layout, and directory markers.
func archive(layouts ...string) map[string][]byte {
	files := map[string][]byte{}
	for _, prefix := range layouts {
		for _, account := range []string{"111122223333", "444455556666"} {
			files[prefix+account+"/CloudTrail/"] = nil
			files[prefix+account+"/CloudTrail-Digest/"] = nil
			for _, folder := range folders {
				for _, region := range []string{"us-east-1", "eu-west-1"} {
					for _, day := range []string{"2026/11/03", "2026/11/20"} {
						files[logKey(prefix, account, folder, region, day)] = []byte("x")
					}
				}
			}
		}
	}
	return files
}

// logsOf are the keys of an archive that hold something and of which want is true.
func logsOf(files map[string][]byte, want func(key string) bool) []string {
	logs := []string{}
	for key, body := range files {
		if len(body) > 0 && want(key) {
			logs = append(logs, key)
		}
	}
	slices.Sort(logs)
	return logs
}

// found lists a bucket: log files, sorted, and what was ignored, in order.
func found(t *testing.T, src source.Source) (logs, ignored []string) {
	t.Helper()
	logs = []string{}
	for f, err := range src.List(t.Context()) {
		switch {
		case errors.Is(err, source.ErrIgnored):
			ignored = append(ignored, err.Error())
		case err != nil:
			t.Errorf("%s: %v", f.Key, err)
		default:
			logs = append(logs, f.Key)
		}
	}
	slices.Sort(logs)
	return logs, ignored
}

func TestEveryLayoutIsFoundFromEveryPrefix(t *testing.T) {
	files := archive(layouts...)
	a := server(t, 1000, files)
	limited := s3.Options{Accounts: []string{"444455556666"}, Types: []string{"CloudTrail"}}
	tried := map[string]bool{}
	for key := range files {
		if !strings.Contains(key, "444455556666/CloudTrail/eu-west-1/2026/11/20/") || testing.Short() && len(tried) > 0 {
			continue
		}
		parts := strings.SplitAfter(key, "/")
		for n := range len(parts) + 1 {
			prefix := strings.Join(parts[:n], "")
			if tried[prefix] {
				continue
			}
			tried[prefix] = true
			below := func(key string) bool { return strings.HasPrefix(key, prefix) }
			got, _ := found(t, bucket(a, prefix, s3.Options{}))
			if diff := cmp.Diff(logsOf(files, below), got); diff != "" {
				t.Fatalf("below %q (-want +got):\n%s", prefix, diff)
			}
			want := logsOf(files, func(key string) bool {
				return below(key) && strings.Contains(key, "/444455556666/CloudTrail/") || below(key) && strings.Contains(key, "/444455556666/CloudTrail-Digest/")
			})
			got, _ = found(t, bucket(a, prefix, limited))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("limited, below %q (-want +got):\n%s", prefix, diff)
			}
		}
	}
}

func TestLimitsAreKeptByTheListing(t *testing.T) {
	files := archive("audit/AWSLogs/o-abcdefghij/")
	at := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		opt   s3.Options
		want  func(key string) bool
		lists int // root, audit/, AWSLogs/, o-…/ and what follows
	}{
		"one account": {
			s3.Options{Accounts: []string{"111122223333"}},
			func(key string) bool { return strings.Contains(key, "/111122223333/") },
			4 + 1 + 5 + 10*(1+1+1+2),
		},
		"one Region of one account": {
			s3.Options{Accounts: []string{"111122223333"}, Regions: []string{"eu-west-1"}},
			func(key string) bool {
				return strings.Contains(key, "/111122223333/") && strings.Contains(key, "/eu-west-1/")
			},
			4 + 1 + 5 + 5*(1+1+1+2),
		},
		"digests come with CloudTrail": {
			s3.Options{Types: []string{"cloudtrail"}},
			func(key string) bool {
				return strings.Contains(key, "/CloudTrail/") || strings.Contains(key, "/CloudTrail-Digest/")
			},
			4 + 2 + 4 + 8*(1+1+1+2),
		},
		"one type": {
			s3.Options{Types: []string{"CloudTrail-Insight"}},
			func(key string) bool { return strings.Contains(key, "/CloudTrail-Insight/") },
			4 + 2 + 2 + 4*(1+1+1+2),
		},
		"one day of one Region of one account": {
			s3.Options{
				Accounts: []string{"444455556666"}, Regions: []string{"us-east-1"}, Types: []string{"cloudtrail"}, From: at(20), To: at(21),
			},
			func(key string) bool {
				return strings.Contains(key, "/444455556666/") && strings.Contains(key, "/us-east-1/2026/11/20/") &&
					(strings.Contains(key, "/CloudTrail/") || strings.Contains(key, "/CloudTrail-Digest/"))
			},
			4 + 1 + 2 + 2*2, // of each kind that day and the next
		},
		"an account that is not there": {s3.Options{Accounts: []string{"999999999999"}}, func(string) bool { return false }, 4},
		"an unknown type":              {s3.Options{Types: []string{"flow"}}, func(string) bool { return false }, 4 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			a := server(t, 1000, files)
			c.opt.Now = func() time.Time { return at(25) }
			got, _ := found(t, bucket(a, "", c.opt))
			if diff := cmp.Diff(logsOf(files, c.want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := len(a.Requests()); n != c.lists {
				t.Errorf("%d listings, want %d:\n%v", n, c.lists, a.Requests())
			}
		})
	}
}

func TestParseType(t *testing.T) {
	for text, want := range map[string]source.LogKind{
		"cloudtrail": source.KindCloudTrail, "CloudTrail": source.KindCloudTrail, "CloudTrail-Insight": source.KindInsight,
		"insight": source.KindInsight, "network": source.KindNetworkActivity, "NetworkActivity": source.KindNetworkActivity,
		" aggregated ": source.KindAggregated, "digest": source.KindDigest, "cloudtrail-digest": source.KindDigest,
	} {
		if got, err := s3.ParseType(text); err != nil || got != want {
			t.Errorf("ParseType(%q) = %v, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "flow", "cloudtrail-", "management"} {
		if got, err := s3.ParseType(bad); err == nil {
			t.Errorf("ParseType(%q) = %v", bad, got)
		}
	}
}

func TestOtherObjectsAreNamedByKind(t *testing.T) {
	log := logKey("AWSLogs/", "111122223333", "CloudTrail", "us-east-1", "2026/11/20")
	a := server(t, 3, map[string][]byte{
		log:                           []byte("x"),
		"copies/" + log[len(log)-70:]: []byte("x"),
		"AWSLogs/111122223333/Config/us-east-1/2026/11/20/ConfigHistory/x.json.gz":                           []byte("x"),
		"AWSLogs/111122223333/elasticloadbalancing/us-east-1/2026/11/20/x.log":                               []byte("x"),
		"AWSLogs/111122223333/CloudTrail-New/us-east-1/2026/11/20/x.json.gz":                                 []byte("x"),
		"flow/111122223333_vpcflowlogs_us-east-1_fl-1_20261120T0000Z_a.log.gz":                               []byte("x"),
		"access/2026-11-20-12-31-07-0123456789ABCDEF":                                                        []byte("x"),
		"lake/part-0.snappy.parquet":                                                                         []byte("x"),
		"notes.txt":                                                                                          []byte("x"),
		"111122223333_CloudTrail_eu-west-1_20261120T0905Z_ABCDEFGH12345678.json.gz":                          []byte("x"),
		"AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/2026-11-20-12-31-07-0123456789ABCDEF":          []byte("x"),
		"AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/111122223333_Config_us-east-1_20261120T0905Z_": []byte("x"),
	})
	logs, ignored := found(t, bucket(a, "", s3.Options{}))
	slices.Sort(ignored)
	wantIgnored := []string{
		"AWSLogs/111122223333/Config/: AWS Config",
		"AWSLogs/111122223333/elasticloadbalancing/: load balancer logs",
		"access/2026-11-20-12-31-07-0123456789ABCDEF: S3 server access log",
		"flow/111122223333_vpcflowlogs_us-east-1_fl-1_20261120T0000Z_a.log.gz: VPC flow logs",
		"lake/part-0.snappy.parquet: Parquet",
	}
	if diff := cmp.Diff(wantIgnored, ignored); diff != "" {
		t.Errorf("ignored (-want +got):\n%s", diff)
	}
	if len(logs) != 7 { // what lies where log files do, and what only its content can tell, is opened
		t.Errorf("log files: %q", logs)
	}
	if logs, _ := found(t, bucket(a, "", s3.Options{Accounts: []string{"111122223333"}, Regions: []string{"eu-west-1"}})); len(logs) != 1 {
		t.Errorf("of one Region: %q", logs)
	}
}

// Where only part is wanted, what lies beside the logs is not walked.
func TestLimitedListingLeavesOtherFolders(t *testing.T) {
	files := archive("deep/er/AWSLogs/", "AWSLogs/")
	for n := range 60 {
		files[fmt.Sprintf("AAA/object-%03d", n)] = []byte("x")
		files[fmt.Sprintf("deep/AA-%03d", n)] = []byte("x")
		files[fmt.Sprintf("deep/er/AAA-%03d", n)] = []byte("x")
	}
	a := server(t, 4, files)
	want := logsOf(files, func(key string) bool {
		return strings.Contains(key, "/444455556666/") && strings.Contains(key, "deep/er/")
	})
	got, ignored := found(t, bucket(a, "deep/er", s3.Options{Accounts: []string{"444455556666"}}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !slices.Contains(ignored, "deep/er/: folder of other objects, not listed to its end") {
		t.Errorf("ignored: %q", ignored)
	}
	a.Forget()
	if _, ignored = found(t, bucket(a, "AAA", s3.Options{Accounts: []string{"444455556666"}})); len(a.Requests()) > 6 {
		t.Errorf("%d listings of a folder of other objects, %q", len(a.Requests()), ignored)
	}
	got, _ = found(t, bucket(a, "AAA", s3.Options{}))
	if len(got) != 60 {
		t.Errorf("%d of 60 objects where all are wanted", len(got))
	}
}

func TestManyFoldersBesideTheLogs(t *testing.T) {
	files := archive("z/AWSLogs/")
	for n := range 1500 {
		files[fmt.Sprintf("y/%04d/x", n)] = []byte("x")
	}
	a := server(t, 1000, files)
	got, ignored := found(t, bucket(a, "", s3.Options{Accounts: []string{"444455556666"}}))
	if len(got) != 20 || len(ignored) < 500 || len(a.Requests()) > 1100 {
		t.Errorf("%d log files, %d ignored, %d listings", len(got), len(ignored), len(a.Requests()))
	}
}

func TestRedirectIsFollowedWhereHeadBucketIsDenied(t *testing.T) {
	a := server(t, 10, map[string][]byte{"k": []byte("x")})
	a.Fail(deny("HeadBucket"))
	b := s3.New(s3.Client(a.Config("us-east-1")), "logs", "", s3.Options{})
	place := b.Place()
	if err := b.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, b); len(got) != 1 {
		t.Errorf("listed %q", got)
	}
	if body, err := sourcetest.Read(t.Context(), b, source.File{Key: "k"}); err != nil || string(body) != "x" {
		t.Errorf("%q, %v", body, err)
	}
	redirects := 0
	for _, r := range a.Requests() {
		if r.Region != region {
			redirects++
		}
	}
	if redirects != 1 || b.Place() != place {
		t.Errorf("%d requests to the wrong Region, place %v, then %v", redirects, place, b.Place())
	}
}

// payer refuses requests that do not say that the requester pays.
func payer(t *testing.T, a *sourcetest.AWS, message string) aws.Config {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodHead && req.Header.Get("X-Amz-Request-Payer") != "requester" {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `<Error><Code>AccessDenied</Code><Message>%s</Message></Error>`, message)
			return
		}
		a.ServeHTTP(w, req)
	}))
	t.Cleanup(srv.Close)
	cfg := a.Config(region)
	cfg.BaseEndpoint = &srv.URL
	return cfg
}

func TestRequesterPays(t *testing.T) {
	a := server(t, 10, map[string][]byte{"k": []byte("x")})
	for message, want := range map[string]string{
		"Access Denied": "access denied: s3:ListBucket", "This is a Requester Pays bucket.": "the bucket is Requester Pays",
	} {
		cfg := payer(t, a, message)
		var e *source.Error
		err := s3.New(s3.Client(cfg), "logs", "", s3.Options{}).Check(t.Context())
		if !errors.As(err, &e) || !strings.HasPrefix(e.Reason, want) || !strings.Contains(e.Hint, "--request-payer") {
			t.Errorf("%q: %v, hint %q", message, err, e.Hint)
		}
		b := s3.New(s3.Client(cfg), "logs", "", s3.Options{RequestPayer: true})
		if err := b.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if got := keys(t, b); len(got) != 1 {
			t.Errorf("listed %q", got)
		}
		if body, err := sourcetest.Read(t.Context(), b, source.File{Key: "k"}); err != nil || string(body) != "x" {
			t.Errorf("%q, %v", body, err)
		}
	}
}

func TestSlowedCountsAnswersThatAskToSlowDown(t *testing.T) {
	a := server(t, 10, map[string][]byte{"k": []byte("x")})
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		switch r.Nth {
		case 0:
			return &sourcetest.Fault{Status: http.StatusServiceUnavailable, Code: "SlowDown"}
		case 1:
			return &sourcetest.Fault{Status: http.StatusInternalServerError, Code: "InternalError"}
		}
		return nil
	})
	b := bucket(a, "", s3.Options{})
	if _, err := sourcetest.Read(t.Context(), b, source.File{Key: "k"}); err != nil {
		t.Fatal(err)
	}
	if n := b.Slowed(); n != 1 {
		t.Errorf("%d answers asked to slow down, want 1", n)
	}
}
