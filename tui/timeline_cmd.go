package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// chartMsg brings the bars of the Timeline.
type chartMsg struct {
	ask      int
	chart    index.Timeline
	rows     []splitRow
	distinct int
	err      error
}

// rangeMsg brings who and what is in a range of time.
type rangeMsg struct {
	rangeSummary
	err error
}

// barRestMsg: the cursor of the Timeline has not moved for a moment.
type barRestMsg struct{ rest int }

// chartCmd counts the bars, and those of the most frequent values where they are split.
func chartCmd(ctx context.Context, r *index.Result, number int, ask chartAsk) tea.Cmd {
	return func() tea.Msg {
		msg := chartMsg{ask: number}
		msg.chart, msg.err = wholeBars(ctx, r, ask)
		if field := splitFields[ask.split]; msg.err == nil && field != "" && len(msg.chart.Buckets) > 0 {
			msg.rows, msg.distinct, msg.err = splitBars(ctx, r, &msg.chart, field, ask.rows)
		}
		return msg
	}
}

// wholeBars counts in bars that lie wholly in the time of the chart: a bar that is cut would be chosen with more events
// than it shows.
func wholeBars(ctx context.Context, r *index.Result, ask chartAsk) (index.Timeline, error) {
	t, err := r.Timeline(ctx, index.TimelineOptions{From: ask.from, To: ask.to, Bars: ask.bars})
	if err != nil || len(t.Buckets) == 0 {
		return t, err
	}
	from, to := t.Buckets[0].Start, t.Buckets[len(t.Buckets)-1].Start.Add(t.Bucket)
	if from.Equal(t.From) && to.Equal(t.To) {
		return t, nil
	}
	return r.Timeline(ctx, index.TimelineOptions{From: from, To: to, Bucket: t.Bucket})
}

// splitBars counts the bars of the most frequent values of a field, and those of all other events.
func splitBars(ctx context.Context, r *index.Result, t *index.Timeline, field string, limit int) ([]splitRow, int, error) {
	seen, err := r.Within(ctx, query.All{}, t.From, t.To)
	if err != nil {
		return nil, 0, err
	}
	f, err := seen.Facet(ctx, field, limit)
	if err != nil {
		return nil, 0, err
	}
	values := f.Values
	others := f.Distinct > len(values) || f.Missing > 0
	if others && len(values) == limit && limit > 1 {
		values = values[:limit-1]
	}
	rest := splitRow{rest: true, bars: append([]index.Bucket(nil), t.Buckets...)}
	rows := make([]splitRow, 0, limit)
	for _, v := range values {
		row, err := valueBars(ctx, seen, t, field, v)
		if err != nil {
			return nil, 0, err
		}
		for i, b := range row.bars {
			rest.bars[i].Events -= b.Events
			rest.bars[i].Errors -= b.Errors
		}
		rows = append(rows, row)
	}
	for _, b := range rest.bars {
		rest.events, rest.errors = rest.events+b.Events, rest.errors+b.Errors
	}
	if !f.Multi && rest.events > 0 && limit > 1 {
		rows = append(rows, rest)
	}
	return rows, f.Distinct, nil
}

func valueBars(ctx context.Context, seen *index.Result, t *index.Timeline, field string, v index.ValueCount) (splitRow, error) {
	row := splitRow{value: v.Value, events: v.Count}
	one, err := seen.Within(ctx, match(query.Key{Field: field}, v.Value), time.Time{}, time.Time{})
	if err != nil {
		return row, err
	}
	bars, err := one.Timeline(ctx, index.TimelineOptions{From: t.From, To: t.To, Bucket: t.Bucket})
	row.bars = bars.Buckets
	for _, b := range row.bars {
		row.errors += b.Errors
	}
	return row, err
}

// How many values of a range are read.
const (
	rangeEvents = 24
	rangeWho    = 8
)

// rangeCmd counts who and what is in a range of time.
func rangeCmd(ctx context.Context, r *index.Result, gen int, from, to time.Time) tea.Cmd {
	return func() tea.Msg {
		msg := rangeMsg{rangeSummary: rangeSummary{gen: gen, from: from, to: to, has: true}}
		in, err := r.Within(ctx, query.All{}, from, to)
		for _, f := range []struct {
			field string
			limit int
			into  *index.Facet
		}{{"user", rangeWho, &msg.who}, {"event", rangeEvents, &msg.events}, {"error", rangeWho, &msg.errors}} {
			if err == nil {
				*f.into, err = in.Facet(ctx, f.field, f.limit)
			}
		}
		msg.err = err
		return msg
	}
}
