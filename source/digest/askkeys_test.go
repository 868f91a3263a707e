package digest_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/digest"
)

// keyAsker answers for one Region and notes what it is asked.
type keyAsker struct {
	region string
	signer *rsa.PrivateKey
	err    error
	asked  []string
}

func (k *keyAsker) ask(_ context.Context, region string, from, to time.Time) ([]*digest.Key, error) {
	k.asked = append(k.asked, region+" "+stamp(from)+" "+stamp(to))
	if k.err != nil || region != k.region {
		return nil, k.err
	}
	return keySet(k.signer).All(), nil
}

func TestKeysAreAskedForInTheRegionOfTheDigest(t *testing.T) {
	a := newArchive()
	a.region = "eu-west-1" // the trail's home is us-east-1
	a.seal()
	k := &keyAsker{region: "eu-west-1", signer: signers()[0]}
	r := verify(t, a.online(), digest.Options{Ask: k.ask, To: a.to})
	want := []string{"eu-west-1 2026-03-10T00:17:28Z 2026-03-10T08:17:28Z"}
	if r.ExitCode() != digest.ExitProven || !slices.Equal(k.asked, want) {
		t.Errorf("exit %d, asked %q, want %q", r.ExitCode(), k.asked, want)
	}
	if len(r.Keys) != 1 || r.Keys[0].Origin != "test" {
		t.Errorf("keys %+v", r.Keys)
	}
	k.asked = nil
	verify(t, a.online(), digest.Options{Keys: a.keys, Ask: k.ask, To: a.to})
	if len(k.asked) > 0 {
		t.Errorf("asked for keys that were given: %q", k.asked)
	}
}

func TestNoKeysAreAskedForTwice(t *testing.T) {
	a := newArchive()
	a.seal()
	k := &keyAsker{region: "us-east-1", signer: signers()[1]} // not the one
	r := verify(t, a.online(), digest.Options{Ask: k.ask, To: a.to})
	if len(k.asked) != 1 || r.Digests.Unverified != hours || r.ExitCode() != digest.ExitUnestablished {
		t.Errorf("asked %q, %+v, exit %d", k.asked, r.Digests, r.ExitCode())
	}
}

func TestBackfillKeysAreOfTheTimeItWasMade(t *testing.T) {
	a := newArchive()
	d := a.add("audit", base, -1)
	d.backfill, d.starting, d.signer = true, true, signers()[2]
	a.seal()
	k := &keyAsker{region: "us-east-1", signer: signers()[2]}
	r := verify(t, a.online(), digest.Options{Keys: a.keys, Ask: func(ctx context.Context, region string, from, to time.Time) ([]*digest.Key, error) {
		keys, err := k.ask(ctx, region, from, to)
		if from.Month() != time.May {
			keys = nil
		}
		return keys, err
	}, To: a.to})
	if r.ExitCode() != digest.ExitProven || len(k.asked) != 2 || k.asked[1] != "us-east-1 2026-05-01T11:00:00Z 2026-05-01T13:00:00Z" {
		t.Errorf("exit %d, asked %q", r.ExitCode(), k.asked)
	}
}

func TestRefusedKeysAreSaid(t *testing.T) {
	a := newArchive()
	a.seal()
	k := &keyAsker{err: &source.Error{Thing: "public keys of us-east-1", Reason: "access denied: cloudtrail:ListPublicKeys", Hint: "allow it"}}
	r := verify(t, a.online(), digest.Options{Ask: k.ask, To: a.to})
	if len(r.Problems) != 1 || r.Problems[0].Hint != "allow it" || r.ExitCode() != digest.ExitUnreadable || r.Digests.Unverified != hours {
		t.Errorf("problems %+v, exit %d, %+v", r.Problems, r.ExitCode(), r.Digests)
	}
	var out, errs strings.Builder
	exit, err := digest.WriteAWS(&out, &errs, r, digest.AWSRun{}, nil)
	if err != nil || exit != digest.ExitUnreadable || !strings.Contains(errs.String(), "access denied") || strings.Contains(out.String(), "Results") {
		t.Errorf("exit %d %v\n%s%s", exit, err, out.String(), errs.String())
	}
	k.err = nil
	out.Reset()
	errs.Reset()
	r = verify(t, a.online(), digest.Options{Ask: k.ask, To: a.to})
	if exit, _ = digest.WriteAWS(&out, &errs, r, digest.AWSRun{}, nil); exit != digest.ExitUnreadable || !strings.HasPrefix(errs.String(), "No public keys found between ") {
		t.Errorf("no keys: exit %d\n%s", exit, errs.String())
	}
}

func TestAnEndedRunAsksNoMore(t *testing.T) {
	a := newArchive()
	a.seal()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := digest.Verify(ctx, a.online(), digest.Options{To: a.to, Ask: func(ctx context.Context, _ string, _, _ time.Time) ([]*digest.Key, error) {
		cancel()
		return nil, ctx.Err()
	}})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestKindsLimitWhatIsReported(t *testing.T) {
	a := newArchive()
	a.seal()
	r := verify(t, a.online(), digest.Options{Keys: a.keys, To: a.to, Kinds: []source.LogKind{source.KindInsight}})
	if n := r.LogFiles.Valid; n != 0 || r.Digests.Valid != hours || len(r.Items) != hours {
		t.Errorf("%d log files, %+v", n, r.Digests)
	}
}
