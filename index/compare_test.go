package index

import "testing"

func TestCompareRecords(t *testing.T) {
	names := map[relation]string{differ: "differ", equal: "equal", contained: "contained"}
	f := func(a, b string, want relation) {
		t.Helper()
		for range 2 {
			if got := compareRecords([]byte(a), []byte(b)); got != want {
				t.Errorf("%s and %s: %s, want %s", a, b, names[got], names[want])
			}
			a, b = b, a
		}
	}
	f(`{"a":1}`, `{"a":1}`, equal)
	f(`{"a":1,"b":2}`, `{ "b":2, "a":1 }`, equal)
	f(`{"a":"é/"}`, `{"a":"\u00e9\/"}`, equal)
	f(`{"a":null}`, `{}`, equal)
	f(`{"a":null,"b":1}`, `{"b":1}`, equal)
	f(`{"a":null}`, `{"a":0}`, contained)
	f(`{"a":1}`, `{"a":1,"b":2}`, contained)
	f(`{"a":{"x":1}}`, `{"a":{"x":1,"y":{}}}`, contained)
	f(`{}`, `{"a":1}`, contained)
	f(`{"a":1}`, `{"a":2}`, differ)
	f(`{"a":1,"b":1}`, `{"a":1,"c":1}`, differ)
	f(`{"a":1}`, `{"a":"1"}`, differ)
	f(`{"a":true}`, `{"a":"true"}`, differ)
	f(`{"a":1}`, `{"a":1.0}`, differ) // as written
	f(`{"a":1234567890123456789}`, `{"a":1234567890123456788}`, differ)
	f(`{"a":[1,2]}`, `{"a":[1,2]}`, equal)
	f(`{"a":[1,2]}`, `{"a":[2,1]}`, differ)
	f(`{"a":[1]}`, `{"a":[1,2]}`, differ)
	f(`{"a":[{"x":1}]}`, `{"a":[{"x":1,"y":2}]}`, contained)
	f(`{"a":[{"x":1},{"y":1,"z":1}]}`, `{"a":[{"x":1,"w":1},{"y":1}]}`, differ) // neither has all of the other
	f(`{"a":{}}`, `{"a":[]}`, differ)
	f(`{"A":1}`, `{"a":1}`, differ)
	f(`{"a":1,"a":2}`, `{"a":2}`, equal) // the last of a repeated key
	f(`{"a"`, `{"a":1}`, differ)
}

func TestCanonicalJSON(t *testing.T) {
	f := func(a, b string, same bool) {
		t.Helper()
		if got := string(canonicalJSON([]byte(a))) == string(canonicalJSON([]byte(b))); got != same {
			t.Errorf("%s and %s: same %v, want %v", a, b, got, same)
		}
	}
	f(`{"a":1,"b":[1,{"c":"é"}]}`, `{"b":[1,{"c":"\u00e9"}],"a":1}`, true)
	f(`{"a":1}`, `{"a":1.0}`, false)
	f(`{"a":12345678901234567890}`, `{"a":12345678901234567891}`, false)
	f(`{"a":"<"}`, `{"a":"\u003c"}`, true)
	f(`{"a":null}`, `{}`, false)
	f(`not json`, `not json`, true)
}
