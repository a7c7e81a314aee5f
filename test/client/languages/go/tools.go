//go:build tools

// Keeps the module of the generator in go.sum.
package main

import _ "google.golang.org/protobuf/cmd/protoc-gen-go"
