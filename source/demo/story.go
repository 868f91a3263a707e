package demo

// A story is the intrusion: told events in groups, one group to a log file.
type story struct{ groups []group }

type group struct{ events []record2 }

type record2 struct{ time int64 }

func (t *record2) append(dst []byte) []byte { return dst }

func newStory() *story { return &story{} }

func (s *story) files() []file { return nil }
func (s *story) of(f *file) []record2 {
	if f.group == 0 {
		return nil
	}
	return s.groups[f.group-1].events
}
func (s *story) quiet(account int, mark int64) bool               { return false }
func (s *story) window(f *file, first, last int64) (int64, int64) { return first, last }
func (s *story) afterwards(text []byte, f *file) []byte           { return text }
func (d *Demo) sideContent(dst []byte, f *file) []byte            { return dst }

type chain struct{ links []struct{ key string } }
