package disk_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
)

// openFile opens one file of a folder.
func openFile(t *testing.T, root, key string) io.ReadCloser {
	t.Helper()
	obj, err := folder(t, root).Open(t.Context(), source.File{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = obj.Body.Close() })
	return obj.Body
}

// A file that grows with every read ends where it ended when it was opened.
func TestFileThatGrowsWhileItIsRead(t *testing.T) {
	root := write(t, map[string][]byte{"a.json": bytes.Repeat([]byte("x"), 1000)})
	body := openFile(t, root, "a.json")
	grow, err := os.OpenFile(filepath.Join(root, "a.json"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer grow.Close()
	read := 0
	for buf := make([]byte, 100); ; {
		n, err := body.Read(buf)
		read += n
		if err != nil {
			if !errors.Is(err, io.EOF) || read != 1000 {
				t.Errorf("%d bytes, %v", read, err)
			}
			return
		}
		if read > 2000 {
			t.Fatal("does not end")
		}
		if _, err := grow.Write(buf); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFileThatIsCutOffWhileItIsRead(t *testing.T) {
	root := write(t, map[string][]byte{"a.json": bytes.Repeat([]byte("x"), 1000)})
	body := openFile(t, root, "a.json")
	if _, err := io.ReadFull(body, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(root, "a.json"), 300); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(body); err != nil || len(rest) != 200 {
		t.Errorf("%d bytes, %v", len(rest), err)
	}
}

// What takes a file's name between listing and opening is not waited for, and not followed out of what was opened.
func TestFileThatIsReplaced(t *testing.T) {
	root := write(t, map[string][]byte{"a.json": []byte("old"), "new": []byte("new file")})
	path := filepath.Join(root, "a.json")
	body := openFile(t, root, "a.json")
	if err := os.Rename(filepath.Join(root, "new"), path); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(body); err != nil || string(got) != "old" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := io.ReadAll(openFile(t, root, "a.json")); err != nil || string(got) != "new file" {
		t.Errorf("opened again: %q, %v", got, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if makeFIFO(path) != nil {
		t.Skip("no pipes here")
	}
	if _, err := folder(t, root).Open(t.Context(), source.File{Key: "a.json"}); err == nil || !strings.Contains(err.Error(), "a pipe") {
		t.Errorf("a pipe in its place: %v", err)
	}
}

// A file of terabytes that has some bytes on the disk is read as far as its first hole.
func TestSparseFile(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("holes are not told here")
	}
	const front = 1 << 20
	root := write(t, map[string][]byte{"a.json": bytes.Repeat([]byte("x"), front), "b.json": bytes.Repeat([]byte("x"), front)})
	if err := os.Truncate(filepath.Join(root, "a.json"), 1<<40); err != nil {
		t.Skip("no sparse files here: " + err.Error())
	}
	info, err := os.Stat(filepath.Join(root, "a.json"))
	if err != nil || info.Size() != 1<<40 {
		t.Skip("no sparse files here")
	}
	body := openFile(t, root, "a.json")
	n, err := io.Copy(io.Discard, io.LimitReader(body, 1<<30))
	damage, ok := errors.AsType[source.Damage](err)
	if n != front || !ok || !strings.HasPrefix(string(damage), "a hole in the file") {
		t.Errorf("%d bytes, %v", n, err)
	}
	if size, err := body.(interface{ Size() (int64, error) }).Size(); err != nil || size != front {
		t.Errorf("size %d, %v", size, err)
	}
	if n, err := body.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("behind the damage: %d bytes, %v", n, err)
	}
	if n, err := io.Copy(io.Discard, openFile(t, root, "b.json")); n != front || err != nil {
		t.Errorf("a file without holes: %d bytes, %v", n, err)
	}
}

// Names are bytes: what is no UTF-8 is listed and opened as any other.
func TestNamesThatAreNotUTF8(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"\xff\xfe.json", "\x1b[31m\n.json", strings.Repeat("n", 255)} {
		if err := os.WriteFile(filepath.Join(root, name), []byte("x"), 0o600); err != nil {
			t.Skip("such names are not possible here: " + err.Error())
		}
		if got, err := io.ReadAll(openFile(t, root, name)); err != nil || string(got) != "x" {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	if keys, errs := listing(t, folder(t, root)); len(keys) != 3 || len(errs) > 0 {
		t.Errorf("listed %q, %q", keys, errs)
	}
}
