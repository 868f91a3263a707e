package sourcetest

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Trail is a trail of an [AWS], in the members of CloudTrail's API: what stands in a map is answered as it is.
type Trail struct {
	Config    map[string]any // DescribeTrails; TrailARN, Name and HomeRegion are needed
	Status    map[string]any // GetTrailStatus
	Selectors map[string]any // GetEventSelectors
	Insights  []string       // types of GetInsightSelectors; nil: not enabled
	Foreign   bool           // of another account: a shadow, which ListTrails does not name
}

// NewTrail is a trail of all Regions of [Account] that logs, is validated, and delivered a minute before now.
func NewTrail(name, home, bucket string, now time.Time) Trail {
	return Trail{
		Config: map[string]any{
			"Name": name, "TrailARN": "arn:aws:cloudtrail:" + home + ":" + Account + ":trail/" + name, "HomeRegion": home,
			"S3BucketName": bucket, "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": true,
			"LogFileValidationEnabled": true, "KmsKeyId": "arn:aws:kms:" + home + ":" + Account + ":key/0000-1111",
		},
		Status: map[string]any{
			"IsLogging": true, "StartLoggingTime": now.Add(-90 * 24 * time.Hour).Unix(),
			"LatestDeliveryTime": now.Add(-time.Minute).Unix(), "LatestDigestDeliveryTime": now.Add(-20 * time.Minute).Unix(),
		},
		Selectors: map[string]any{"EventSelectors": []any{map[string]any{"ReadWriteType": "All", "IncludeManagementEvents": true}}},
	}
}

// AddTrail adds a trail.
func (a *AWS) AddTrail(t Trail) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trails = append(a.trails, t)
}

// Organize makes the account a member of an organisation.
func (a *AWS) Organize(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.organization = id
}

// trailOps are the operations that are answered here.
var trailOps = []string{
	"ListTrails", "DescribeTrails", "GetTrail", "GetTrailStatus", "GetEventSelectors", "GetInsightSelectors",
	"DescribeOrganization",
}

// aboutTrails is the operation of a request where it is one about trails, else "".
func aboutTrails(req *http.Request) string {
	_, op, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	if i := strings.LastIndexByte(op, '.'); i >= 0 {
		op = op[i+1:]
	}
	if slices.Contains(trailOps, op) {
		return op
	}
	return ""
}

type trailRequest struct {
	Name, TrailName     string
	TrailNameList       []string
	IncludeShadowTrails *bool
}

func (a *AWS) trail(w http.ResponseWriter, req *http.Request, op string) {
	f := a.note(Request{Op: op}, req)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	body, err := io.ReadAll(req.Body)
	var in trailRequest
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	switch {
	case f.Status != 0:
		jsonError(w, f.Status, f.Code, f.Message)
	case err != nil:
		jsonError(w, http.StatusBadRequest, "SerializationException", err.Error())
	default:
		out, code := a.trailAnswer(op, signedRegion(req), in)
		if code != "" {
			jsonError(w, http.StatusBadRequest, code, "of "+op)
			return
		}
		_ = json.NewEncoder(w).Encode(out) // the client sees a cut answer
	}
}

func (a *AWS) trailAnswer(op, region string, in trailRequest) (out map[string]any, code string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch op {
	case "ListTrails":
		list := []any{}
		for _, t := range a.trails {
			if !t.Foreign {
				list = append(list, map[string]any{"TrailARN": t.Config["TrailARN"], "Name": t.Config["Name"], "HomeRegion": t.Config["HomeRegion"]})
			}
		}
		return map[string]any{"Trails": list}, ""
	case "DescribeTrails":
		list := []any{}
		for _, t := range a.trails {
			if t.seenFrom(region, in.IncludeShadowTrails == nil || *in.IncludeShadowTrails) && t.among(in.TrailNameList) {
				list = append(list, t.Config)
			}
		}
		return map[string]any{"trailList": list}, ""
	case "DescribeOrganization":
		if a.organization == "" {
			return nil, "AWSOrganizationsNotInUseException"
		}
		return map[string]any{"Organization": map[string]any{"Id": a.organization}}, ""
	}
	for _, t := range a.trails {
		if t.seenFrom(region, true) && t.among([]string{in.Name + in.TrailName}) {
			return t.answer(op)
		}
	}
	return nil, "TrailNotFoundException"
}

func (t *Trail) seenFrom(region string, shadows bool) bool {
	return t.Config["HomeRegion"] == region || shadows && t.Config["IsMultiRegionTrail"] == true
}

// among reports whether a trail is one of those named by ARN or name; no names are all.
func (t *Trail) among(names []string) bool {
	return len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return n == t.Config["TrailARN"] || n == t.Config["Name"] })
}

func (t *Trail) answer(op string) (out map[string]any, code string) {
	switch op {
	case "GetTrail":
		return map[string]any{"Trail": t.Config}, ""
	case "GetTrailStatus":
		return t.Status, ""
	case "GetEventSelectors":
		return t.Selectors, ""
	}
	if t.Insights == nil {
		return nil, "InsightNotEnabledException"
	}
	list := make([]any, len(t.Insights))
	for i, kind := range t.Insights {
		list[i] = map[string]any{"InsightType": kind}
	}
	return map[string]any{"InsightSelectors": list}, ""
}
