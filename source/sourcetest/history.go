package sourcetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A HistoryEvent is one event of Event history.
type HistoryEvent struct {
	ID     string
	Time   time.Time // whole seconds
	Record string    // CloudTrailEvent, as delivered
	// Insight says that it is one: given where Insights are asked for, and only there.
	Insight bool
}

// lookupEmptyEvery is how often a page comes empty with a token: AWS does that too.
const lookupEmptyEvery = 5

// Remember puts events into the Event history of a Region; "ACCOUNT/REGION" is that of another account, seen by roles of
// that account.
func (a *AWS) Remember(region string, events ...HistoryEvent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := append(a.history[region], events...)
	slices.SortStableFunc(all, func(x, y HistoryEvent) int {
		if c := y.Time.Compare(x.Time); c != 0 {
			return c
		}
		return strings.Compare(y.ID, x.ID)
	})
	a.history[region] = all
}

// LimitLookups permits n LookupEvents in each second and Region; more are throttled.
func (a *AWS) LimitLookups(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lookupLimit = n
}

type lookupRequest struct {
	StartTime, EndTime *float64
	MaxResults         *int
	NextToken          string
	EventCategory      string
	LookupAttributes   []struct{ AttributeKey, AttributeValue string }
}

// about is what is asked for: "" for all management events, "insight", "EventName=DeleteTrail".
func (in lookupRequest) about() string {
	if len(in.LookupAttributes) > 0 {
		return in.LookupAttributes[0].AttributeKey + "=" + in.LookupAttributes[0].AttributeValue
	}
	return in.EventCategory
}

// matches says that an event is asked for.
func (in lookupRequest) matches(e HistoryEvent) bool {
	at := float64(e.Time.Unix())
	if at < *in.StartTime || at > *in.EndTime || e.Insight != (in.EventCategory == "insight") {
		return false
	}
	if len(in.LookupAttributes) == 0 {
		return true
	}
	value, ok := lookupEvent(e)[in.LookupAttributes[0].AttributeKey].(string)
	return ok && value == in.LookupAttributes[0].AttributeValue
}

func (a *AWS) lookup(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	var in lookupRequest
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	about := Request{Op: "LookupEvents", Key: in.about()}
	if in.StartTime != nil {
		about.Start = time.Unix(int64(*in.StartTime), 0).UTC()
	}
	f := a.note(about, req)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	switch {
	case f.Status != 0:
		jsonError(w, f.Status, f.Code, f.Message)
	case err != nil || in.StartTime == nil || in.EndTime == nil:
		jsonError(w, http.StatusBadRequest, "SerializationException", "both ends of the range are to be sent")
	case *in.StartTime > *in.EndTime:
		jsonError(w, http.StatusBadRequest, "InvalidTimeRangeException", "The start time must be before the end time.")
	case len(in.LookupAttributes) > 1:
		jsonError(w, http.StatusBadRequest, "InvalidLookupAttributesException", "You may only specify one lookup attribute.")
	case a.throttled(historyOf(req)):
		jsonError(w, http.StatusBadRequest, "ThrottlingException", "Rate exceeded")
	default:
		a.lookupPage(w, historyOf(req), in)
	}
}

func jsonError(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"__type":%q,"message":%q}`, code, message)
}

func (a *AWS) throttled(region string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lookupLimit == 0 {
		return false
	}
	now := time.Now()
	recent := slices.DeleteFunc(a.lookups[region], func(t time.Time) bool { return now.Sub(t) > time.Second })
	throttle := len(recent) >= a.lookupLimit
	if !throttle {
		recent = append(recent, now)
	}
	a.lookups[region] = recent
	return throttle
}

func (a *AWS) lookupPage(w http.ResponseWriter, region string, in lookupRequest) {
	limit := 50
	if in.MaxResults != nil {
		limit = *in.MaxResults
	}
	var found []HistoryEvent
	a.mu.Lock()
	for _, e := range a.history[region] {
		if in.matches(e) {
			found = append(found, e)
		}
	}
	a.mu.Unlock()
	skip, page := 0, 0
	if in.NextToken != "" {
		if _, err := fmt.Sscanf(in.NextToken, "%d.%d", &page, &skip); err != nil || skip > len(found) {
			jsonError(w, http.StatusBadRequest, "InvalidNextTokenException", "The next token is not valid.")
			return
		}
	}
	if page%lookupEmptyEvery == lookupEmptyEvery-1 {
		limit = 0
	}
	end := min(skip+limit, len(found))
	out := map[string]any{"Events": lookupEvents(found[skip:end])}
	if end < len(found) {
		out["NextToken"] = strconv.Itoa(page+1) + "." + strconv.Itoa(end)
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func lookupEvents(events []HistoryEvent) []map[string]any {
	out := []map[string]any{}
	for _, e := range events {
		out = append(out, lookupEvent(e))
	}
	return out
}

// lookupEvent is an event as AWS gives it; what the record does not say is made up.
func lookupEvent(e HistoryEvent) map[string]any {
	var r struct {
		EventName, EventSource string
		ReadOnly               *bool
		UserIdentity           struct{ UserName, AccessKeyID string }
	}
	_ = json.Unmarshal([]byte(e.Record), &r) // what is no record is given as it is
	readOnly := "true"
	if r.ReadOnly != nil {
		readOnly = strconv.FormatBool(*r.ReadOnly)
	}
	return map[string]any{
		"EventId": e.ID, "EventName": cmp.Or(r.EventName, "ListBuckets"), "ReadOnly": readOnly,
		"AccessKeyId": cmp.Or(r.UserIdentity.AccessKeyID, "AKIAIOSFODNN7EXAMPLE"),
		"EventTime":   float64(e.Time.Unix()), "EventSource": cmp.Or(r.EventSource, "s3.amazonaws.com"),
		"Username":        cmp.Or(r.UserIdentity.UserName, "bob"),
		"Resources":       []map[string]string{{"ResourceType": "AWS::S3::Bucket", "ResourceName": "logs"}},
		"CloudTrailEvent": e.Record,
	}
}
