package sourcetest

import (
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
}

// lookupEmptyEvery is how often a page comes empty with a token: AWS does that too.
const lookupEmptyEvery = 5

// Remember puts events into the Event history of a Region.
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
}

func (a *AWS) lookup(w http.ResponseWriter, req *http.Request) {
	f := a.note(Request{Op: "LookupEvents"}, req)
	body, err := io.ReadAll(req.Body)
	var in lookupRequest
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	switch {
	case f.Status != 0:
		jsonError(w, f.Status, f.Code, f.Message)
	case err != nil || in.StartTime == nil || in.EndTime == nil:
		jsonError(w, http.StatusBadRequest, "SerializationException", "both ends of the range are to be sent")
	case *in.StartTime > *in.EndTime:
		jsonError(w, http.StatusBadRequest, "InvalidTimeRangeException", "The start time must be before the end time.")
	case a.throttled(signedRegion(req)):
		jsonError(w, http.StatusBadRequest, "ThrottlingException", "Rate exceeded")
	default:
		a.lookupPage(w, signedRegion(req), in)
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
		if at := float64(e.Time.Unix()); *in.StartTime <= at && at <= *in.EndTime {
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
		out = append(out, map[string]any{
			"EventId": e.ID, "EventName": "ListBuckets", "ReadOnly": "true", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE",
			"EventTime": float64(e.Time.Unix()), "EventSource": "s3.amazonaws.com", "Username": "bob",
			"Resources":       []map[string]string{{"ResourceType": "AWS::S3::Bucket", "ResourceName": "logs"}},
			"CloudTrailEvent": e.Record,
		})
	}
	return out
}
