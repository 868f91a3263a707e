// Command trailsift is a terminal explorer for AWS CloudTrail.
package main

import (
	"os"
	"runtime/debug"

	"github.com/trailsift/trailsift/tui/cli"
)

// version is set by the release build.
var version = "dev"

// memoryLimit is where the collector begins to work harder instead of letting garbage double what lives: bringing in
// holds some 110 MB at most and promises to stay below 256.
const memoryLimit = 208 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	os.Exit(cli.Run(os.Args[1:], cli.System(version)))
}
