package disk_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source"
)

func TestListsDaysOfAllRegionsNewestFirst(t *testing.T) {
	x := []byte("x")
	root := write(t, map[string][]byte{
		"AWSLogs/1/CloudTrail/us-east-1/2026/11/20/_20261120T0010Z_.gz": x,
		"AWSLogs/1/CloudTrail/us-east-1/2026/11/20/_20261120T0005Z_.gz": x,
		"AWSLogs/1/CloudTrail/us-east-1/2025/12/31/_20251231T2359Z_.gz": x,
		"AWSLogs/1/CloudTrail/eu-west-1/2026/11/20/_20261120T0007Z_.gz": x,
		"AWSLogs/1/CloudTrail/eu-west-1/2026/10/01/_20261001T0007Z_.gz": x,
		"AWSLogs/1/CloudTrail/eu-west-1/2026/11/19/no-time":             x,
	})
	expect(t, folder(t, root), []string{
		"AWSLogs/1/CloudTrail/us-east-1/2026/11/20/_20261120T0010Z_.gz",
		"AWSLogs/1/CloudTrail/eu-west-1/2026/11/20/_20261120T0007Z_.gz",
		"AWSLogs/1/CloudTrail/us-east-1/2026/11/20/_20261120T0005Z_.gz",
		"AWSLogs/1/CloudTrail/eu-west-1/2026/11/19/no-time",
		"AWSLogs/1/CloudTrail/eu-west-1/2026/10/01/_20261001T0007Z_.gz",
		"AWSLogs/1/CloudTrail/us-east-1/2025/12/31/_20251231T2359Z_.gz",
	}, nil)
}

func TestListsByModificationWhereNamesTellNothing(t *testing.T) {
	root := write(t, map[string][]byte{"a/old": []byte("x"), "b/new": []byte("x"), "c/mid": []byte("x")})
	base := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for name, age := range map[string]time.Duration{"a/old": 3 * time.Hour, "c/mid": 2 * time.Hour, "b/new": time.Hour} {
		if err := os.Chtimes(filepath.Join(root, name), base.Add(-age), base.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, folder(t, root), []string{"b/new", "c/mid", "a/old"}, nil)
}

func TestLinksAreFollowedOnce(t *testing.T) {
	x := []byte("x")
	out := write(t, map[string][]byte{"day/b.json": x, "single.json": x, "above/root/own.json": x})
	root := write(t, map[string][]byte{"own/a.json": x, "own/.hidden/h.json": x})
	link(t, filepath.Join(out, "day"), filepath.Join(root, "l1"))
	link(t, filepath.Join(out, "day"), filepath.Join(root, "l2"))
	link(t, filepath.Join(out, "single.json"), filepath.Join(root, "s1"))
	link(t, filepath.Join(out, "single.json"), filepath.Join(root, "s2"))
	link(t, filepath.Join(root, "own"), filepath.Join(root, "inside"))
	link(t, filepath.Join(root, "own", "a.json"), filepath.Join(root, "inside.json"))
	link(t, root, filepath.Join(root, "own", "loop"))
	link(t, filepath.Dir(root), filepath.Join(root, "up"))
	link(t, filepath.Join(out, "day"), filepath.Join(out, "day", "loop"))
	link(t, "nothing", filepath.Join(root, "dangling"))
	link(t, filepath.Join(root, "self"), filepath.Join(root, "self"))
	named := map[string]string{
		"dangling":    "link that leads nowhere",
		"self":        "link that cannot be followed",
		"up":          "ignored: link to a folder above, not followed",
		"own/.hidden": "ignored: hidden folder, not looked into",
	}
	expectSet(t, folder(t, root), []string{"l2/b.json", "own/a.json", "s2"}, named)
	link(t, filepath.Join(root, "own", ".hidden"), filepath.Join(root, "seen"))
	link(t, out, filepath.Join(root, "all")) // holds what l1, l2, s1 and s2 lead to
	expectSet(t, folder(t, root), []string{"all/above/root/own.json", "l2/b.json", "own/a.json", "s2", "seen/h.json"}, named)
}

func TestSpecialFilesAreNamedAndNotOpened(t *testing.T) {
	root := write(t, map[string][]byte{"a.json": []byte("{}"), "none.json": {}})
	sock, err := net.Listen("unix", filepath.Join(root, "sock"))
	if err != nil {
		t.Skipf("no sockets here: %v", err)
	}
	defer sock.Close()
	want := map[string]string{"sock": "ignored: a socket"}
	if makeFIFO(filepath.Join(root, "pipe")) == nil {
		want["pipe"] = "ignored: a pipe"
	}
	d := folder(t, root)
	expect(t, d, []string{"a.json"}, want)
	for key := range want {
		if _, err := d.Open(t.Context(), source.File{Key: key}); err == nil {
			t.Errorf("%q was opened", key)
		}
	}
}

func TestUnreadableFoldersAreNamed(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("permissions do not bind this user")
	}
	root := write(t, map[string][]byte{"a/x.json": []byte("x"), "b/y.json": []byte("y"), "c.json": []byte("z")})
	for _, name := range []string{"a", "c.json"} {
		if err := os.Chmod(filepath.Join(root, name), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(filepath.Join(root, name), 0o700) })
	}
	d := folder(t, root)
	keys, errs := listing(t, d)
	if len(keys) != 2 || errs["a"] != "not readable: permission denied" || len(errs) != 1 {
		t.Errorf("listed %q, errors %q", keys, errs)
	}
	if _, err := d.Open(t.Context(), source.File{Key: "c.json"}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("open of an unreadable file: %v", err)
	}
	if err := os.Chmod(root, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(root, 0o700) })
	if _, errs := listing(t, d); len(errs) != 1 || errs[""] != "not readable: permission denied" {
		t.Errorf("listing an unreadable place: %q", errs)
	}
}

func TestFolderThatWentAwayIsAnError(t *testing.T) {
	root := write(t, map[string][]byte{"a.json": []byte("x")})
	d := folder(t, root)
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	expect(t, d, nil, map[string]string{"": "no such file or folder"})
}
