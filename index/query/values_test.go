package query_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index/query"
)

func TestPathValues(t *testing.T) {
	raw := []byte(`{"requestParameters":{"bucketName":"a\/b","n":12.50,"none":null,"tags":[{"key":"x"},{"key":"y"}]}}`)
	f := func(path string, want ...string) {
		t.Helper()
		k, err := query.ParsePath(path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		var got []string
		for _, v := range query.PathValues(raw, k) {
			got = append(got, string(v))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	f("requestParameters.bucketName", "a/b")
	f("requestParameters.n", "12.50")
	f("requestParameters.none")
	f("requestParameters.tags[*].key", "x", "y")
	f("requestParameters.tags[1].key", "y")
	f("requestParameters.other")

	for _, bad := range []string{"", "a b", "(a)"} {
		if k, err := query.ParsePath(bad); err == nil {
			t.Errorf("ParsePath(%q) = %v, want an error", bad, k)
		}
	}
}
