//go:build !windows && (!unix || netbsd || solaris || illumos || aix)

package disk

// Free is not known here.
func Free(string) (int64, bool) { return 0, false }
