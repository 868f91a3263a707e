package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
)

// A size is what one archive took and gave.
type size struct {
	stats      index.Stats
	gz         int64
	in         race
	first, hot []answer
	unique     time.Duration
	exploring  float64
}

// scale measures archives of several sizes alike, smallest first, and prints how things grow.
func (b *bench) scale(ctx context.Context, archives []string) error {
	var all []size
	for i, archive := range archives {
		tell("%s", archive)
		b.archive, b.store = archive, filepath.Join(b.work, fmt.Sprintf("scale%d.db", i))
		s, err := b.sizeOf(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		all = append(all, s)
	}
	printScale(all)
	fmt.Println("\n```")
	chart("Bringing in, µs an event (level: linear)", all, func(s *size) float64 {
		return s.in.wall().Seconds() * 1e6 / float64(s.stats.Events)
	})
	chart("Whole answer, p95, ms (level: does not grow)", all, func(s *size) float64 {
		_, whole := times(s.hot, "")
		return float64(percentile(whole, 95)) / float64(time.Millisecond)
	})
	chart("Whole answer, p95, ns an event (level: linear)", all, func(s *size) float64 {
		_, whole := times(s.hot, "")
		return float64(percentile(whole, 95)) / float64(s.stats.Events)
	})
	fmt.Println("```")
	return nil
}

// chart draws a bar for each size.
func chart(title string, all []size, of func(s *size) float64) {
	const width = 40
	top := 0.0
	for i := range all {
		top = max(top, of(&all[i]))
	}
	fmt.Println(title)
	for i := range all {
		v := of(&all[i])
		fmt.Printf("%6.1f M  %-*s %.1f\n", float64(all[i].stats.Events)/1e6, width, strings.Repeat("#", int(v/top*width+0.5)), v)
	}
}

func (b *bench) sizeOf(ctx context.Context) (s size, err error) {
	archive, err := b.plain()
	if err != nil {
		return s, err
	}
	if s.in, err = b.bringIn(ctx, archive, b.store); err != nil {
		return s, err
	}
	if s.stats, err = stats(b.store); err != nil {
		return s, err
	}
	if s.gz, err = compressed(archive); err != nil {
		return s, err
	}
	mix, err := b.mixOf(ctx)
	if err != nil {
		return s, err
	}
	if s.first, err = askFirst(ctx, b.store, mix, 3, false); err != nil {
		return s, err
	}
	if s.hot, err = askHot(ctx, b.store, mix); err != nil {
		return s, err
	}
	ids, err := b.ids(ctx)
	if err != nil {
		return s, err
	}
	var took []time.Duration
	for _, id := range ids["request id"] {
		c, _, err := b.count(ctx, id)
		if err != nil {
			return s, err
		}
		took, s.exploring = append(took, c.wall), max(s.exploring, c.anon)
	}
	s.unique = median(took)
	return s, nil
}

// printScale prints a line for each thing, a column for each size.
func printScale(all []size) {
	line := func(what string, of func(s *size) string) {
		cells := []string{what}
		for i := range all {
			cells = append(cells, of(&all[i]))
		}
		fmt.Println("| " + strings.Join(cells, " | ") + " |")
	}
	events := func(s *size) float64 { return float64(s.stats.Events) }
	line("Events", func(s *size) string { return fmt.Sprint(s.stats.Events) })
	fmt.Println("|---" + strings.Repeat("|---:", len(all)) + "|")
	line("Log files", func(s *size) string { return fmt.Sprint(s.stats.Files[index.StateHeld]) })
	line("gzip, MB", func(s *size) string { return fmt.Sprintf("%.1f", float64(s.gz)/1e6) })
	line("Gunzip alone, s", func(s *size) string { return fmt.Sprintf("%.2f", s.in.yardstick().Seconds()) })
	line("Bringing in, s", func(s *size) string { return fmt.Sprintf("%.2f", s.in.wall().Seconds()) })
	line("… events a second", func(s *size) string { return fmt.Sprintf("%.0f", events(s)/s.in.wall().Seconds()) })
	line("… of gunzip; by processor time", func(s *size) string {
		wall, cpu := s.in.ratios()
		return fmt.Sprintf("%.2f; %.2f", median(wall), median(cpu))
	})
	line("… CPU an event, µs", func(s *size) string { return fmt.Sprintf("%.2f", s.in.us[0].cpu.Seconds()*1e6/events(s)) })
	line("… anonymous memory, MB", func(s *size) string { return fmt.Sprintf("%.0f", s.in.anon()) })
	line("Segments", func(s *size) string { return fmt.Sprint(s.stats.Segments) })
	line("Index, B an event", func(s *size) string { return fmt.Sprintf("%.1f", float64(s.stats.IndexBytes)/events(s)) })
	line("Index beside gzip", func(s *size) string { return fmt.Sprintf("%.2f", float64(s.stats.IndexBytes)/float64(s.gz)) })
	line("File, MB", func(s *size) string { return fmt.Sprintf("%.1f", float64(s.stats.FileBytes)/1e6) })
	line("File beside what lives in it", func(s *size) string {
		return fmt.Sprintf("%.2f", float64(s.stats.FileBytes)/float64(s.stats.IndexBytes+s.stats.KeptBytes))
	})
	percentiles := func(of func(s *size) []answer, whole bool, p int) func(s *size) string {
		return func(s *size) string {
			r, w := times(of(s), "")
			if whole {
				r = w
			}
			return fmt.Sprintf("%.1f", float64(percentile(r, p))/float64(time.Millisecond))
		}
	}
	hot, first := func(s *size) []answer { return s.hot }, func(s *size) []answer { return s.first }
	line("First page, p50, ms", percentiles(hot, false, 50))
	line("First page, p95, ms", percentiles(hot, false, 95))
	line("Whole answer, p50, ms", percentiles(hot, true, 50))
	line("Whole answer, p95, ms", percentiles(hot, true, 95))
	line("First question of an index just opened: page, p95, ms", percentiles(first, false, 95))
	line("… whole answer, p95, ms", percentiles(first, true, 95))
	line("A request id seen once, a command of its own, ms", func(s *size) string { return fmt.Sprintf("%.0f", float64(s.unique)/1e6) })
	line("… anonymous memory, MB", func(s *size) string { return fmt.Sprintf("%.0f", s.exploring) })
}
