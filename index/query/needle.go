package query

import (
	"bytes"
	"strings"
)

// A needle finds a text of ASCII in delivered bytes whatever its case. It errs on one side only: where the record could
// hold the text written in another way it says yes.
type needle struct {
	text          string // upper case
	at            int    // of its rarest byte
	kind          [2]byte
	kelvin, longS bool // the text has a K, an S
}

func newNeedle(text string) needle {
	n := needle{text: strings.ToUpper(text)}
	if text == "" {
		return n
	}
	for i := range len(n.text) {
		if rarity(n.text[i]) > rarity(n.text[n.at]) {
			n.at = i
		}
		n.kelvin = n.kelvin || n.text[i] == 'K'
		n.longS = n.longS || n.text[i] == 'S'
	}
	c := n.text[n.at]
	n.kind = [2]byte{c, c}
	if c >= 'A' && c <= 'Z' {
		n.kind[1] = c | 0x20
	}
	return n
}

// commonBytes are the bytes of records in upper case, the most common first: some 100 of 1,000 bytes are quotes, 10 a B,
// 3 a J. Those that are not here are rarer.
const commonBytes = `"EATSRN:ICOD-21,MU30LPV.789FWBG4YH56/KZ{}X Q_J`

// rarity says how seldom a byte is in records.
func rarity(c byte) int {
	if i := strings.IndexByte(commonBytes, c); i >= 0 {
		return i
	}
	return len(commonBytes)
}

var (
	unicodeEscape = []byte(`\u`)
	kelvinSign    = []byte("\u212a")
	longS         = []byte("\u017f")
)

// mayBeIn tells whether a record of these bytes could hold the text.
func (n needle) mayBeIn(raw []byte) bool {
	return n.mayBeInText(raw) || bytes.Contains(raw, unicodeEscape)
}

// mayBeInText tells whether a decoded text could hold the text.
func (n needle) mayBeInText(t []byte) bool {
	return n.text == "" || n.in(t) || n.kelvin && bytes.Contains(t, kelvinSign) || n.longS && bytes.Contains(t, longS)
}

// in tells whether the text stands in the bytes, in ASCII of any case.
func (n needle) in(raw []byte) bool {
	return n.inOf(raw, n.kind[0]) || n.kind[0] != n.kind[1] && n.inOf(raw, n.kind[1])
}

// inOf looks at the places where the rarest byte stands in one case.
func (n needle) inOf(raw []byte, c byte) bool {
	for i := n.at; i < len(raw); i++ {
		j := bytes.IndexByte(raw[i:], c)
		if j < 0 {
			return false
		}
		i += j
		from := i - n.at
		if from+len(n.text) <= len(raw) && equalFoldASCII(raw[from:from+len(n.text)], n.text) {
			return true
		}
	}
	return false
}
