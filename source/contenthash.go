package source

import "crypto/sha256"

// A ContentHash is what was found inside one log file as stored, for the digests that name it. Nothing of it says whether
// that is authentic.
type ContentHash struct {
	Sum      [sha256.Size]byte // of the uncompressed bytes of the first gzip member
	Size     int64             // of these
	First    byte              // of these
	Plain    bool              // it is not gzip
	Trailing bool              // bytes follow the first member
	Damage   string            // what is wrong with the gzip frame, in words; "" for a sound one
}
