package demo_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
)

func largerArchive(t *testing.T) []held {
	t.Helper()
	return readSome(t, demo.New(demo.Options{Events: 100_000}), func(k source.Key) bool { return k.Kind == source.KindCloudTrail })
}

// find gives the records for which is holds.
func find(all []record, is func(*record) bool) []record {
	var found []record
	for i := range all {
		if is(&all[i]) {
			found = append(found, all[i])
		}
	}
	return found
}

func byID(t *testing.T, all []record, id string) record {
	t.Helper()
	found := find(all, func(r *record) bool { return r.EventID == id })
	if len(found) != 1 {
		t.Fatalf("event %s: %d records, want 1", id, len(found))
	}
	return found[0]
}

func TestTruthDoesNotDependOnTheSeed(t *testing.T) {
	if diff := cmp.Diff(demo.Truth(), demo.Truth()); diff != "" {
		t.Errorf("Truth differs from call to call:\n%s", diff)
	}
	for _, opt := range []demo.Options{{Seed: 99, Events: 1500}, {Seed: 5, Events: 4000}} {
		all := records(t, readLogs(t, demo.New(opt)))
		for _, s := range demo.Truth().Steps {
			byID(t, all, s.ID)
		}
	}
}

func TestEveryStepIsInTheArchive(t *testing.T) {
	all := archiveRecords()
	truth := demo.Truth()
	last := truth.Began
	for _, s := range truth.Steps {
		r := byID(t, all, s.ID)
		got := demo.Step{
			What: s.What, Event: r.EventName, ID: r.EventID, Account: r.RecipientAccountID, Region: r.AWSRegion, Time: r.time,
			LogFile: r.file.name,
		}
		if diff := cmp.Diff(s, got); diff != "" {
			t.Errorf("step %q (-truth +record):\n%s", s.What, diff)
		}
		if s.Time.Before(last) {
			t.Errorf("step %q comes before the one before it", s.What)
		}
		last = s.Time
	}
	for _, want := range []string{
		"GetCallerIdentity", "AssumeRole", "CreateUser", "AttachUserPolicy", "CreateAccessKey", "CreateLoginProfile", "ConsoleLogin", "StopLogging",
		"DeleteBucketPublicAccessBlock", "PutBucketPolicy", "GetObject", "PutObject", "DeleteObject",
	} {
		if !slices.ContainsFunc(truth.Steps, func(s demo.Step) bool { return s.Event == want }) {
			t.Errorf("no step is a %s", want)
		}
	}
}

func TestTheIntruderIsFoundByAddress(t *testing.T) {
	truth := demo.Truth()
	known := map[string]bool{truth.AccessKey: true, truth.NewKey: true, "": true}
	for _, s := range truth.Sessions {
		known[s.AccessKey] = true
	}
	found := find(archiveRecords(), func(r *record) bool { return slices.Contains(truth.IPs, r.SourceIPAddress) })
	if len(found) < truth.Objects+30 {
		t.Errorf("%d events from the intruder's addresses", len(found))
	}
	for _, r := range found {
		if !known[r.UserIdentity.AccessKeyID] && !strings.HasPrefix(r.UserIdentity.AccessKeyID, "ASIA") {
			t.Errorf("%s from %s by %s", r.EventName, r.SourceIPAddress, r.UserIdentity.AccessKeyID)
		}
		if r.time.Before(truth.Began) || r.time.After(truth.Ended) {
			t.Errorf("%s at %s, outside of the intrusion", r.EventName, r.EventTime)
		}
	}
}

func TestTheLeakedKeyIsFoundByItsAddresses(t *testing.T) {
	truth := demo.Truth()
	all := archiveRecords()
	used := find(all, func(r *record) bool { return r.UserIdentity.AccessKeyID == truth.AccessKey })
	foreign := find(used, func(r *record) bool { return slices.Contains(truth.IPs, r.SourceIPAddress) })
	if len(foreign) < 10 || len(used)-len(foreign) < 10 {
		t.Fatalf("the leaked key was used %d times by the intruder and %d times else", len(foreign), len(used)-len(foreign))
	}
	slices.SortFunc(foreign, func(a, b record) int { return a.time.Compare(b.time) })
	if foreign[0].EventName != "GetCallerIdentity" || !foreign[0].time.Equal(truth.Began) {
		t.Errorf("its first foreign use is %s at %s", foreign[0].EventName, foreign[0].EventTime)
	}
	if denied := find(foreign, func(r *record) bool { return containsAny(r.ErrorCode, "Denied", "Unauthorized") }); len(denied) < 10 {
		t.Errorf("it was denied %d times", len(denied))
	}
	for _, r := range used {
		if r.UserIdentity.UserName != truth.User {
			t.Errorf("the leaked key belongs to %q", r.UserIdentity.UserName)
		}
	}
}

func TestTheChainOfRolesCanBeFollowed(t *testing.T) {
	truth := demo.Truth()
	all := archiveRecords()
	if len(truth.Sessions) != 3 {
		t.Fatalf("%d sessions in the chain, want 3", len(truth.Sessions))
	}
	by := truth.AccessKey
	for _, s := range truth.Sessions {
		issued := byID(t, all, s.Issued)
		var response struct {
			Credentials     struct{ AccessKeyID string }
			AssumedRoleUser struct{ Arn string }
		}
		if err := json.Unmarshal(issued.ResponseElements, &response); err != nil {
			t.Fatal(err)
		}
		if issued.UserIdentity.AccessKeyID != by || s.By != by {
			t.Errorf("%s was assumed with %s, want %s", s.Role, issued.UserIdentity.AccessKeyID, by)
		}
		if response.Credentials.AccessKeyID != s.AccessKey {
			t.Errorf("%s: issued %s, want %s", s.Role, response.Credentials.AccessKeyID, s.AccessKey)
		}
		if want := "arn:aws:sts::" + s.Account + ":assumed-role/" + s.Role + "/" + s.Name; response.AssumedRoleUser.Arn != want {
			t.Errorf("assumed %s, want %s", response.AssumedRoleUser.Arn, want)
		}
		if used := find(all, func(r *record) bool { return r.UserIdentity.AccessKeyID == s.AccessKey }); len(used) < 2 {
			t.Errorf("%s was used %d times", s.AccessKey, len(used))
		}
		by = s.AccessKey
	}
}

func TestTheTrailIsSilentWhileStopped(t *testing.T) {
	truth := demo.Truth()
	account := truth.Steps[0].Account
	for _, r := range archiveRecords() {
		if r.RecipientAccountID == account && r.file.key.Kind == source.KindCloudTrail && r.time.After(truth.Stopped) && r.time.Before(truth.Restarted) {
			t.Errorf("%s at %s although the trail was stopped", r.EventName, r.EventTime)
		}
	}
}

func TestTheBucketWasEmptied(t *testing.T) {
	truth := demo.Truth()
	read := find(archiveRecords(), func(r *record) bool {
		return r.EventName == "GetObject" && slices.Contains(truth.IPs, r.SourceIPAddress) && strings.Contains(string(r.RequestParameters), truth.Bucket)
	})
	if len(read) != truth.Objects {
		t.Errorf("%d objects were read, want %d", len(read), truth.Objects)
	}
	slices.SortFunc(read, func(a, b record) int { return a.time.Compare(b.time) })
	if took := read[len(read)-1].time.Sub(read[0].time); took > 5*time.Minute {
		t.Errorf("they were read in %v: no burst", took)
	}
}

func TestOneRecordWasAlteredAndOneFileDeleted(t *testing.T) {
	truth := demo.Truth()
	files := archive()
	all := archiveRecords()
	altered := byID(t, all, truth.AlteredID)
	if altered.SourceIPAddress != truth.AlteredTo || altered.file.name != truth.AlteredKey {
		t.Errorf("the altered record comes from %s in %s", altered.SourceIPAddress, altered.file.name)
	}
	for _, f := range files {
		if f.name == truth.DeletedKey {
			t.Errorf("%s is still listed", f.name)
		}
		for _, id := range truth.DeletedIDs {
			if bytes.Contains(f.text, []byte(id)) {
				t.Errorf("event %s is in %s although its file was deleted", id, f.name)
			}
		}
	}
	if _, err := demo.New(demo.Options{Events: 2000}).Open(t.Context(), source.File{Key: truth.DeletedKey}); err == nil {
		t.Error("the deleted log file can be opened")
	}
	for _, key := range []string{truth.AlteredKey, truth.DeletedKey} {
		touched := find(all, func(r *record) bool {
			return (r.EventName == "PutObject" || r.EventName == "DeleteObject") && strings.Contains(string(r.RequestParameters), key)
		})
		if len(touched) != 1 {
			t.Errorf("%s was written or deleted %d times, want 1", key, len(touched))
		}
	}
}

func TestOneUserAgentIsHostile(t *testing.T) {
	r := byID(t, archiveRecords(), demo.Truth().HostileID)
	for _, want := range []string{"\x1b]0;", "\x1b[2J", "\u009b", "\u202e"} {
		if !strings.Contains(r.UserAgent, want) {
			t.Errorf("the hostile user agent %q is without %q", r.UserAgent, want)
		}
	}
}

func TestOnlyTheIntruderSignsInWithoutASecondFactor(t *testing.T) {
	without := find(archiveRecords(), func(r *record) bool {
		return r.EventName == "ConsoleLogin" && r.UserIdentity.Type == "IAMUser" && strings.Contains(r.raw, `"MFAUsed":"No"`)
	})
	for _, r := range without {
		if r.UserIdentity.UserName != demo.Truth().NewUser {
			t.Errorf("%s signed in without a second factor", r.UserIdentity.UserName)
		}
	}
	if len(without) != 2 {
		t.Errorf("%d sign-ins of IAM users without a second factor, want one that fails and one that does not", len(without))
	}
}
