// Prints the heartbeat that protocol/README.md shows, in hex, as the generated code encodes it.
package main

import (
	"encoding/hex"
	"fmt"

	framegatev1 "client/gen/framegate/v1"

	"google.golang.org/protobuf/proto"
)

func main() {
	body, err := proto.Marshal(&framegatev1.HeartbeatRequest{ClientTimeMs: 1754530782000})
	if err != nil {
		panic(err)
	}
	frame, err := proto.MarshalOptions{Deterministic: true}.Marshal(&framegatev1.Envelope{
		Protocol: 1005,
		Seq:      7,
		Body:     body,
		TraceId:  "0af7651916cd43dd8448eb211c80319c",
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(hex.EncodeToString(frame))
}
