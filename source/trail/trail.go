// Package trail lists the trails of an account: where they deliver, what they record, whether they do so now, and what
// is wrong with them; and it opens the bucket of one as a place.
//
// It only asks: ListTrails, DescribeTrails, GetTrail, GetTrailStatus, GetEventSelectors, GetInsightSelectors and, for a
// trail of an organisation whose bucket holds several, DescribeOrganization. What AWS refuses is left out and named; the
// rest is told all the same. All text comes from AWS and is to be escaped before it is shown.
package trail

import (
	"strings"
	"time"
)

// A Trail is one trail as its account, or a member account of its organisation, sees it. Times are zero where there is
// none or AWS did not tell; Unknown says which of both.
type Trail struct {
	ARN          string `json:"arn"`
	Name         string `json:"name"`
	HomeRegion   string `json:"home_region"`
	Account      string `json:"account"` // of the ARN: the management account for a trail of an organisation
	Bucket       string `json:"bucket"`
	Prefix       string `json:"prefix"` // of the keys before AWSLogs/, without slashes at its ends
	MultiRegion  bool   `json:"multi_region"`
	Organization bool   `json:"organization"`
	GlobalEvents bool   `json:"global_service_events"`
	Validation   bool   `json:"validation"`
	KMSKey       string `json:"kms_key"`
	LogGroup     string `json:"log_group"` // ARN of the CloudWatch Logs group
	Topic        string `json:"sns_topic"`

	Selectors  string   `json:"selectors"`                     // in words: "management rw; data: S3 2 ARNs"
	Management string   `json:"management"`                    // "rw", "read", "write", "none"; "" where not known
	Excluded   []string `json:"excluded_management,omitempty"` // services whose management events are left out

	Logging               *bool     `json:"logging"` // nil: not known
	Started               time.Time `json:"started_logging,omitzero"`
	Stopped               time.Time `json:"stopped_logging,omitzero"`
	LatestDelivery        time.Time `json:"latest_delivery,omitzero"`
	DeliveryError         string    `json:"latest_delivery_error"`
	LatestDigest          time.Time `json:"latest_digest_delivery,omitzero"`
	DigestError           string    `json:"latest_digest_delivery_error"`
	LatestNotification    time.Time `json:"latest_notification,omitzero"`
	NotificationError     string    `json:"latest_notification_error"`
	LatestLogsDelivery    time.Time `json:"latest_cloudwatch_delivery,omitzero"`
	LogsDeliveryError     string    `json:"latest_cloudwatch_delivery_error"`
	Flags                 []Flag    `json:"flags"`             // the gravest first
	Unknown               []Unknown `json:"unknown,omitempty"` // what AWS did not tell
	described, insightful bool
}

// Unknown is what AWS refused to tell of a trail, and why.
type Unknown struct {
	What   string `json:"what"` // "configuration", "status", "selectors", "insights"
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
}

// Tells reports whether AWS told what of the trail.
func (t *Trail) Tells(what string) bool {
	for _, u := range t.Unknown {
		if u.What == what {
			return false
		}
	}
	return true
}

// URL is where the trail delivers, "" where that is not known.
func (t *Trail) URL() string {
	if t.Bucket == "" {
		return ""
	}
	return t.Spot().URL()
}

// What of a trail can be unknown.
const (
	Configuration = "configuration"
	Status        = "status"
	Selectors     = "selectors"
	Insights      = "insights"
)

// ParseARN takes the ARN of a trail apart: arn:PARTITION:cloudtrail:REGION:ACCOUNT:trail/NAME. A Region that is no word
// is refused: it becomes part of the name of the host that is asked.
func ParseARN(arn string) (partition, region, account, name string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "cloudtrail" {
		return "", "", "", "", false
	}
	name, ok = strings.CutPrefix(parts[5], "trail/")
	if !ok || name == "" || !isWord(parts[1]) || !isWord(parts[3]) || len(parts[4]) != 12 || strings.Trim(parts[4], "0123456789") != "" {
		return "", "", "", "", false
	}
	return parts[1], parts[3], parts[4], name, true
}

// isWord is true for the names of Regions and partitions: "us-east-1".
func isWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
