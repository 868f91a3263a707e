package index

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// A LockedError says who holds the index, as far as they said. errors.Is(err, ErrLocked) holds.
type LockedError struct {
	Path    string
	PID     int       // 0: not known (a reader, or a process that could not say)
	Command string    // text from outside, escape before showing
	Since   time.Time // zero: not known
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%s is in use by another process", e.Path)
	}
	return fmt.Sprintf("%s is in use by process %d (%s) since %s", e.Path, e.PID, e.Command, e.Since.UTC().Format(time.RFC3339))
}

// Is makes it an ErrLocked.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// holderPath is a small file beside the store in which its writer says who it is: while it holds the lock, nobody else
// can look into the store itself. It is a courtesy; nothing depends on it.
func holderPath(path string) string { return path + ".writer" }

func writeHolder(path string, now time.Time) {
	text, err := json.Marshal(LockedError{Path: path, PID: os.Getpid(), Command: strings.Join(os.Args, " "), Since: now})
	if err == nil {
		_ = os.WriteFile(holderPath(path), text, filePerm)
	}
}

func removeHolder(path string) { _ = os.Remove(holderPath(path)) }

func readHolder(path string) *LockedError {
	e := &LockedError{}
	text, err := os.ReadFile(holderPath(path))
	if err != nil || json.Unmarshal(text, e) != nil {
		e = &LockedError{}
	}
	e.Path = path
	return e
}
