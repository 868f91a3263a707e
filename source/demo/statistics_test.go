package demo_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source"
)

// band fails where a share or size lies outside of what real archives have.
func band(t *testing.T, what string, got, low, high float64) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s is %.4g, want %.4g to %.4g", what, got, low, high)
	}
}

func share(all []record, is func(*record) bool) float64 {
	n := 0
	for i := range all {
		if is(&all[i]) {
			n++
		}
	}
	return float64(n) / float64(len(all))
}

func TestSizesAreAsMeasured(t *testing.T) {
	var sizes []int
	sum := 0
	for _, r := range archiveRecords() {
		sizes = append(sizes, len(r.raw))
		sum += len(r.raw)
	}
	slices.Sort(sizes)
	at := func(p float64) float64 { return float64(sizes[int(p*float64(len(sizes)-1))]) }
	band(t, "the mean size of an event", float64(sum)/float64(len(sizes)), 1200, 1450)
	band(t, "its 5th percentile", at(0.05), 850, 1000)
	band(t, "its median", at(0.5), 1150, 1400)
	band(t, "its 99th percentile", at(0.99), 1900, 2500)
	band(t, "the largest", at(1), 4000, 8200)
}

func TestSharesAreAsMeasured(t *testing.T) {
	all := archiveRecords()
	band(t, "the share of reads", share(all, func(r *record) bool { return r.ReadOnly }), 0.77, 0.85)
	band(t, "the share without response", share(all, func(r *record) bool { return string(r.ResponseElements) == "null" }), 0.82, 0.94)
	band(t, "the share of sessions of roles", share(all, func(r *record) bool { return r.UserIdentity.Type == "AssumedRole" }), 0.58, 0.75)
	band(t, "the share of AWS services", share(all, func(r *record) bool { return r.UserIdentity.Type == "AWSService" }), 0.20, 0.30)
	band(t, "the share of data events", share(all, func(r *record) bool { return r.EventCategory == "Data" }), 0.15, 0.35)

	var failed []record
	for _, r := range all {
		if r.ErrorCode != "" {
			failed = append(failed, r)
		}
	}
	band(t, "the share of errors", float64(len(failed))/float64(len(all)), 0.085, 0.115)
	band(t, "throttled among errors", share(failed, func(r *record) bool {
		return containsAny(r.ErrorCode, "Throttling", "LimitExceeded", "TooManyRequests", "SlowDown", "ThroughputExceeded")
	}), 0.28, 0.40)
	band(t, "denied among errors", share(failed, func(r *record) bool {
		return containsAny(r.ErrorCode, "AccessDenied", "Unauthorized", "AuthorizationError")
	}), 0.15, 0.26)
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}

func TestVarietyIsThatOfACompany(t *testing.T) {
	names, services, ips, agents := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	keys, regions, days, v6, odd := map[string]int{}, map[string]int{}, map[string]int{}, 0, 0
	for _, r := range archiveRecords() {
		names[r.EventName]++
		services[r.EventSource]++
		ips[r.SourceIPAddress]++
		agents[r.UserAgent]++
		keys[r.UserIdentity.AccessKeyID]++
		regions[r.AWSRegion]++
		days[r.EventTime[:10]]++
		if strings.Contains(r.SourceIPAddress, ":") {
			v6++
		}
		if strings.ContainsFunc(r.raw, func(c rune) bool { return c > 0x2ff }) {
			odd++
		}
	}
	band(t, "event names", float64(len(names)), 200, 400)
	band(t, "services", float64(len(services)), 40, 80)
	band(t, "source addresses", float64(len(ips)), 100, 300)
	band(t, "user agents", float64(len(agents)), 150, 400)
	band(t, "access keys", float64(len(keys)), 600, 4000)
	band(t, "regions", float64(len(regions)), 5, 5)
	band(t, "days", float64(len(days)), 14, 14)
	band(t, "events from IPv6", float64(v6), 20, 2000)
	band(t, "events with text beyond Latin letters", float64(odd), 20, 600)
}

func TestDeliveryIsAsMeasured(t *testing.T) {
	all := archiveRecords()
	var lags []float64
	reversed, neighbours, copies, nextDay := 0, 0, 0, 0
	seen := map[string]string{}
	for i, r := range all {
		lag := r.file.delivered.Sub(r.time)
		if r.file.key.Kind == source.KindCloudTrail {
			lags = append(lags, lag.Seconds())
		}
		if r.time.Day() != r.file.key.Day.Day() {
			nextDay++
		}
		if first, ok := seen[r.EventID]; ok {
			copies++
			if first != r.raw {
				t.Errorf("event %s was delivered twice and differs", r.EventID)
			}
		}
		seen[r.EventID] = r.raw
		if i > 0 && all[i-1].file == r.file {
			neighbours++
			if r.time.Before(all[i-1].time) {
				reversed++
			}
		}
		if !r.file.delivered.Equal(r.file.delivered.Truncate(5 * time.Minute)) {
			t.Fatalf("%s: not delivered at a five minute mark", r.file.name)
		}
	}
	slices.Sort(lags)
	band(t, "the shortest lag", lags[0], 60, 90)
	band(t, "the median lag", lags[len(lags)/2], 150, 300)
	band(t, "the 98th percentile of the lag", lags[len(lags)*98/100], 380, 600)
	band(t, "the longest lag, of a second delivery", lags[len(lags)-1], 380, 900)
	band(t, "neighbours in reverse order", float64(reversed)/float64(neighbours), 0.08, 0.12)
	band(t, "repeated deliveries", float64(copies)/float64(len(all)), 0.004, 0.006)
	band(t, "events in the next day's folder", float64(nextDay), 3, 400)
}

func TestDaysHaveARhythm(t *testing.T) {
	var hours [24]int
	weekend, week := 0, 0
	for _, r := range archiveRecords() {
		if d := r.time.Weekday(); d == time.Saturday || d == time.Sunday {
			weekend++
			continue
		}
		week++
		if r.AWSRegion == "eu-west-1" && r.file.key.Account == "111122223333" {
			hours[r.time.Hour()]++
		}
	}
	day, night := 0, 0
	for h, n := range hours {
		if h >= 9 && h < 17 {
			day += n
		} else if h < 5 {
			night += n
		}
	}
	if float64(day)/8 < 3*float64(night)/5 {
		t.Errorf("an hour of the day has %d events on average, one of the night %d", day/8, night/5)
	}
	if float64(week)/10 < 2*float64(weekend)/4 {
		t.Errorf("a working day has %d events on average, one of a weekend %d", week/10, weekend/4)
	}
}

func TestFilesAreManySmallAndSomeLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 100,000 events")
	}
	files, large, stored, text, most := 0, 0, 0, 0, 0
	for _, f := range largerArchive(t) {
		files++
		n := strings.Count(string(f.text), `{"eventVersion":`)
		most = max(most, n)
		if n > 100 {
			large++
			stored += len(f.stored)
			text += len(f.text)
		}
	}
	band(t, "events per file", 100_000/float64(files), 30, 60)
	band(t, "files of more than 100 events", float64(large)/float64(files), 0.05, 0.3)
	band(t, "the largest file", float64(most), 400, 3100)
	band(t, "gzip ratio of files of more than 100 events", float64(text)/float64(stored), 9, 12)
}

func TestPlacesOfThingsAreConsistent(t *testing.T) {
	bucketRegion, keyOwner := map[string]string{}, map[string]string{}
	global := []string{"iam.amazonaws.com", "organizations.amazonaws.com", "cloudfront.amazonaws.com", "route53.amazonaws.com"}
	for _, r := range archiveRecords() {
		if slices.Contains(global, r.EventSource) && r.AWSRegion != "us-east-1" {
			t.Errorf("%s %s was recorded in %s", r.EventSource, r.EventName, r.AWSRegion)
		}
		if key := r.UserIdentity.AccessKeyID; key != "" {
			if owner, ok := keyOwner[key]; ok && owner != r.UserIdentity.Arn {
				t.Errorf("access key %s belongs to %s and %s", key, owner, r.UserIdentity.Arn)
			}
			keyOwner[key] = r.UserIdentity.Arn
		}
		_, rest, ok := strings.Cut(string(r.RequestParameters), `"bucketName":"`)
		if bucket, _, _ := strings.Cut(rest, `"`); ok && !strings.Contains(bucket, "cloudtrail-archive") {
			if where, ok := bucketRegion[bucket]; ok && where != r.AWSRegion {
				t.Errorf("bucket %s is in %s and %s", bucket, where, r.AWSRegion)
			}
			bucketRegion[bucket] = r.AWSRegion
		}
	}
}
