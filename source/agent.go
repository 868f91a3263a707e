package source

// AgentFamily is the program behind the userAgent, without its version.
func (e *Event) AgentFamily() []byte {
	return e.leaves[LeafUserAgent]
}
