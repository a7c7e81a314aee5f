//go:build tools

// Keeps the modules of the generator and of the options that it imports in go.sum.
package main

import (
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/protobuf/cmd/protoc-gen-go"
)
