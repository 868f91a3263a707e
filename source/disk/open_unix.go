//go:build unix

package disk

import "syscall"

// openNonblock keeps an open of a pipe without a writer from waiting for one; regular files do not know it.
const openNonblock = syscall.O_NONBLOCK
