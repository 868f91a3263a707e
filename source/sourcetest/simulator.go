package sourcetest

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// simulatorFolder is the AWS simulator beside the module, seen from a package two folders deep.
const simulatorFolder = "../../../shared/aws-sim"

// SimulatorCommand is a script of the AWS simulator beside the module, to be run in its folder. Without simulator or
// python the test is skipped. The calling package must lie two folders below the module's root.
func SimulatorCommand(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(simulatorFolder, script))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("no AWS simulator beside the module")
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-B", path}, args...)...)
	cmd.Dir = filepath.Dir(path)
	return cmd
}

// Simulator starts the AWS simulator on a port of its own, with a scenario and more options, for as long as the test
// runs, or skips the test. It gives the AWS_ variables of the environment to reach it with.
func Simulator(t *testing.T, scenario string, more ...string) map[string]string {
	t.Helper()
	cmd := SimulatorCommand(t, "serve.py", append([]string{scenario, "--port", "0", "--lookup-tps", "0"}, more...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
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
	env := map[string]string{}
	for said := bufio.NewScanner(out); said.Scan(); {
		for word := range strings.FieldsSeq(said.Text()) {
			if name, value, _ := strings.Cut(word, "="); strings.HasPrefix(name, "AWS_") {
				env[name] = value
			}
		}
		if said.Text() == "# ready" {
			return env
		}
	}
	t.Skipf("the simulator does not come up: %s", stderr.String())
	return nil
}

// Get is what an address answers, as stored; any other answer than 200 fails the test.
func Get(t *testing.T, address string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, resp.Status, err)
	}
	return body
}
