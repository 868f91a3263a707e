package digest_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/trailsift/trailsift/source/digest"
	"github.com/trailsift/trailsift/source/s3"
)

// serve starts the simulator with cases, and gives its address and the access key of each case.
func serve(t *testing.T, cases ...string) (endpoint string, keys map[string]string) {
	t.Helper()
	script, err := filepath.Abs("../../../shared/aws-sim/serve.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "python3", append([]string{"-B", script, "--port", "0"}, cases...)...)
	cmd.Dir = filepath.Dir(script)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("the simulator does not start: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "# ready"; {
		for word := range strings.FieldsSeq(lines.Text()) {
			if url, ok := strings.CutPrefix(word, "AWS_ENDPOINT_URL="); ok {
				endpoint = url
			}
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint+"/_sim/access-keys", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Skipf("the simulator does not come up: %v", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if err := json.NewDecoder(answer.Body).Decode(&keys); err != nil {
		t.Fatal(err)
	}
	return endpoint, keys
}

func TestSimulatedS3ReachesTheIdeal(t *testing.T) {
	if testing.Short() {
		t.Skip("the simulator takes seconds to start")
	}
	cases := simulatedCases(t)
	endpoint, keys := serve(t, "--all")
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			client := s3.Client(sdk.Config{
				Region: "us-east-1", BaseEndpoint: &endpoint,
				Credentials: credentials.NewStaticCredentialsProvider(keys[c.Name], "test", ""),
			})
			from, to := c.span()
			for bucket := range c.Objects {
				src := s3.New(client, bucket, "", s3.Options{From: from, To: to})
				c.check(t, verify(t, src, digest.Options{Keys: c.keys(t), From: from, To: to}), "", nil)
			}
		})
	}
}
