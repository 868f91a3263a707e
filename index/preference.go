package index

import (
	"cmp"
	"slices"

	"github.com/trailsift/trailsift/source"
)

// A copyInfo is what the order of preference needs of a copy.
type copyInfo struct {
	copyRef
	logFile
	guid          bool
	account       string
	verdict       verdict
	reconstructed bool
	fileNo        uint32
	position      uint32
	hash          uint64
}

func copyInfoOf(s *segmentView, r copyRef) copyInfo {
	flags := s.flags(r.doc)
	info := copyInfo{
		copyRef: r, logFile: s.logFile(r.doc), guid: flags&docGUID != 0,
		reconstructed: source.Flags(flags)&source.Reconstructed != 0,
		fileNo:        s.file(r.doc).no, position: s.position(r.doc), hash: s.hash(r.doc),
	}
	info.verdict = s.verdicts.of(info.fileNo)
	if info.guid {
		info.account = string(s.appendValue(nil, fieldAccount, r.doc))
	}
	return info
}

// sameIdentity says whether two copies with the same id column are copies of one event.
func (a *copyInfo) sameIdentity(b *copyInfo) bool { return a.guid == b.guid && a.account == b.account }

// compareCopies is the order of preference: the copy that comes first is shown.
func compareCopies(a, b copyInfo) int {
	if p := cmp.Compare(preference[a.verdict], preference[b.verdict]); p != 0 {
		return p
	}
	if a.reconstructed != b.reconstructed {
		if b.reconstructed {
			return -1
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.key, b.key), cmp.Compare(a.place, b.place), cmp.Compare(b.version, a.version), // newer first
		cmp.Compare(a.position, b.position),
	)
}

// sortCopies puts copies with one id in order: by identity, then of preference.
func sortCopies(infos []copyInfo) {
	slices.SortFunc(infos, func(a, b copyInfo) int {
		guids := 0
		if a.guid != b.guid {
			guids = 1
			if a.guid {
				guids = -1
			}
		}
		return cmp.Or(guids, cmp.Compare(a.account, b.account), compareCopies(a, b))
	})
}
