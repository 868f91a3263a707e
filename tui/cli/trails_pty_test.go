//go:build unix

package cli_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// On a terminal trail: lets a trail be chosen, and Sources shows the trails with what is wrong; nothing is asked before.
func TestATrailIsChosenOnTheScreen(t *testing.T) {
	t.Parallel()
	a := sourcetest.NewAWS(t)
	now := time.Now()
	plantTrail(a, "main", "us-east-1", "logs", 1, now)
	stopped := sourcetest.NewTrail("old-trail", "eu-west-1", "elsewhere", now)
	stopped.Status["IsLogging"] = false
	a.AddTrail(stopped)
	h := newHome(t).with("AWS_ENDPOINT_URL="+a.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=secret")
	p := h.screen(t, 80, 24, "trail:")
	p.wait(`> main`)
	p.wait(`old-trail +eu-west-1 +! does not log`)
	p.keys(enter)
	p.wait(`2 events|2 ev`)
	p.keys("5")
	p.wait(`PLACES +trail:main`)
	p.keys("t")
	p.wait(`! old-trail +eu-west-1 +stopped`)
	p.keys("j")
	p.wait(`HIGH +does not log`)
	p.esc()
	p.wait(`LOG FILE`)
	p.quit()
	audit(t, p.bytes())

	q := h.screen(t, 80, 24, "trail:")
	q.wait(`> main`)
	q.keys("q")
	if code := q.exit(); code != 0 {
		t.Errorf("leaving the choice: exit code %d", code)
	}
}

// The start page asks nothing of AWS; a profile is Event history or a trail.
func TestAProfileIsOpenedAtATrail(t *testing.T) {
	t.Parallel()
	a := sourcetest.NewAWS(t)
	plantTrail(a, "main", "us-east-1", "logs", 1, time.Now())
	h := newHome(t)
	h.file(t, filepath.Join("aws-config"), "[profile audit]\nregion = us-east-1\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\nendpoint_url = "+a.URL+"\n")
	p := h.screen(t, 80, 24)
	p.wait(`AN AWS PROFILE`)
	p.keys("G")
	p.wait(`> audit`)
	p.keys(enter)
	p.wait(`> Event history`)
	if n := len(a.Requests()); n > 0 {
		t.Errorf("%d requests before anything was chosen", n)
	}
	p.keys("j", enter)
	p.wait(`> main`)
	p.keys(enter)
	p.wait(`2 events|2 ev`)
	p.quit()
}
