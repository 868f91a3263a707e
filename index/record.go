package index

type contentCache struct{}

func newContentCache() *contentCache { return &contentCache{} }
