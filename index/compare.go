package index

import (
	"bytes"
	"encoding/json"
)

// A relation says how two copies of an event compare as JSON values.
type relation uint8

const (
	differ    relation = iota // a value of the one stands otherwise in the other
	equal                     // the same values
	contained                 // every value of the one stands in the other, which has more
)

// compareRecords compares two records as JSON values: the order of keys, space and escapes do not count, numbers count
// as they are written (19-digit ids would not survive a float), and null is as good as absent.
func compareRecords(a, b []byte) relation {
	if bytes.Equal(a, b) {
		return equal
	}
	va, errA := parseJSON(a)
	vb, errB := parseJSON(b)
	if errA != nil || errB != nil {
		return differ
	}
	ab, ba := stands(va, vb), stands(vb, va)
	switch {
	case ab && ba:
		return equal
	case ab || ba:
		return contained
	}
	return differ
}

// compareRebuilt compares a record that was rebuilt from an export with one as delivered. Exports name resources in ways of
// their own, so that those contradict nothing.
func compareRebuilt(rebuilt, delivered []byte) relation {
	small, errA := parseJSON(rebuilt)
	large, errB := parseJSON(delivered)
	if errA != nil || errB != nil {
		return differ
	}
	if fields, ok := small.(map[string]any); ok {
		delete(fields, "resources")
	}
	if stands(small, large) {
		return contained
	}
	return differ
}

func parseJSON(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

// stands says that every value of small stands in large at the same place. Lists must have the same length: an element
// more or less is another statement.
func stands(small, large any) bool {
	switch s := small.(type) {
	case nil:
		return large == nil
	case map[string]any:
		l, ok := large.(map[string]any)
		if !ok {
			return false
		}
		for key, v := range s {
			if v == nil {
				continue
			}
			if other, has := l[key]; !has || !stands(v, other) {
				return false
			}
		}
		return true
	case []any:
		l, ok := large.([]any)
		if !ok || len(s) != len(l) {
			return false
		}
		for i, v := range s {
			if !stands(v, l[i]) {
				return false
			}
		}
		return true
	}
	return small == large // string, json.Number, bool
}
