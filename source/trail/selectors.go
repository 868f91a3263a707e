package trail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// selectors asks which events a trail records, and for Insights where the trail says that it has them.
func selectors(ctx context.Context, client *cloudtrail.Client, t *Trail) {
	out, err := client.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &t.ARN})
	if err != nil {
		t.refuse(err, Selectors, "cloudtrail:GetEventSelectors")
		return
	}
	var s selection
	switch {
	case len(out.AdvancedEventSelectors) > 0:
		for i := range out.AdvancedEventSelectors {
			s.advanced(out.AdvancedEventSelectors[i].FieldSelectors)
		}
	case len(out.EventSelectors) > 0:
		for i := range out.EventSelectors {
			s.basic(&out.EventSelectors[i])
		}
	default: // what a trail records that was never told otherwise
		s.manage(true, true, nil)
	}
	if t.insightful {
		s.insights = insights(ctx, client, t)
	}
	t.Selectors, t.Management, t.Excluded = s.String(), access(s.read.on, s.write.on), s.left()
}

// insights are the kinds of Insights events a trail records.
func insights(ctx context.Context, client *cloudtrail.Client, t *Trail) (kinds []string) {
	out, err := client.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: &t.ARN})
	if _, none := errors.AsType[*types.InsightNotEnabledException](err); none {
		return nil
	}
	if err != nil {
		t.refuse(err, Insights, "cloudtrail:GetInsightSelectors")
		return nil
	}
	for _, s := range out.InsightSelectors {
		kinds = append(kinds, plainType(string(s.InsightType)))
	}
	return unique(kinds)
}

// A selection is what all selectors of a trail take together: an event that any of them takes is recorded.
type selection struct {
	read, write side     // management events that only read; those that change something
	narrowed    bool     // a management selector takes some events only, by name or principal
	data        []string // "S3 2 ARNs"
	network     []string
	other       []string // categories newer than this
	insights    []string
}

// A side is what is taken of the management events that read, or of those that write.
type side struct {
	on    bool
	whole bool     // by a selector that leaves no service out
	left  []string // services a selector leaves out
}

func (s *side) take(left []string) {
	s.on, s.whole = true, s.whole || len(left) == 0
	s.left = append(s.left, plainServices(left)...)
}

// manage takes a management selector in.
func (s *selection) manage(read, write bool, left []string) {
	if read {
		s.read.take(left)
	}
	if write {
		s.write.take(left)
	}
}

// left are the services whose management events are left out, all or those of one side.
func (s *selection) left() []string {
	var out []string
	for _, side := range []side{s.read, s.write} {
		if !side.whole {
			out = append(out, side.left...)
		}
	}
	return unique(out)
}

// basic takes one basic selector in (CloudTrail API reference, EventSelector).
func (s *selection) basic(e *types.EventSelector) {
	read, write := e.ReadWriteType != types.ReadWriteTypeWriteOnly, e.ReadWriteType != types.ReadWriteTypeReadOnly
	if e.IncludeManagementEvents == nil || *e.IncludeManagementEvents {
		s.manage(read, write, e.ExcludeManagementEventSources)
	}
	for _, d := range e.DataResources {
		s.data = append(s.data, resources(sdk.ToString(d.Type), d.Values)+only(read, write))
	}
}

// resources are the resources of one type that basic selectors name; a value without an account or name means all.
func resources(kind string, values []string) string {
	kind = plainType(kind)
	for _, v := range values {
		if parts := strings.SplitN(v, ":", 6); len(parts) < 6 || parts[5] == "" {
			return kind + " all"
		}
	}
	return kind + " " + arns(len(values))
}

func arns(n int) string {
	if n == 1 {
		return "1 ARN"
	}
	return fmt.Sprintf("%d ARNs", n)
}

// advanced takes one advanced selector in: all its fields must hold.
func (s *selection) advanced(fields []types.AdvancedFieldSelector) {
	read, write := true, true
	var category, kind, service string
	var left []string
	named, more := 0, 0
	for i := range fields {
		f := &fields[i]
		switch sdk.ToString(f.Field) {
		case "eventCategory":
			category = first(f.Equals)
		case "readOnly":
			read, write = first(f.Equals) != "false", first(f.Equals) != "true"
		case "resources.type":
			kind = first(f.Equals)
		case "resources.ARN":
			named += conditions(f)
		case "eventSource":
			left = append(left, f.NotEquals...)
			service = strings.Join(plainServices(f.Equals), ", ")
			more += conditions(f) - len(f.NotEquals) - len(f.Equals)
		default:
			more += conditions(f)
		}
	}
	s.take(taken{category, kind, service, read, write, named, more, left})
}

// taken is one advanced selector, taken apart.
type taken struct {
	category, kind, service string
	read, write             bool
	named, more             int // conditions on the ARN of the resource; on anything else
	left                    []string
}

func (s *selection) take(t taken) {
	more := ""
	if t.more > 0 {
		more = " narrowed"
	}
	switch strings.ToLower(t.category) {
	case "management":
		s.manage(t.read, t.write, t.left)
		s.narrowed = s.narrowed || t.more > 0 || t.service != ""
	case "data":
		what := plainType(t.kind) + " all"
		if t.named > 0 {
			what = plainType(t.kind) + " " + arns(t.named)
		}
		s.data = append(s.data, what+only(t.read, t.write)+more)
	case "networkactivity":
		s.network = append(s.network, t.service+more)
	default:
		s.other = append(s.other, t.category)
	}
}

// String is the selection in words.
func (s *selection) String() string {
	var parts []string
	if s.read.on || s.write.on {
		m := "management " + access(s.read.on, s.write.on)
		if left := s.left(); len(left) > 0 {
			m += " without " + strings.Join(left, ", ")
		}
		if s.narrowed {
			m += " narrowed"
		}
		parts = append(parts, m)
	}
	for _, p := range []struct {
		name string
		what []string
	}{{"data", s.data}, {"network", s.network}, {"insights", s.insights}, {"other", s.other}} {
		if len(p.what) > 0 {
			parts = append(parts, p.name+": "+strings.Join(unique(p.what), ", "))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// access is the kind of events by whether they change something.
func access(read, write bool) string {
	switch {
	case read && write:
		return "rw"
	case read:
		return "read"
	case write:
		return "write"
	}
	return "none"
}

func only(read, write bool) string {
	if read && write {
		return ""
	}
	return " " + access(read, write)
}

// conditions are the values of a field selector.
func conditions(f *types.AdvancedFieldSelector) int {
	return len(f.Equals) + len(f.StartsWith) + len(f.EndsWith) + len(f.NotEquals) + len(f.NotStartsWith) + len(f.NotEndsWith)
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// plainType is a resource type without what does not tell it apart: AWS::S3::Object is S3, AWS::S3Outposts::Object is
// S3Outposts; of a service with several types the last part stays.
func plainType(kind string) string {
	parts := strings.Split(kind, "::")
	if len(parts) != 3 {
		return strings.TrimSuffix(kind, "Insight")
	}
	switch kind {
	case "AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table":
		return parts[1]
	}
	return parts[1] + " " + parts[2]
}

func plainServices(services []string) []string {
	out := make([]string, len(services))
	for i, s := range services {
		out[i] = strings.TrimSuffix(s, ".amazonaws.com")
	}
	return out
}

// unique is a list without repetitions, in the order of first appearance.
func unique(list []string) (out []string) {
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
