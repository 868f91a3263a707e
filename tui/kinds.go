package tui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
	"github.com/trailsift/trailsift/tui/words"
)

// told is an event in words, for the line above its record: what CloudTrail left out or corrected, the sentence, and what is
// peculiar to records that are no single call of an API. It is text from outside.
func told(raw []byte, root *widget.Node) string {
	said := words.Sentence(raw)
	if root == nil {
		return said
	}
	parts := leftOut(root)
	if late := addendum(root); late != "" {
		parts = append(parts, late)
	}
	switch strings.ToLower(scalar(root, "eventCategory")) {
	case "insight":
		said = insight(root)
	case "aggregated":
		said = summary(root)
	case "activityauditlog":
		said = activity(root)
	case "networkactivity":
		said = strings.Join(nonEmpty(said, endpoint(root)), " ")
	}
	parts = append(parts, said)
	if hidden := hiddenBy(root); hidden != "" {
		parts = append(parts, hidden)
	}
	return strings.Join(nonEmpty(parts...), " | ")
}

// at is the value at a path; nil where there is none.
func at(n *widget.Node, path ...string) *widget.Node {
	for _, key := range path {
		if n == nil || n.Kind != widget.Object {
			return nil
		}
		var found *widget.Node
		for _, c := range n.Children {
			if c.Key == key {
				found = c
			}
		}
		n = found
	}
	return n
}

// scalar is the text of a scalar at a path, "" where there is none.
func scalar(n *widget.Node, path ...string) string {
	v := at(n, path...)
	if v == nil || v.Kind == widget.Object || v.Kind == widget.Array || v.Kind == widget.Null {
		return ""
	}
	return v.Text
}

// either is the first of some texts that is not empty.
func either(texts ...string) string {
	if some := nonEmpty(texts...); len(some) > 0 {
		return some[0]
	}
	return ""
}

// leftOut names the parts that CloudTrail left out as they were too large. Padding a request so that it is left out is a
// known evasion.
func leftOut(root *widget.Node) []string {
	var parts []string
	for _, key := range []string{"requestParameters", "responseElements", "serviceEventDetails", "additionalEventData"} {
		if scalar(root, key, "omitted") != "true" {
			continue
		}
		part := "OMITTED by CloudTrail: " + key
		if n, err := strconv.Atoi(scalar(root, key, "originalSize")); err == nil {
			part += " of " + text.Count(n) + " bytes"
		}
		parts = append(parts, part)
	}
	return parts
}

// addendum says why a record was delivered late or again, and what it corrects.
func addendum(root *widget.Node) string {
	a := at(root, "addendum")
	if a == nil || a.Kind != widget.Object {
		return ""
	}
	s := "ADDENDUM " + scalar(a, "reason")
	if fields := scalar(a, "updatedFields"); fields != "" {
		s += ": " + fields
	}
	if id := scalar(a, "originalEventID"); id != "" {
		s += " of event " + id
	}
	if id := scalar(a, "originalRequestID"); id != "" {
		s += " of request " + id
	}
	return strings.TrimSpace(s)
}

// removed are the texts that stand where AWS took something out.
var removed = []string{"HIDDEN_DUE_TO_SECURITY_REASONS", "HIDDEN_FOR_SECURITY_REASONS", "<sensitiveDataRemoved>"}

// hiddenBy names what AWS hid, the first three values.
func hiddenBy(root *widget.Node) string {
	var paths []string
	n := 0
	var walk func(v *widget.Node)
	walk = func(v *widget.Node) {
		for _, c := range v.Children {
			for _, sign := range removed {
				if c.Kind == widget.String && c.Text == sign {
					if n++; n <= 3 {
						paths = append(paths, strings.TrimPrefix(jsonPath(c), "$."))
					}
				}
			}
			walk(c)
		}
	}
	walk(root)
	if n == 0 {
		return ""
	}
	s := "hidden by AWS: " + strings.Join(paths, ", ")
	if n > len(paths) {
		s += " and " + text.Count(n-len(paths)) + " more"
	}
	return s
}

// endpoint says through which VPC endpoint a call came, and whether its policy denied it.
func endpoint(root *widget.Node) string {
	id := scalar(root, "vpcEndpointId")
	if id == "" {
		return ""
	}
	s := "through VPC endpoint " + id
	if owner := scalar(root, "vpcEndpointAccountId"); owner != "" {
		s += " of account " + owner
	}
	if scalar(root, "errorCode") == "VpceAccessDenied" {
		s += ", whose policy denied it"
	}
	return s
}

// activity says what came from outside AWS, and by which channel.
func activity(root *widget.Node) string {
	who := strings.Join(nonEmpty(scalar(root, "eventData", "userIdentity", "type"), scalar(root, "eventData", "userIdentity", "principalId")), " ")
	s := fmt.Sprintf("From outside AWS: %s, %s of %s", either(who, "somebody"), either(scalar(root, "eventData", "eventName"), "something"),
		either(scalar(root, "eventData", "eventSource"), "no source"))
	if code := scalar(root, "eventData", "errorCode"); code != "" {
		s += ", failed with " + code
	}
	if uid := scalar(root, "eventData", "UID"); uid != "" {
		s += "; UID " + uid
	}
	if channel := scalar(root, "metadata", "channelARN"); channel != "" {
		s += "; by " + channel[strings.LastIndexByte(channel, ':')+1:]
	}
	if in := scalar(root, "metadata", "ingestionTime"); in != "" {
		s += ", ingested " + in
	}
	return s
}

// summary says what an aggregated record counts, by dimension, the greatest first.
func summary(root *widget.Node) string {
	var b strings.Builder
	b.WriteString("Summary")
	if from, to := scalar(root, "timeWindow", "windowStart"), scalar(root, "timeWindow", "windowEnd"); from != "" && to != "" {
		b.WriteString(" of " + from + " to " + to)
	}
	dimensions := []*widget.Node{at(root, "summary", "primaryDimension")}
	if details := at(root, "summary", "details"); details != nil {
		dimensions = append(dimensions, details.Children...)
	}
	for i, d := range dimensions {
		statistics := at(d, "statistics")
		if statistics == nil || len(statistics.Children) == 0 {
			continue
		}
		first := statistics.Children[0]
		b.WriteString(map[bool]string{true: ": ", false: "; "}[i == 0])
		b.WriteString(scalar(d, "dimension") + " " + scalar(first, "name") + " " + scalar(first, "value"))
		if more := len(statistics.Children) - 1; more > 0 {
			fmt.Fprintf(&b, " (and %s more)", text.Count(more))
		}
	}
	return b.String()
}
