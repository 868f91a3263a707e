package index

import (
	"bytes"
	"encoding/json"
)

// canonicalJSON is the text of a JSON value that is the same for equal values: keys in order, the last of a repeated
// key, numbers as written, no space. A text that is no JSON is given back as it is.
func canonicalJSON(raw []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return raw
	}
	out, err := json.Marshal(v)
	if err != nil {
		return raw
	}
	return out
}
