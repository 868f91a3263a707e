package index

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/trailsift/trailsift/source"
)

// A verdict is what is known of the integrity of a log file. The numbers are the codes of verdictDict, and those stored
// in verdictTable: they never change.
type verdict uint8

const (
	verdictInfo verdict = iota + 1
	verdictInvalid
	verdictUnchecked // no verification looked at it
	verdictUnverified
	verdictValid
	verdictWarn

	numVerdicts = int(verdictWarn)
)

var verdictNames = [...]string{
	verdictInfo: "info", verdictInvalid: "invalid", verdictUnchecked: "unchecked", verdictUnverified: "unverified",
	verdictValid: "valid", verdictWarn: "warn",
}

func (v verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return ""
}

// parseVerdict reads a verdict as reports write it; unchecked where it is none.
func parseVerdict(text string) verdict {
	if i := slices.Index(verdictNames[1:], text); i >= 0 {
		return verdict(i + 1)
	}
	return verdictUnchecked
}

// preference is the order in which copies of an event are shown by verdict: what is proven comes first, what is proven
// wrong last. A copy without a log file, which nothing can prove, is unchecked: one with the same values in a log file
// that anything is said of comes before it, so that the event inherits what is said.
var preference = [numVerdicts + 1]uint8{
	verdictValid: 0, verdictWarn: 1, verdictInfo: 2, verdictUnverified: 3, verdictUnchecked: 4, verdictInvalid: 5,
}

// bit stands for a verdict in a set of them.
func (v verdict) bit() byte { return 1 << (v - 1) }

// verdictDict is the dictionary of the verdict fields.
var verdictDict = fixedDict(verdictNames[1:]...)

// A verdictTable holds the verdict of each log file by its number, 1 byte each; 0, and what is beyond it, is unchecked. It
// never changes.
type verdictTable []byte

func (t verdictTable) of(no uint32) verdict {
	if int(no) >= len(t) || t[no] == 0 || int(t[no]) > numVerdicts {
		return verdictUnchecked
	}
	return verdict(t[no])
}

// verdict is that of the log file of a document.
func (v *segmentView) verdict(doc uint32) verdict {
	if len(v.verdicts) == 0 {
		return verdictUnchecked
	}
	return v.verdicts.of(v.file(doc).no)
}

// byFile is the column of what value gives for each log file of the segment: it costs nothing a document beyond the
// column of log files.
func (v *segmentView) byFile(value func(verdict) byte) column {
	unchecked := column{docs: v.docs(), constant: uint32(value(verdictUnchecked))}
	if len(v.verdicts) == 0 {
		return unchecked
	}
	table := make([]byte, v.dir.files+1)
	table[0] = value(verdictUnchecked)
	numbers := v.numbers(partFiles, 4*v.dir.files)
	if len(numbers.data) != numbers.width*4*v.dir.files {
		return unchecked // damaged: v.err says so
	}
	for local := range v.dir.files {
		table[local+1] = value(v.verdicts.of(uint32(numbers.at(uint32(4 * local)))))
	}
	if len(table) > 1 && !slices.ContainsFunc(table[2:], func(b byte) bool { return b != table[1] }) {
		return column{docs: v.docs(), constant: uint32(table[1])}
	}
	c := v.files()
	c.table = codeTable{1, table}
	return c
}

// verdictColumn is the column of the verdict field over verdictDict.
func (v *segmentView) verdictColumn() column {
	return v.byFile(func(of verdict) byte { return byte(of) })
}

// copyVerdicts reads the verdicts of all copies of an event: its sets are all sets of verdicts, numbered by their bits.
func (v *segmentView) copyVerdicts() multi {
	m := verdictSets
	m.column = v.byFile(verdict.bit)
	others := v.over.others
	if !slices.ContainsFunc(others[:], func(b *roaring.Bitmap) bool { return !b.IsEmpty() }) {
		return m
	}
	sets := make([]byte, v.docs())
	for doc := range sets {
		sets[doc] = byte(m.code(uint32(doc)))
	}
	for i, b := range others {
		b.Iterate(func(doc uint32) bool {
			sets[doc] |= verdict(i + 1).bit()
			return true
		})
	}
	m.column = column{docs: v.docs(), width: 1, data: sets}
	return m
}

// verdictSets are all sets of verdicts, the worst verdict of each first.
var verdictSets = func() multi {
	offsets, codes := []uint64{0}, []uint64(nil)
	for set := 1; set < 1<<numVerdicts; set++ {
		for _, of := range []verdict{verdictInvalid, verdictWarn, verdictUnverified, verdictUnchecked, verdictInfo, verdictValid} {
			if set&int(of.bit()) != 0 {
				codes = append(codes, uint64(of))
			}
		}
		offsets = append(offsets, uint64(len(codes)))
	}
	n, o, c, err := openSets(appendSets(nil, offsets, codes))
	if err != nil {
		panic("index: " + err.Error())
	}
	return multi{offsets: o, codes: c, n: n}
}()

// judge says what a verification's word on a log file means for a version of it that is held. A verification looks at the
// bytes that lie in the place at that time: the version held may be another. Where its content is known, from proof, that
// content is held against what the digest lists; nil: not known, and the newest version is taken for what was looked at.
func judge(said *FileVerdict, proof *source.ContentHash, newest bool) verdict {
	switch {
	case said == nil:
		return verdictUnchecked
	case proof == nil || said.Digest || said.Class == classConflict:
		of := parseVerdict(said.Verdict)
		if !newest && of != verdictUnverified && of != verdictInfo { // which claim nothing
			return verdictUnchecked
		}
		return of
	}
	sum := hexSum(proof.Sum)
	switch {
	case sum == said.Computed || said.Computed == "" && newest && !said.established():
		return parseVerdict(said.Verdict)
	case !said.established():
		return verdictUnchecked
	case sum != said.Expected || proof.Trailing:
		return verdictInvalid
	case proof.Damage != "":
		return verdictWarn
	}
	return verdictValid
}

// Classes that the index itself knows (docs/integrity.md).
const (
	classConflict       = "log.conflict"
	classGap            = "range.gap"
	classMissing        = "log.missing"
	classUnknownDeleted = "log.unknown-deleted"
)

// gone says that the class is that of a log file that is not there any more.
func gone(class string) bool { return class == classMissing || class == classUnknownDeleted }

// established says that a proven digest tells what the content of the log file should be.
func (f *FileVerdict) established() bool {
	return f.Expected != "" && (f.Verdict == "valid" || f.Verdict == "warn" || f.Verdict == "invalid")
}

// word is what is said of a version of a log file with a verdict: what the verification said, or, where the version held
// is not what it looked at, why its verdict is another one.
func (f *FileVerdict) word(of verdict) (class, reason string) {
	switch {
	case f != nil && parseVerdict(f.Verdict) == of:
		return f.Class, f.Reason
	case f == nil || of == verdictUnchecked:
		return "", ""
	}
	now := " (in its place it is " + f.Class + " now)"
	switch of {
	case verdictValid:
		return "log.valid", "the content held is what a proven digest lists" + now
	case verdictWarn:
		return "log.container-damaged", "the content held is what a proven digest lists, in a damaged file" + now
	case verdictInvalid:
		return "log.modified", "the content held is not what a proven digest lists" + now
	default:
		return "", ""
	}
}
