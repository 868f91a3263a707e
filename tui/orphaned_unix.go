//go:build unix

package tui

import (
	"os"

	"golang.org/x/sys/unix"
)

// orphaned reports whether nobody would continue the process once it was stopped: it leads the session of the terminal, as
// in a container or behind ssh HOST COMMAND, or its parent is in another one (POSIX: orphaned process group). The system
// would not stop it, and the wait for being continued would never end.
func orphaned() bool {
	own, err := unix.Getsid(0)
	if err != nil || own == unix.Getpgrp() {
		return true
	}
	parents, err := unix.Getsid(os.Getppid())
	return err != nil || parents != own
}
