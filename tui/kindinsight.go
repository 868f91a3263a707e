package tui

import (
	"strconv"
	"strings"

	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// insight says what was unusual, against what baseline, and who did most of it: in the form of trails and in the flat one
// of CloudTrail Lake.
func insight(root *widget.Node) string {
	d, c := root, at(root, "insightContext")
	get := func(_, flat string) string { return scalar(root, flat) }
	if of := at(root, "insightDetails"); of != nil {
		d, c = of, at(of, "insightContext")
		get = func(nested, _ string) string { return scalar(of, nested) }
	}
	what := "calls"
	if strings.EqualFold(scalar(d, "insightType"), "ApiErrorRateInsight") {
		what = strings.TrimSpace("errors " + get("errorCode", "insightErrorCode"))
	}
	s := strings.Join(nonEmpty("Insight", strings.ToLower(get("state", "insightState"))), " ") + ": " +
		strings.Join(nonEmpty(what, "of", get("eventSource", "insightEventSource"), get("eventName", "insightEventName")), " ")
	rate := either(scalar(c, "statistics", "insight", "average"), scalar(c, "insightAverage"))
	base := either(scalar(c, "statistics", "baseline", "average"), scalar(c, "baselineAverage"))
	if rate != "" {
		s += ", " + rate + " a minute"
	}
	if span := minutes(either(scalar(c, "statistics", "insightDuration"), scalar(c, "insightDuration"))); span != "" {
		s += " for " + span
	}
	if base != "" {
		s += ", baseline " + base + ofBaseline(rate, base)
	}
	if span := minutes(either(scalar(c, "statistics", "baselineDuration"), scalar(c, "baselineDuration"))); span != "" {
		s += " over " + span
	}
	return s + attributions(at(c, "attributions"))
}

// ofBaseline is how many times the baseline a rate is, in brackets, "" where that says nothing.
func ofBaseline(rate, base string) string {
	r, rerr := strconv.ParseFloat(rate, 64)
	b, berr := strconv.ParseFloat(base, 64)
	if rerr != nil || berr != nil || b <= 0 || r <= 0 || r/b > 1e9 {
		return ""
	}
	if r/b < 10 {
		return " (x" + strconv.FormatFloat(r/b, 'g', 2, 64) + ")"
	}
	return " (x" + text.Count(int(r/b)) + ")"
}

// minutes is a number of minutes as a length of time.
func minutes(s string) string {
	n, err := strconv.Atoi(s)
	switch {
	case err != nil || n < 0:
		return ""
	case n >= 48*60:
		return strconv.FormatFloat(float64(n)/(24*60), 'f', 1, 64) + " days"
	}
	return text.Count(n) + " min"
}

// attributions names the greatest value of each attribute.
func attributions(list *widget.Node) string {
	if list == nil {
		return ""
	}
	var b strings.Builder
	for _, a := range list.Children {
		values := at(a, "insight")
		if values == nil || len(values.Children) == 0 {
			continue
		}
		first := values.Children[0]
		value := scalar(first, "value")
		if value == "null" { // the word stands for "no error"
			value = "none"
		}
		b.WriteString("; " + scalar(a, "attribute") + " " + value)
		if average := scalar(first, "average"); average != "" {
			b.WriteString(" " + average)
		}
		if more := len(values.Children) - 1; more > 0 {
			b.WriteString(" (and " + text.Count(more) + " more)")
		}
	}
	return b.String()
}
