package demo

import (
	"bytes"
	"slices"

	"github.com/trailsift/trailsift/source"
)

// A story is what was put into the archive by hand: the intrusion, a few Insights and network events. It is the same
// for every seed. Told events come in groups, one to a log file.
type story struct {
	groups []group
	truth  Incident
}

// A group is the told events of one log file, with some background traffic around them.
type group struct {
	kind       source.LogKind
	account    int
	region     int
	mark       int64
	background int
	fate       fate
	events     []toldEvent
	altered    []byte // of the file that was altered: the last told record as it reads today
}

// A toldEvent is one record, written out.
type toldEvent struct {
	time int64
	text []byte
	id   string
}

// tell files an event under the first five minute mark at least 75 seconds later.
func (s *story) tell(kind source.LogKind, account, region int, e toldEvent) {
	mark := (e.time + 75 + markSeconds - 1) / markSeconds * markSeconds
	for i := range s.groups {
		g := &s.groups[i]
		if g.kind == kind && g.account == account && g.region == region && g.mark == mark {
			g.events = append(g.events, e)
			return
		}
	}
	g := group{kind: kind, account: account, region: region, mark: mark, events: []toldEvent{e}}
	if kind == source.KindCloudTrail {
		g.background = 14 + int(hash(uint64(account), uint64(region), uint64(mark))%26)
	}
	s.groups = append(s.groups, g)
}

// at finds the group that holds a told event.
func (s *story) at(id string) *group {
	for i := range s.groups {
		if slices.ContainsFunc(s.groups[i].events, func(e toldEvent) bool { return e.id == id }) {
			return &s.groups[i]
		}
	}
	panic("demo: no told event " + id)
}

// files are the log files of the story. Their letters do not depend on the seed, their background does.
func (s *story) files(seed uint64) []file {
	var files []file
	for i := range s.groups {
		f := s.groups[i].file(i)
		f.content = hash(seed, uint64(i), 4)
		files = append(files, f)
	}
	return files
}

func (g *group) file(i int) file {
	return file{
		kind: g.kind, account: g.account, region: g.region, mark: g.mark, written: g.mark, events: g.background,
		group: i + 1, fate: g.fate, unique: hash(hashText("story"), uint64(g.mark), uint64(g.account), uint64(g.region), uint64(g.kind)),
	}
}

// of gives the told events of a file, in order of time.
func (s *story) of(f *file) []toldEvent {
	if f.group == 0 {
		return nil
	}
	return s.groups[f.group-1].events
}

// quiet says that an account's trail delivered nothing at a mark, because it was stopped.
func (s *story) quiet(account int, mark int64) bool {
	return account == prod && mark >= stopped.Unix() && mark <= restarted.Unix()+markSeconds
}

// window keeps background traffic of told files out of the time in which the trail was stopped.
func (s *story) window(f *file, first, last int64) (int64, int64) {
	if f.account != prod {
		return first, last
	}
	if stop := stopped.Unix(); last > stop && first <= stop {
		last = stop
	}
	if start := restarted.Unix(); first < start && last >= start {
		first = start
	}
	return first, max(first, last)
}

// afterwards turns the content of a file as delivered into what lies in the bucket today.
func (s *story) afterwards(text []byte, f *file) []byte {
	if f.fate != fateAltered {
		return text
	}
	g := &s.groups[f.group-1]
	return bytes.Replace(text, g.events[len(g.events)-1].text, g.altered, 1)
}
