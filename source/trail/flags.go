package trail

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Severity says how grave a flag is.
type Severity string

// Severities, the gravest first.
const (
	High   Severity = "high"   // events are lost, or cannot be proven
	Medium Severity = "medium" // some events are not recorded, or evidence is weaker than it could be
	Low    Severity = "low"    // worth knowing
	Info   Severity = "info"   // a choice that others make differently
)

// A Flag is something about a trail that a person should look at.
type Flag struct {
	Class    string   `json:"class"` // "trail.stopped"; names do not change
	Severity Severity `json:"severity"`
	Words    string   `json:"words"` // may hold text of AWS
	Hint     string   `json:"hint"`
}

const (
	// digestLate is when a digest is overdue: they come every hour, and some time after the hour's end.
	digestLate = 3 * time.Hour
	// deliveryLate is when silence is worth a word: a quiet account delivers nothing, hardly any for a day.
	deliveryLate = 24 * time.Hour
	// startup is how long a trail that was just started may take to deliver its first log file.
	startup = time.Hour
)

// flags judges a trail at a time; the gravest stands first.
func flags(t *Trail, now time.Time) []Flag {
	out := []Flag{}
	add := func(is bool, class string, s Severity, hint, words string, args ...any) {
		if is {
			out = append(out, Flag{Class: "trail." + class, Severity: s, Words: fmt.Sprintf(words, args...), Hint: hint})
		}
	}
	statusFlags(t, now, add)
	if t.described {
		add(!t.Validation, "validation-off", Medium, "aws cloudtrail update-trail --enable-log-file-validation; what was delivered before stays unproven",
			"log file validation is off: nobody can prove that its log files are as delivered")
		add(!t.MultiRegion, "single-region", Medium, "make it a trail of all Regions, unless another trail covers them",
			"records %s only: what happens in other Regions is not seen by it", t.HomeRegion)
		add(!t.GlobalEvents, "no-global-events", Medium, "include global service events, unless another trail does",
			"events of global services (IAM, STS, CloudFront) are left out")
		add(t.KMSKey == "", "no-kms", Info, "", "log files are encrypted by S3's own keys, not by one of KMS")
	}
	selectorFlags(t, add)
	slices.SortStableFunc(out, func(a, b Flag) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	return out
}

func rank(s Severity) int { return slices.Index([]Severity{High, Medium, Low, Info}, s) }

type adder func(is bool, class string, s Severity, hint, words string, args ...any)

// statusFlags are about what the trail does now.
func statusFlags(t *Trail, now time.Time, add adder) {
	if t.Logging == nil {
		return
	}
	logging := *t.Logging
	since := ""
	if !t.Stopped.IsZero() {
		since = " since " + t.Stopped.Format(time.RFC3339)
	}
	add(!logging, "stopped", High, "who stopped it: trailsift search event:StopLogging; on again: aws cloudtrail start-logging",
		"does not log%s: its events are not recorded", since)
	add(t.DeliveryError != "", "delivery-error", High, deliveryHint(t.DeliveryError),
		"log files cannot be delivered to %s: %s", cmp.Or(t.URL(), "its bucket"), t.DeliveryError)
	add(t.DigestError != "", "digest-error", High, deliveryHint(t.DigestError),
		"digests cannot be delivered to %s: %s", cmp.Or(t.URL(), "its bucket"), t.DigestError)
	add(t.LogsDeliveryError != "", "cloudwatch-error", Medium, "check the role the trail assumes and the log group",
		"events cannot be sent to its CloudWatch Logs group: %s", t.LogsDeliveryError)
	add(t.NotificationError != "", "notification-error", Low, "check the SNS topic and its policy",
		"notices of deliveries cannot be sent: %s", t.NotificationError)
	if logging && t.DeliveryError == "" && t.DigestError == "" {
		silenceFlags(t, now, add)
	}
}

// silenceFlags are about a trail that logs, has no error, and is silent. Log files come only where something happens;
// digests come every hour, quiet or not.
func silenceFlags(t *Trail, now time.Time, add adder) {
	begun := now.Sub(t.Started)
	if t.Started.IsZero() {
		begun = deliveryLate
	}
	newest := t.LatestDelivery
	if t.LatestDigest.After(newest) {
		newest = t.LatestDigest
	}
	hint := "look at the bucket's policy, the KMS key's policy, and whether somebody removes what arrives"
	switch {
	case newest.IsZero():
		add(begun > startup, "never-delivered", Medium, hint, "logs, but nothing was ever delivered")
	case t.Validation && !t.LatestDigest.IsZero() && now.Sub(t.LatestDigest) > digestLate && begun > digestLate:
		add(true, "no-digest", Medium, hint, "no digest was delivered for %s; they come every hour", span(now.Sub(t.LatestDigest)))
	case now.Sub(newest) > deliveryLate:
		add(true, "silent", Low, "a quiet account delivers nothing; else "+hint, "nothing was delivered for %s", span(now.Sub(newest)))
	}
}

// selectorFlags are about what the trail does not record.
func selectorFlags(t *Trail, add adder) {
	switch t.Management {
	case "none":
		add(true, "no-management", Medium, "another trail should record them", "management events are not recorded")
	case "read":
		add(true, "management-read", Medium, "another trail should record them", "management events that change something are not recorded")
	case "write":
		add(true, "management-write", Low, "", "management events that only read are not recorded")
	}
	add(len(t.Excluded) > 0, "management-excluded", Low, "", "management events of %s are left out", strings.Join(t.Excluded, ", "))
}

// deliveryHint is what to do about an error of S3.
func deliveryHint(code string) string {
	switch {
	case strings.Contains(code, "AccessDenied"):
		return "let cloudtrail.amazonaws.com write there: s3:PutObject and s3:GetBucketAcl in the bucket's policy, and the KMS key's policy"
	case strings.Contains(code, "NoSuchBucket"):
		return "the bucket is gone: make it again, or give the trail another"
	case strings.Contains(code, "KMS"):
		return "let cloudtrail.amazonaws.com use the key: kms:GenerateDataKey in its policy"
	}
	return "look at the bucket and its policy"
}

// span is a duration in its two largest units at most.
func span(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
