package cli

import (
	"errors"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// networkFS are the file system types of statfs(2) whose locks and mapped files can't be relied on.
var networkFS = map[int64]string{
	0x6969:     "NFS",
	0x517b:     "SMB",
	0xfe534d42: "SMB",
	0xff534d42: "CIFS",
	0x5346414f: "AFS",
	0x73757245: "Coda",
	0x00c36400: "Ceph",
	0x0bd00bd0: "Lustre",
}

// refuseNetworkFS refuses a store on a network file system: the index is a mapped file with a lock, and both are only
// as good as the file system under them.
func refuseNetworkFS(path string) error {
	var st unix.Statfs_t
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		err := unix.Statfs(dir, &st)
		if errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir) {
			continue
		}
		if err != nil {
			return nil //nolint:nilerr // what can't be asked is not refused
		}
		if name, ok := networkFS[int64(uint32(st.Type))]; ok {
			return placeFault("name a store on a local disk with --index FILE",
				"store %s: on a network file system (%s)", path, name)
		}
		return nil
	}
}
