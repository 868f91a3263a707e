// Package words says in one sentence what an event is: who acted, from where, what was done to what, and how it ended.
//
//	bob-admin, from 203.0.113.9, created an access key for svc-backup; succeeded
//	ci-run-17 in role deploy, from 198.51.100.20, tried to delete bucket prod-logs; was denied (AccessDenied)
//
// Common calls have a sentence of their own (table.go); of any other the name is taken apart (verbs.go). What a sentence
// holds of a record is text from outside and is made visible by whoever draws it; values that grant access are left out.
package words

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/trailsift/trailsift/source"
)

// maxRecord is the size of records that are told about, in bytes: ten times what CloudTrail delivers at most.
const maxRecord = 10 << 20

// Sentence is the sentence about a record as delivered, "" for one that is no call of an API, no sign-in and no event of
// a service (Insights, summaries, activity), or cannot be read.
func Sentence(raw []byte) string {
	if len(raw) > maxRecord {
		return ""
	}
	var record map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&record) != nil {
		return ""
	}
	var dec source.Decoder
	for e := range dec.Events(bytes.NewReader(raw)) {
		return sentence(e, values{record})
	}
	return ""
}

func sentence(e *source.Event, v values) string {
	name := string(e.Name())
	if name == "" || !told(v.text("eventCategory")) {
		return ""
	}
	did := v.call(string(e.Service()), source.DisplayName(name))
	outcome := e.Outcome()
	s := actor(e, v) + origin(e) + ", "
	if outcome == source.OutcomeOK {
		return s + past(did) + "; succeeded"
	}
	return s + "tried to " + did + "; " + ended(outcome, v)
}

// told reports the categories whose records are about one call.
func told(category string) bool {
	switch category {
	case "", "Management", "Data", "NetworkActivity":
		return true
	}
	return false
}

// ended says how a call that did not succeed ended.
func ended(outcome string, v values) string {
	code, message := v.text("errorCode"), v.text("errorMessage")
	switch {
	case outcome == source.OutcomeDenied:
		return "was denied (" + code + ")"
	case outcome == source.OutcomeThrottled:
		return "was throttled (" + code + ")"
	case code == "" && message == "":
		return "failed"
	case code == "":
		return "failed: " + message
	case message == "":
		return "failed: " + code
	}
	return "failed: " + code + ", " + message
}

// call is what was done, in the infinitive: "create an access key for svc-backup".
func (v values) call(service, name string) string {
	for _, key := range []string{service + ":" + name, "*:" + name} {
		for _, form := range calls[key] {
			if s, ok := v.fill(form); ok {
				return s
			}
		}
	}
	return v.general(service, name)
}

// actor says who acted: a name, the role it is in, the account where that is another one, the person behind.
func actor(e *source.Event, v values) string {
	p := e.Principal()
	who := string(p.Name)
	switch string(p.Kind) {
	case "AssumedRole", "WebIdentity":
		if len(p.Session) > 0 && len(p.Role) > 0 {
			who = string(p.Session) + " in role " + string(p.Role)
		}
	case "EC2Instance":
		who = "instance " + who + inRole(p.Role)
	case "SSOUser":
		if len(p.Detail) > 0 {
			who += " with " + string(p.Detail)
		}
	case "Root":
		who = "the root user"
	case "FederatedUser":
		who = "federated user " + who
	case "AWSService":
		who = "AWS service " + who
	}
	if who == "" || who == "unknown" {
		who = "somebody"
	}
	own, here := v.text("userIdentity.accountId"), v.text("recipientAccountId")
	if isAccount(own) && isAccount(here) && own != here && !strings.Contains(who, own) {
		who += " of account " + own
	}
	if human := string(p.Human); human != "" && !strings.Contains(who, human) {
		who = human + " as " + who
	}
	return who
}

func inRole(role []byte) string {
	if len(role) == 0 {
		return ""
	}
	return " in role " + string(role)
}

// origin says from where: an address, or the service the call ran through.
func origin(e *source.Event) string {
	from := string(e.Text(source.LeafSourceIP))
	via := string(e.Principal().Via)
	switch {
	case via != "":
		return ", through " + serviceOf(via)
	case from == "" || from == "AWS Internal":
		return ""
	case strings.HasSuffix(from, ".amazonaws.com"):
		if string(e.Principal().Kind) == "AWSService" {
			return ""
		}
		return ", through " + serviceOf(from)
	}
	return ", from " + from
}

// serviceOf is how people call the service of a DNS name.
func serviceOf(dns string) string {
	return source.ServiceName(strings.TrimSuffix(dns, ".amazonaws.com"))
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}
