package index

import "testing"

func TestRebuiltCopiesAreContained(t *testing.T) {
	const delivered = `{"eventName":"A","resources":[{"ARN":"arn:aws:s3:::b"}],"readOnly":true,"x":null}`
	for rebuilt, want := range map[string]relation{
		`{"eventName":"A","resources":[{"type":"T","resourceName":"b"}]}`: contained,
		`{"eventName":"A","readOnly":true}`:                               contained,
		`{"eventName":"A","readOnly":false}`:                              differ,
		`{"eventName":"A","userAgent":"x"}`:                               differ,
		`{`:                                                               differ,
	} {
		if got := compareRebuilt([]byte(rebuilt), []byte(delivered)); got != want {
			t.Errorf("%s: %v, want %v", rebuilt, got, want)
		}
	}
}
