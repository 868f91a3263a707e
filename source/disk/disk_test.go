package disk_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/disk"
	"github.com/trailsift/trailsift/source/sourcetest"
)

func TestFolderConforms(t *testing.T) {
	sourcetest.Conformance(t, func(t *testing.T, files map[string][]byte) source.Source {
		t.Helper()
		return folder(t, write(t, files))
	})
}

func TestFileConforms(t *testing.T) {
	sourcetest.Check(t, func(t *testing.T) (source.Source, map[string][]byte) {
		t.Helper()
		root := write(t, map[string][]byte{"a.json.gz": sourcetest.Log(1), "b.json.gz": sourcetest.Log(2)})
		return folder(t, filepath.Join(root, "a.json.gz")), map[string][]byte{"a.json.gz": sourcetest.Log(1)}
	})
}

func write(t *testing.T, files map[string][]byte) (root string) {
	t.Helper()
	root = t.TempDir()
	for key, body := range files {
		path := filepath.Join(root, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func folder(t *testing.T, path string) *disk.Folder {
	t.Helper()
	d, err := disk.New(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

// listing gives keys in order, and errors by key; ignored ones begin with "ignored: ".
func listing(t *testing.T, d *disk.Folder) (keys []string, errs map[string]string) {
	t.Helper()
	errs = map[string]string{}
	for f, err := range d.List(t.Context()) {
		var e *source.Error
		switch {
		case err == nil:
			keys = append(keys, f.Key)
		case !errors.As(err, &e):
			t.Errorf("%q: %v is no *source.Error", f.Key, err)
		case errors.Is(err, source.ErrIgnored):
			errs[f.Key] = "ignored: " + e.Reason
		default:
			errs[f.Key] = e.Reason
		}
	}
	return keys, errs
}

func expect(t *testing.T, d *disk.Folder, want []string, wantErrs map[string]string) {
	t.Helper()
	keys, errs := listing(t, d)
	compare(t, keys, want, errs, wantErrs)
}

// expectSet is expect whatever the order.
func expectSet(t *testing.T, d *disk.Folder, want []string, wantErrs map[string]string) {
	t.Helper()
	keys, errs := listing(t, d)
	slices.Sort(keys)
	compare(t, keys, want, errs, wantErrs)
}

func compare(t *testing.T, keys, want []string, errs, wantErrs map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantErrs, errs, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestPlaceIsTheResolvedPath(t *testing.T) {
	root := write(t, map[string][]byte{"logs/a.json": []byte("{}")})
	link(t, filepath.Join(root, "logs"), filepath.Join(root, "link"))
	t.Chdir(root)
	direct := folder(t, filepath.Join(root, "logs")).Place()
	for _, spelling := range []string{"logs", "./logs/", "link", "../" + filepath.Base(root) + "/logs"} {
		p := folder(t, spelling).Place()
		if p.ID != direct.ID || p.Text != spelling || p.Remote {
			t.Errorf("place of %q = %+v, want identity %q", spelling, p, direct.ID)
		}
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	_, err := disk.New(filepath.Join(t.TempDir(), "gone"))
	var e *source.Error
	if !errors.As(err, &e) || e.Reason != "no such file or folder" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("New of nothing: %v", err)
	}
	if _, err := disk.New(os.DevNull); !errors.As(err, &e) || e.Reason != "is a device, neither a folder nor a file" {
		t.Errorf("New of a device: %v", err)
	}
}

func TestReopenGivesTheSameBytes(t *testing.T) {
	root := write(t, map[string][]byte{"x/a.json.gz": sourcetest.Log(1)})
	for place, key := range map[source.Place]string{
		folder(t, root).Place():                               "x/a.json.gz",
		folder(t, filepath.Join(root, "x/a.json.gz")).Place(): "a.json.gz",
	} {
		got, err := reopen(t.Context(), place, key)
		if err != nil || string(got) != string(sourcetest.Log(1)) {
			t.Errorf("Reopen(%q) = %d bytes, %v", key, len(got), err)
		}
	}
	place := folder(t, root).Place()
	for _, key := range []string{"x/gone", "x", ""} {
		if _, err := reopen(t.Context(), place, key); err == nil {
			t.Errorf("Reopen(%q) found something", key)
		}
	}
	if err := os.Remove(filepath.Join(root, "x/a.json.gz")); err != nil {
		t.Fatal(err)
	}
	if _, err := reopen(t.Context(), place, "x/a.json.gz"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Reopen of a removed file: %v", err)
	}
}

func TestKeysDoNotLeadOutOfTheFolder(t *testing.T) {
	root := write(t, map[string][]byte{"secret": []byte("s"), "logs/a": []byte("a")})
	place := folder(t, filepath.Join(root, "logs")).Place()
	for _, key := range []string{"../secret", "x/../../secret", filepath.ToSlash(filepath.Join(root, "secret")), "a\x00"} {
		if _, err := reopen(t.Context(), place, key); err == nil {
			t.Errorf("Reopen(%q) opened it", key)
		}
	}
}

func reopen(ctx context.Context, place source.Place, key string) ([]byte, error) {
	body, err := disk.Reopen(ctx, place, key)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

func TestSidecarsGiveMetadata(t *testing.T) {
	meta := map[string]string{"x-amz-meta-signature": "5a0b"}
	root := write(t, map[string][]byte{
		"d.json.gz":                          sourcetest.Log(1),
		"d.json.gz" + source.SidecarSuffix:   source.FormatSidecar(meta),
		"bad.json.gz":                        sourcetest.Log(2),
		"bad.json.gz" + source.SidecarSuffix: []byte("{"),
		"lone" + source.SidecarSuffix:        []byte("{}"),
	})
	d := folder(t, root)
	keys, errs := listing(t, d)
	if len(keys) != 3 || len(errs) != 0 {
		t.Errorf("listed %q, %q; want the two log files and the sidecar of nothing", keys, errs)
	}
	for key, want := range map[string]map[string]string{"d.json.gz": meta, "bad.json.gz": nil} {
		obj, err := d.Open(t.Context(), source.File{Key: key})
		if err != nil {
			t.Fatal(err)
		}
		if err := obj.Body.Close(); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(want, obj.Meta); diff != "" {
			t.Errorf("metadata of %s (-want +got):\n%s", key, diff)
		}
	}
}
