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

// gunzip is how long klauspost takes to gunzip the files of an archive on all cores.
func (b *bench) gunzip(ctx context.Context, archive string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, b.yardstick, "-test.run=^$", "-test.bench=^BenchmarkYardstick$", "-test.benchtime=1x")
	cmd.Env = append(os.Environ(), "TRAILSIFT_BENCH_ARCHIVE="+archive)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("yardstick: %w: %s", err, out)
	}
	m := nsPerOp.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("yardstick: no figure in %q", out)
	}
	ns, err := strconv.ParseInt(string(m[1]), 10, 64)
	return time.Duration(ns), err
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

// spread writes the median of ratios and between what they lie.
func spread(ratios []float64) string {
	return fmt.Sprintf("%.2f (%.2f to %.2f)", median(ratios), slices.Min(ratios), slices.Max(ratios))
}

// ms writes a time in milliseconds, exact where it is short.
func ms(d time.Duration) string {
	switch f := float64(d) / float64(time.Millisecond); {
	case f < 9.95:
		return fmt.Sprintf("%.1f ms", f)
	default:
		return fmt.Sprintf("%.0f ms", f)
	}
}
