package cli

import (
	"path/filepath"

	"github.com/adrg/xdg"
)

// dataHome is the user's data folder. The environment given wins over the one of the process, so that tests are alone.
func dataHome(getenv func(string) string) string {
	if d := getenv("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return d
	}
	return xdg.DataHome
}
