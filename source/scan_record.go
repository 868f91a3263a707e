package source

// object reads an object whose keys are known, at its opening brace.
func (s *scanner) object(i int, in scope, depth int) int {
	if depth > maxDepth {
		return s.deep(i)
	}
	if i = s.space(i + 1); s.text[i] == '}' {
		return i + 1
	}
	last := maxKnown + uint8(in)
	var have uint64
	for {
		var row *knownKey
		if row, i = s.knownKey(i, in, &last); i < 0 {
			return -1
		}
		if have&row.bit != 0 {
			s.slow = true
		}
		have |= row.bit
		s.g.seen |= row.seen
		if row.act == actLeaf && s.text[i] == '"' { // most members
			end := s.str(i + 1)
			if end < 0 {
				return -1
			}
			s.e.leaves[row.leaf] = s.decoded(i+1, end)
			i = end + 1
		} else if i = s.member(i, row, depth); i < 0 {
			return -1
		}
		if s.text[i] == ',' && s.text[i+1] == '"' {
			i++
			continue
		}
		var more bool
		if i, more = s.next(i, '}'); !more {
			return i
		}
	}
}

// knownKey goes over a key and its colon. last is the known key before it in this object; the keys that followed it the
// last times are tried first.
func (s *scanner) knownKey(i int, in scope, last *uint8) (*knownKey, int) {
	if s.text[i] != '"' {
		return nil, s.fail(i, "a key should stand here")
	}
	i++
	guess := &s.follows[*last]
	if rest := s.text[i:]; len(rest) >= matchBytes {
		head := (*[matchBytes]byte)(rest)
		for g, k := range guess {
			row := &knownKeys[k]
			if !row.matches(head) || i+int(row.size) > s.n {
				continue
			}
			if g > 0 {
				guess[0], guess[1] = guess[1], guess[0]
			}
			*last = k
			if i += int(row.size); s.text[i] <= ' ' {
				i = s.space(i)
			}
			return row, i
		}
	}
	end := s.str(i)
	if end < 0 {
		return nil, -1
	}
	key := s.decoded(i, end)
	k := findKey(in, key)
	if k != 0 {
		if k != guess[0] {
			guess[0], guess[1] = k, guess[0]
		}
		*last = k
	} else {
		s.g.loosen(key)
	}
	return &knownKeys[k], s.colon(end + 1)
}

// decoded is the text of the string just read, from i to end.
func (s *scanner) decoded(i, end int) []byte {
	if !s.escaped {
		return s.text[i:end:end]
	}
	start := len(s.arena)
	s.arena = appendUnescaped(s.arena, s.text[i:end])
	return s.arena[start:len(s.arena):len(s.arena)]
}

// member reads the value of a known key.
func (s *scanner) member(i int, row *knownKey, depth int) int {
	switch row.act {
	case actLeaf:
		return s.leaf(i, row.leaf, depth)
	case actObject:
		if s.text[i] == '{' && row.sub == inIdentity {
			return s.identity(i, depth+1)
		}
		if s.text[i] == '{' {
			return s.object(i, row.sub, depth+1)
		}
	case actRequest:
		return s.gather(i, depth, gathering{top: true})
	case actResponse:
		return s.gather(i, depth, gathering{top: true, response: true})
	case actDetails:
		return s.gather(i, depth, gathering{top: true})
	case actResources:
		if s.text[i] == '[' {
			return s.resources(i, depth+1)
		}
	case actResource:
		return s.resource(i, depth)
	case actTree:
		return s.forTree(i, row, depth)
	case actContainer:
		if s.top && depth == 1 && (s.text[i] == '[' || s.text[i] == '{' && row.name == hitsKey) && !isEvent(s.g.seen, s.e) {
			s.stop, s.failAt = isContainer, i+1
			return -1
		}
	case actNone:
	}
	return s.skip(i, depth)
}

// leaf keeps the text of a scalar.
func (s *scanner) leaf(i int, leaf Leaf, depth int) int {
	start := i
	switch s.text[i] {
	case '"':
		end := s.str(i + 1)
		if end < 0 {
			return -1
		}
		s.e.leaves[leaf] = s.decoded(i+1, end)
		return end + 1
	case 'n', '{', '[':
		return s.skip(i, depth)
	}
	if i = s.skip(i, depth); i > 0 {
		s.e.leaves[leaf] = s.text[start:i:i]
	}
	return i
}

// resources reads the elements of the array at i.
func (s *scanner) resources(i, depth int) int {
	if depth > maxDepth {
		return s.deep(i)
	}
	if i = s.space(i + 1); s.text[i] == ']' {
		return i + 1
	}
	for {
		if s.text[i] == '{' {
			i = s.object(i, inResource, depth+1)
		} else {
			i = s.skip(i, depth)
		}
		if i < 0 {
			return -1
		}
		var more bool
		if i, more = s.next(i, ']'); !more {
			return i
		}
	}
}

func (s *scanner) resource(i, depth int) int {
	if s.text[i] != '"' {
		return s.skip(i, depth)
	}
	end := s.str(i + 1)
	if end < 0 {
		return -1
	}
	name := s.decoded(i+1, end)
	s.g.loosen(name)
	s.g.certain(name)
	return end + 1
}

// forTree reads what only the tree tells apart.
func (s *scanner) forTree(i int, row *knownKey, depth int) int {
	s.slow = true
	if row.name == "CloudTrailEvent" && s.text[i] == '"' {
		s.g.seen |= seenLookup
	}
	return s.skip(i, depth)
}

// gathering says where a value stands in what resources are gathered from.
type gathering struct {
	key      []byte // the nearest key above
	top      bool   // the value of requestParameters, responseElements or serviceEventDetails itself
	response bool   // in responseElements
	member   bool   // a member of one of these
}

// gather reads a value in which any string may name a resource.
func (s *scanner) gather(i, depth int, in gathering) int {
	switch s.text[i] {
	case '"':
		return s.gatherString(i+1, in)
	case '{':
		return s.gatherObject(i, depth+1, in)
	case '[':
		return s.gatherArray(i, depth+1, in)
	}
	return s.skip(i, depth)
}

func (s *scanner) gatherObject(i, depth int, in gathering) int {
	if depth > maxDepth {
		return s.deep(i)
	}
	in.member, in.top = in.top, false
	if i = s.space(i + 1); s.text[i] == '}' {
		return i + 1
	}
	for {
		if s.text[i] != '"' {
			return s.fail(i, "a key should stand here")
		}
		end := s.str(i + 1)
		if end < 0 {
			return -1
		}
		in.key = s.decoded(i+1, end)
		s.g.loosen(in.key)
		if in.member && string(in.key) == "omitted" {
			s.slow = true
		}
		if i = s.colon(end + 1); i < 0 {
			return -1
		}
		if i = s.gather(i, depth, in); i < 0 {
			return -1
		}
		var more bool
		if i, more = s.next(i, '}'); !more {
			return i
		}
	}
}

func (s *scanner) gatherArray(i, depth int, in gathering) int {
	if depth > maxDepth {
		return s.deep(i)
	}
	in.member, in.top = false, false
	if i = s.space(i + 1); s.text[i] == ']' {
		return i + 1
	}
	for {
		if i = s.gather(i, depth, in); i < 0 {
			return -1
		}
		var more bool
		if i, more = s.next(i, ']'); !more {
			return i
		}
	}
}

func (s *scanner) gatherString(i int, in gathering) int {
	end := s.str(i)
	if end < 0 {
		return -1
	}
	value := s.text[i:end:end]
	if s.escaped {
		value = s.decoded(i, end)
	}
	s.g.loosen(value)
	s.g.candidate(in.key, value)
	if in.response {
		s.g.accessKey(in.key, value)
		if in.member && string(value) == "Failure" {
			s.slow = true // a failure where its key is the event's name, which may come later
		}
	}
	return end + 1
}
