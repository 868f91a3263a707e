package source_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
)

const (
	logName    = "111122223333_CloudTrail_eu-west-1_20260102T0305Z_aB3dE5fG7hI9jK1m.json.gz"
	logFolders = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/02/"
)

func utc(year int, month time.Month, day, hour, minute, second int) time.Time {
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC)
}

// logKey is the Key of logFolders + logName, changed.
func logKey(change func(k *source.Key)) source.Key {
	k := source.Key{
		Account: "111122223333", Kind: source.KindCloudTrail, Region: "eu-west-1",
		Day: utc(2026, 1, 2, 0, 0, 0), Time: utc(2026, 1, 2, 3, 5, 0), Unique: "aB3dE5fG7hI9jK1m",
	}
	change(&k)
	return k
}

func TestParseKeyLogFiles(t *testing.T) {
	tests := []struct {
		key  string
		want source.Key
	}{
		{logFolders + logName, logKey(func(*source.Key) {})},
		{"/" + logFolders + logName, logKey(func(*source.Key) {})},
		{"a/b c/" + logFolders + logName, logKey(func(k *source.Key) { k.Prefix = "a/b c" })},
		{
			"C:/Users/me/AWSLogs/copy/" + logFolders + logName,
			logKey(func(k *source.Key) { k.Prefix = "C:/Users/me/AWSLogs/copy" }),
		},
		{
			"AWSLogs/444455556666/CloudTrail/" + logFolders + logName,
			logKey(func(k *source.Key) { k.Prefix = "AWSLogs/444455556666/CloudTrail" }),
		},
		{"myAWSLogs/" + logFolders + logName, logKey(func(k *source.Key) { k.Prefix = "myAWSLogs" })},
		{
			"o-abcdefghij/AWSLogs/o-abcdefghij/111122223333/CloudTrail/eu-west-1/2026/01/02/" + logName,
			logKey(func(k *source.Key) { k.Prefix, k.Org = "o-abcdefghij", "o-abcdefghij" }),
		},
		{
			strings.ReplaceAll(logFolders+logName, "CloudTrail", "CloudTrail-Insight"),
			logKey(func(k *source.Key) { k.Kind = source.KindInsight }),
		},
		{
			strings.ReplaceAll(logFolders, "CloudTrail", "CloudTrail-NetworkActivity") + logName,
			logKey(func(k *source.Key) { k.Kind = source.KindNetworkActivity }),
		},
		{
			strings.ReplaceAll(logFolders, "CloudTrail", "CloudTrail-Aggregated") + logName,
			logKey(func(k *source.Key) { k.Kind = source.KindAggregated }),
		},
		// An old form without "_" before the random part; a copy that was unpacked.
		{logFolders + strings.Replace(logName, "Z_", "Z", 1), logKey(func(*source.Key) {})},
		{strings.TrimSuffix(logFolders+logName, ".gz"), logKey(func(*source.Key) {})},
		// Folders that are not whole, names that say nothing.
		{"AWSLogs/111122223333/CloudTrail/" + logName, logKey(func(k *source.Key) { k.Day = time.Time{} })},
		{
			logFolders + "notes.json",
			logKey(func(k *source.Key) { k.Time, k.Unique = time.Time{}, "" }),
		},
		{
			"AWSLogs/111122223333/CloudTrail/",
			source.Key{Account: "111122223333", Kind: source.KindCloudTrail},
		},
		{
			"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/02/30/" + strings.Replace(logName, "0102T", "0230T", 1),
			source.Key{Account: "111122223333", Kind: source.KindCloudTrail, Region: "eu-west-1"},
		},
		// A file outside its folders.
		{"downloads/" + logName, logKey(func(k *source.Key) { k.Day = time.Time{} })},
	}
	for _, tt := range tests {
		got, ok := source.ParseKey(tt.key)
		if !ok {
			t.Errorf("ParseKey(%q) is not ok", tt.key)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ParseKey(%q) (-want +got):\n%s", tt.key, diff)
		}
		if again, ok := source.ParseKey(got.String()); !ok || again != got {
			t.Errorf("ParseKey(%q) = %+v, %v, want what %q gave", got.String(), again, ok, tt.key)
		}
	}
}

func TestParseKeyDigests(t *testing.T) {
	const folder = "p/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail-Digest/us-east-1/2026/01/02/"
	f := func(name, trail, home string, backfill bool) {
		t.Helper()
		want := source.Key{
			Prefix: "p", Org: "o-a1b2c3d4e5", Account: "111122223333", Kind: source.KindDigest, Region: "us-east-1",
			Day: utc(2026, 1, 2, 0, 0, 0), Time: utc(2026, 1, 2, 3, 4, 59),
			Trail: trail, HomeRegion: home, Backfill: backfill,
		}
		got, ok := source.ParseKey(folder + name)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("ParseKey(%q), ok %v (-want +got):\n%s", name, ok, diff)
		}
		if got.String() != folder+name {
			t.Errorf("String() = %q, want %q", got.String(), folder+name)
		}
	}
	const head = "111122223333_CloudTrail-Digest_us-east-1_"
	f(head+"main_eu-west-1_20260102T030459Z.json.gz", "main", "eu-west-1", false)
	f(head+"my_trail_us-east-1_eu-west-1_20260102T030459Z.json.gz", "my_trail_us-east-1", "eu-west-1", false)
	f(head+"v1.json-trail_eu-west-1_20260102T030459Z_backfill.json.gz", "v1.json-trail", "eu-west-1", true)
	f(head+"a_backfill_eu-west-1_20260102T030459Z.json.gz", "a_backfill", "eu-west-1", false)
}

func TestParseKeyRejects(t *testing.T) {
	for _, key := range []string{
		"", "AWSLogs/", "AWSLogs", "x/y.json",
		"AWSLogs/11112222333/CloudTrail/eu-west-1/x.json.gz",
		"AWSLogs/1111222233334/CloudTrail/eu-west-1/x.json.gz",
		"AWSLogs/o-ABCDEFGHIJ/111122223333/CloudTrail/x",
		"AWSLogs/111122223333/CloudTrail-Lake/Query/2026/01/02/x",
		"AWSLogs/111122223333/elasticloadbalancing/eu-west-1/2026/01/02/x.log.gz",
		"AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/01/02/111122223333_vpcflowlogs_us-east-1_fl-0a_20260102T0305Z_x.gz",
		"111122223333_CloudTrail_eu-west-1.json.gz",
		"111122223333_Config_eu-west-1_20260102T0305Z_x.json.gz",
	} {
		if k, ok := source.ParseKey(key); ok {
			t.Errorf("ParseKey(%q) = %+v, want not ok", key, k)
		}
	}
}

func TestKeyStringWithoutUniqueBeginsTheDelivery(t *testing.T) {
	k := logKey(func(k *source.Key) { k.Unique = "" })
	want := logFolders + "111122223333_CloudTrail_eu-west-1_20260102T0305Z"
	if got := k.String(); got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if got := (source.Key{}).String(); got != "" {
		t.Errorf("String() of no key = %q", got)
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(logFolders + logName)
	f.Add("p/AWSLogs/AWSLogs/o-a1b2c3d4e5/111122223333/CloudTrail-Digest/us-east-1/2026/01/02/" +
		"111122223333_CloudTrail-Digest_us-east-1_a_b_eu-west-1_20260102T030459Z_backfill.json.gz")
	f.Add("x/111122223333_CloudTrail-Insight_eu-west-1_20260102T030501Z__.json")
	f.Add("AWSLogs/111122223333/CloudTrail/2026/2026/01/02/" + logName)
	f.Fuzz(func(t *testing.T, key string) {
		k, ok := source.ParseKey(key)
		if !ok {
			return
		}
		text := k.String()
		again, ok := source.ParseKey(text)
		if !ok || again != k {
			t.Errorf("%q gives %+v,\nprinted %q gives %+v, %v", key, k, text, again, ok)
		}
		if again.String() != text {
			t.Errorf("printed %q, then %q", text, again.String())
		}
	})
}

func BenchmarkParseKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := source.ParseKey("a/b/" + logFolders + logName); !ok {
			b.Fatal("not ok")
		}
	}
}
