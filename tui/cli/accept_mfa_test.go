//go:build unix

package cli_test

import (
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// The code of an MFA device is asked for on the terminal before the screen is taken over, and not shown.
func TestMFAOnATerminal(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for a screen as a person would")
	}
	a := sourcetest.NewAWS(t)
	trailBucket(a, "trail-logs")
	h := newHome(t).with("AWS_ENDPOINT_URL="+a.URL, "AWS_REGION=us-east-1")
	h.env["AWS_CONFIG_FILE"] = h.file(t, "config", mfaConfig)
	p := h.screen(t, 100, 30, bucketPlace, "--profile", "audit")
	p.wait("MFA code of arn:aws:iam::111122223333:mfa/bob:")
	if p.tookScreen() || len(a.Requests()) > 0 {
		t.Error("the screen was taken or AWS asked before the code was given")
	}
	p.keys("123456", enter)
	p.wait("ListBuckets")
	p.quit()
	if strings.Contains(string(p.bytes()), "123456") {
		t.Error("the code was shown")
	}
	if got := a.Assumed(); len(got) != 1 || got[0].Code != "123456" {
		t.Errorf("%+v", got)
	}

	// What is held opens without a code.
	p = h.screen(t, 100, 30, bucketPlace, "--profile", "audit")
	p.wait("MFA code of")
	p.keys(enter)
	p.wait("ListBuckets")
	p.quit()

	// An interrupt ends it.
	p = h.screen(t, 100, 30, "sync", bucketPlace, "--profile", "audit")
	p.wait("MFA code of")
	p.keys(ctrlC)
	if code := p.exit(); code != 130 {
		t.Errorf("exit code %d after an interrupt", code)
	}
}
