package source

// isResourceID tells ids that name a resource by their form.
func isResourceID(value []byte) bool { return false }

// isResourceName tells whether the value at key in a request or response of service names a resource.
func isResourceName(service, key []byte) bool { return false }
