package source_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
)

// walk writes each visit as path=text of its kind.
func walk(raw string) (visits []string, err error) {
	err = source.Walk([]byte(raw), func(path []source.Step, v source.Scalar) bool {
		var b strings.Builder
		for _, step := range path {
			if step.Index >= 0 {
				fmt.Fprintf(&b, "[%d]", step.Index)
			} else {
				fmt.Fprintf(&b, ".%s", step.Key)
			}
		}
		visits = append(visits, fmt.Sprintf("%s=%s %d", b.String(), v.Text, v.Kind))
		return len(visits) < 20
	})
	return visits, err
}

func TestWalkVisitsScalarsInOrder(t *testing.T) {
	got, err := walk(` {"b":1.0,"a":["x\/\u00e9\ud83d\ude00",true,null,{},[ ],{"k\n":"","b":-0e1}], "e" : { } ,"b":12345678901234567890} `)
	want := []string{
		".b=1.0 1", ".a[0]=x/é😀 0", ".a[1]=true 2", ".a[2]=null 3", ".a[3]={} 4", ".a[4]=[] 4",
		".a[5].k\n= 0", ".a[5].b=-0e1 1", ".e={} 4", ".b=12345678901234567890 1",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("err %v, -want +got:\n%s", err, diff)
	}
	for raw, want := range map[string]string{`7`: "=7 1", `"\ud800x"`: "=\ufffdx 0", `[]`: "=[] 4"} {
		if got, err := walk(raw); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, %v", raw, got, err)
		}
	}
}

func TestWalkStopsWhenTold(t *testing.T) {
	got, err := walk(`{"a":[` + strings.Repeat(`1,[2,`, 30) + `junk`)
	if len(got) != 20 || err != nil {
		t.Errorf("%d visits, %v", len(got), err)
	}
}

func TestWalkTellsWhatIsNoJSON(t *testing.T) {
	for raw, want := range map[string]string{
		``:                        "not valid JSON at byte 0: unexpected end",
		`{"a":1}x`:                "not valid JSON at byte 7: more text after the value",
		`{"a":[1,]}`:              "not valid JSON at byte 8: a value should stand here",
		`{"a" 1}`:                 "not valid JSON at byte 5: a colon should stand here",
		`["` + "\n":               "not valid JSON at byte 2: a control character in a string",
		strings.Repeat("[", 1001): "not valid JSON at byte 1000: nested deeper than 1,000 levels",
	} {
		if _, err := walk(raw); err == nil || err.Error() != want {
			t.Errorf("%.20s: %v, want %s", raw, err, want)
		}
	}
}

func TestWalkerAllocatesNothingInTheLongRun(t *testing.T) {
	raw := []byte(event(`A\n`))
	var w source.Walker
	visits := 0
	visit := func([]source.Step, source.Scalar) bool { visits++; return true }
	allocs := testing.AllocsPerRun(10, func() {
		if err := w.Walk(raw, visit); err != nil {
			t.Error(err)
		}
	})
	if allocs > 0 || visits == 0 {
		t.Errorf("%v allocations, %d visits", allocs, visits)
	}
}
