package digest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/digest"
)

// differs are the cases in which validate-logs says something else, and what that is about; docs/integrity.md lists them.
var differs = map[string]string{
	"metadata changed":               "the next digest carries the good signature",
	"metadata lost":                  "the next digest carries the good signature",
	"backfill timestamp lost":        "it is not signed, and nothing depends on it but which keys are asked for",
	"unknown algorithm":              "it does not look at what algorithm a digest names",
	"fork":                           "it does not look at what the next digest recorded",
	"log with a second member":       "it passes before 1.45.12",
	"log with junk":                  "it passes before 1.45.12",
	"checksum wrong":                 "the content is as delivered",
	"log stored uncompressed":        "the content is as delivered",
	"conflict":                       "it looks at each listing by itself",
	"passed over":                    "it goes by links alone: digest and log files are not mentioned",
	"digest renamed and log deleted": "it does not look at names that are no digest of this trail",
	"another trail's name begins with this one's": "it takes the other trail's digests for this one's",
}

// TestOracleOnGeneratedCases runs validate-logs over every case of the generator and compares line by line. It takes a
// minute: TRAILSIFT_ORACLE names the aws command to run.
func TestOracleOnGeneratedCases(t *testing.T) {
	aws := os.Getenv("TRAILSIFT_ORACLE")
	if aws == "" {
		t.Skip("TRAILSIFT_ORACLE is not set")
	}
	folder := t.TempDir()
	archives := map[string]*archive{}
	args := []string{}
	cases := slices.Concat(digestTampers(), logTampers(), rangeTampers(), untouched())
	for i, c := range cases {
		a := newArchive()
		a.bucket = fmt.Sprintf("ct-case-%d", i)
		if c.plan != nil {
			c.plan(a)
		}
		a.seal()
		if c.damage != nil {
			c.damage(a)
		}
		archives[c.name] = a
		dir := filepath.Join(folder, a.bucket)
		a.write(t, dir)
		args = append(args, "--case-dir", dir)
	}
	endpoint, keys := serve(t, args...)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := archives[c.name]
			want := a.oracle(t, aws, endpoint, keys[a.bucket])
			got := a.ours(t)
			if want == got {
				if why, listed := differs[c.name]; listed {
					t.Errorf("validate-logs says the same, though listed: %s", why)
				}
				return
			}
			if _, listed := differs[c.name]; !listed {
				t.Errorf("(-validate-logs +ours):\n%s", cmp.Diff(want, got))
			}
		})
	}
}

// write writes the archive as the simulator reads its cases.
func (a *archive) write(t *testing.T, dir string) {
	t.Helper()
	type object struct {
		Metadata        map[string]string
		ContentType     string
		ContentEncoding string
		LastModified    string
	}
	objects := map[string]object{}
	for key, o := range a.objects {
		meta := map[string]string{}
		for name, value := range o.meta {
			meta[strings.TrimPrefix(name, source.MetaPrefix)] = value
		}
		objects[key] = object{meta, "application/json", "gzip", stamp(a.to)}
		path := filepath.Join(dir, "s3", a.bucket, filepath.FromSlash(key))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, o.body, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	faults := []map[string]any{}
	for key := range a.fail {
		faults = append(faults, map[string]any{"bucket": a.bucket, "key": key, "status": 403, "code": "AccessDenied", "message": "Access Denied"})
	}
	keys := []map[string]any{}
	for _, k := range a.keys.All() {
		keys = append(keys, map[string]any{
			"seed": "x", "region": a.region, "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2026-12-31T00:00:00Z", "listed": true,
			"value_override": base64.StdEncoding.EncodeToString(k.DER), "fingerprint_override": k.Fingerprint, "bits": 2048,
		})
	}
	text, err := json.Marshal(map[string]any{
		"name": a.bucket, "description": "", "tampering": "", "account": a.account, "org_id": "", "accounts": []string{a.account},
		"home": a.region, "regions": []string{a.region}, "seed": "1", "bucket_region": map[string]string{}, "trails": []any{},
		"organization": nil, "keys": keys, "faults": faults, "runs": []any{}, "truth": map[string]any{}, "findings": []any{},
		"objects": map[string]any{a.bucket: objects},
	})
	if err := errors.Join(err, os.WriteFile(filepath.Join(dir, "case.json"), text, 0o600)); err != nil {
		t.Fatal(err)
	}
}

func (a *archive) oracle(t *testing.T, aws, endpoint, accessKey string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), aws, "cloudtrail", "validate-logs", "--region", a.region, "--trail-arn", a.arn(),
		"--start-time", stamp(base), "--end-time", stamp(a.to), "--s3-bucket", a.bucket, "--s3-prefix", a.digests[hours-1].prefix, "--verbose")
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+endpoint, "AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY=x", "AWS_PAGER=",
		"AWS_CONFIG_FILE="+filepath.Join(t.TempDir(), "none"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(t.TempDir(), "none"))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Skip(err)
	}
	code := cmd.ProcessState.ExitCode()
	if code == 255 {
		return fmt.Sprintf("exit %d\n%s", digest.ExitUnreadable, out.String()) // why is said in other words
	}
	return fmt.Sprintf("exit %d\n%s--\n%s", code, strings.TrimRight(out.String(), "\n"), strings.TrimRight(errs.String(), "\n"))
}

func (a *archive) arn() string { return "arn:aws:cloudtrail:us-east-1:" + a.account + ":trail/audit" }

func (a *archive) ours(t *testing.T) string {
	t.Helper()
	r := verify(t, a.online(), digest.Options{Keys: a.keys, From: base, To: a.to})
	var out, errs bytes.Buffer
	code, err := digest.WriteAWS(&out, &errs, r, digest.AWSRun{TrailARN: a.arn(), Region: a.region}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if code == digest.ExitUnreadable {
		return fmt.Sprintf("exit %d\n%s", code, out.String())
	}
	return fmt.Sprintf("exit %d\n%s--\n%s", code, strings.TrimRight(out.String(), "\n"), strings.TrimRight(errs.String(), "\n"))
}
