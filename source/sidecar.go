package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// SidecarSuffix ends the name of the file that keeps a log file's S3 metadata beside it on disk: KEY + SidecarSuffix.
// It holds what "aws s3api head-object" prints, of which only "Metadata" is read:
//
//	{"Metadata":{"signature":"5a0b…","signature-algorithm":"SHA256withRSA"}}
//
// Copies made by "aws s3 sync" lose this metadata, and a digest's own signature with it.
const SidecarSuffix = ".meta.json"

// MetaPrefix begins the keys of [Object.Meta] that are S3 user metadata.
const MetaPrefix = "x-amz-meta-"

// ErrIgnored is wrapped by errors of a listing about things that hold no log file by their nature (a socket, a hidden
// folder, the logs of another service): they are counted and named, and are no problem.
var ErrIgnored = errors.New("ignored")

// ErrRefused is wrapped by errors of a listing about parts of a place that refuse while others answer, where all parts were
// meant and none was named (Regions of history:all): they are named with their reason, and are no problem.
var ErrRefused = errors.New("refused")

// Damage ends the body of an Object whose place knows that what follows is lost, or that the bytes are not those that were
// stored (a checksum in an archive): what was read is salvaged, and the log file has this problem. io.EOF follows.
type Damage string

func (d Damage) Error() string { return string(d) }

type sidecar struct {
	Metadata map[string]string `json:"Metadata"`
}

// ParseSidecar reads a sidecar into the form of [Object.Meta].
func ParseSidecar(text []byte) (map[string]string, error) {
	var s sidecar
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("not a metadata sidecar: %w", err)
	}
	if len(s.Metadata) == 0 {
		return nil, nil
	}
	meta := make(map[string]string, len(s.Metadata))
	for k, v := range s.Metadata {
		meta[MetaPrefix+strings.ToLower(k)] = v
	}
	return meta, nil
}

// FormatSidecar is the text of a sidecar for S3 user metadata in the form of [Object.Meta]; other keys are left out.
func FormatSidecar(meta map[string]string) []byte {
	s := sidecar{Metadata: map[string]string{}}
	for k, v := range meta {
		if name, ok := strings.CutPrefix(k, MetaPrefix); ok {
			s.Metadata[name] = v
		}
	}
	text, err := json.Marshal(s) // map keys come out sorted: the same metadata gives the same text
	if err != nil {
		panic(err) // a map of strings always has a JSON form
	}
	return append(text, '\n')
}
