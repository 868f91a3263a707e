package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A cost is what a program took.
type cost struct {
	wall time.Duration
	cpu  time.Duration
	anon float64 // peak of anonymous memory, MB
}

// sampling is how often a program's memory is looked at.
const sampling = 10 * time.Millisecond

// measure runs a program, its standard output into out (nil: thrown away).
func measure(ctx context.Context, out *bytes.Buffer, program string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if out != nil {
		cmd.Stdout = out
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var c cost
	for {
		select {
		case err := <-ended:
			c.wall = time.Since(began)
			c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			if err != nil {
				err = fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, complaints.String())
			}
			return c, err
		case <-time.After(sampling):
			c.anon = max(c.anon, anonymous(cmd.Process.Pid))
		}
	}
}

// anonymous is the anonymous memory of a process in MB; 0 where it is gone.
func anonymous(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "RssAnon:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.Atoi(fields[0])
	return float64(kb) / 1024
}

var nsPerOp = regexp.MustCompile(`BenchmarkYardstick\S*\s+1\s+(\d+) ns/op`)

// gunzip is what klauspost takes to gunzip the files of an archive on all cores.
func (b *bench) gunzip(ctx context.Context, archive string) (cost, error) {
	cmd := exec.CommandContext(ctx, b.yardstick, "-test.run=^$", "-test.bench=^BenchmarkYardstick$", "-test.benchtime=1x")
	cmd.Env = append(os.Environ(), "TRAILSIFT_BENCH_ARCHIVE="+archive)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return cost{}, fmt.Errorf("yardstick: %w: %s", err, out)
	}
	m := nsPerOp.FindSubmatch(out)
	if m == nil {
		return cost{}, fmt.Errorf("yardstick: no figure in %q", out)
	}
	ns, err := strconv.ParseInt(string(m[1]), 10, 64)
	return cost{wall: time.Duration(ns), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, err
}

// A race is what runs took beside gunzip of the same files.
type race struct{ gunzip, us []cost }

// add adds a run and tells it.
func (r *race) add(what string, gunzip, us cost) {
	r.gunzip, r.us = append(r.gunzip, gunzip), append(r.us, us)
	tell("%s: gunzip %.2f s (CPU %.2f s), we %.2f s (CPU %.2f s), anonymous memory %.0f MB", what,
		gunzip.wall.Seconds(), gunzip.cpu.Seconds(), us.wall.Seconds(), us.cpu.Seconds(), us.anon)
}

// ratios are those of the runs: by the clock, and by processor time, which other work on the machine hardly changes.
func (r *race) ratios() (wall, cpu []float64) {
	for i, g := range r.gunzip {
		wall = append(wall, g.wall.Seconds()/r.us[i].wall.Seconds())
		cpu = append(cpu, g.cpu.Seconds()/r.us[i].cpu.Seconds())
	}
	return wall, cpu
}

// inWords writes the median of the ratios and between what they lie, and the median times.
func (r *race) inWords() string {
	wall, cpu := r.ratios()
	return fmt.Sprintf("%.2f of gunzip (%.2f to %.2f; by processor time %.2f): %.2f s beside %.2f s, %.0f MB", median(wall),
		slices.Min(wall), slices.Max(wall), median(cpu), r.wall().Seconds(), r.yardstick().Seconds(), r.anon())
}

func (r *race) wall() time.Duration { return median(walls(r.us)) }

func (r *race) yardstick() time.Duration { return median(walls(r.gunzip)) }

func walls(all []cost) []time.Duration {
	out := make([]time.Duration, len(all))
	for i, c := range all {
		out[i] = c.wall
	}
	return out
}

// anon is the peak of anonymous memory in all runs.
func (r *race) anon() (peak float64) {
	for _, c := range r.us {
		peak = max(peak, c.anon)
	}
	return peak
}

// percentile is the value that p of a hundred are not above.
func percentile[T int | float64 | time.Duration](values []T, p int) T {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	return v[min((len(v)*p+99)/100, len(v))-1]
}

func median[T int | float64 | time.Duration](values []T) T { return percentile(values, 50) }

// ms writes a time in milliseconds, exact where it is short.
func ms(d time.Duration) string {
	switch f := float64(d) / float64(time.Millisecond); {
	case f < 9.95:
		return fmt.Sprintf("%.1f ms", f)
	default:
		return fmt.Sprintf("%.0f ms", f)
	}
}
