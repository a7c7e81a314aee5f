// A service of an operator in Go: `orders.proto` by grpc-go, with messages of a descriptor set. It prints its port, and then an event a line.
//
// upstream DESCRIPTOR_SET
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/durationpb"
)

const service = "acme.orders.v1.OrderService"

var output sync.Mutex

func report(event map[string]any) {
	output.Lock()
	defer output.Unlock()
	line, _ := json.Marshal(event)
	fmt.Println(string(line))
}

func field(message *dynamicpb.Message, name string) protoreflect.FieldDescriptor {
	return message.Descriptor().Fields().ByName(protoreflect.Name(name))
}

func textOf(message *dynamicpb.Message, name string) string {
	return message.Get(field(message, name)).String()
}

func numberOf(message *dynamicpb.Message, name string) uint64 {
	return message.Get(field(message, name)).Uint()
}

func set(message *dynamicpb.Message, name string, value any) *dynamicpb.Message {
	message.Set(field(message, name), protoreflect.ValueOf(value))
	return message
}

type unary func(ctx context.Context, request, reply *dynamicpb.Message) (*dynamicpb.Message, error)

func getOrder(_ context.Context, request, reply *dynamicpb.Message) (*dynamicpb.Message, error) {
	return set(set(reply, "id", textOf(request, "id")), "number", int64(9007199254740993)), nil
}

func placeOrder(_ context.Context, request, _ *dynamicpb.Message) (*dynamicpb.Message, error) {
	return request, nil
}

// Waits for the end of the call when it is asked about the order `wait`.
func describeCall(ctx context.Context, request, reply *dynamicpb.Message) (*dynamicpb.Message, error) {
	if textOf(request, "order_id") == "wait" {
		<-ctx.Done()
		report(map[string]any{"event": "ended", "error": ctx.Err().Error()})
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	incoming, _ := metadata.FromIncomingContext(ctx)
	entries := reply.Mutable(field(reply, "metadata")).Map()
	for name, values := range incoming {
		entries.Set(protoreflect.ValueOf(name).MapKey(), protoreflect.ValueOf(values[0]))
	}
	if deadline, ok := ctx.Deadline(); ok {
		set(reply, "left_ms", int32(time.Until(deadline).Milliseconds()))
	}
	return set(reply, "endpoint", "go"), nil
}

func refuse(_ context.Context, request, _ *dynamicpb.Message) (*dynamicpb.Message, error) {
	refused := status.New(codes.Code(numberOf(request, "code")), textOf(request, "message"))
	violation := &errdetails.BadRequest_FieldViolation{Field: "id", Description: "is no order"}
	detailed, err := refused.WithDetails(
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{violation}},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)},
	)
	if err != nil {
		return nil, err
	}
	return nil, detailed.Err()
}

func watchOrders(stream grpc.ServerStream, request *dynamicpb.Message, order protoreflect.MessageDescriptor) error {
	count := numberOf(request, "count")
	for sent := uint64(1); count == 0 || sent <= count; sent++ {
		message := set(dynamicpb.NewMessage(order), "id", fmt.Sprintf("order-%d", sent))
		set(message, "note", make([]byte, numberOf(request, "note_bytes")))
		if err := stream.SendMsg(message); err != nil {
			report(map[string]any{"event": "cancelled", "sent": sent, "error": stream.Context().Err() != nil})
			return err
		}
	}
	return status.Error(codes.Code(numberOf(request, "code")), "the watch ended")
}

func main() {
	bytes, err := os.ReadFile(os.Args[1])
	check(err)
	set := &descriptorpb.FileDescriptorSet{}
	check(proto.Unmarshal(bytes, set))
	files, err := protodesc.NewFiles(set)
	check(err)
	found, err := files.FindDescriptorByName(service)
	check(err)
	server := grpc.NewServer()
	server.RegisterService(describe(found.(protoreflect.ServiceDescriptor)), nil)
	healthpb.RegisterHealthServer(server, health.NewServer())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	report(map[string]any{"event": "listening", "port": listener.Addr().(*net.TCPAddr).Port})
	check(server.Serve(listener))
}

func describe(orders protoreflect.ServiceDescriptor) *grpc.ServiceDesc {
	method := func(name string) protoreflect.MethodDescriptor {
		return orders.Methods().ByName(protoreflect.Name(name))
	}
	answer := func(name string, call unary) grpc.MethodDesc {
		types := method(name)
		handler := func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			request := dynamicpb.NewMessage(types.Input())
			if err := decode(request); err != nil {
				return nil, err
			}
			return call(ctx, request, dynamicpb.NewMessage(types.Output()))
		}
		return grpc.MethodDesc{MethodName: name, Handler: handler}
	}
	watch := method("WatchOrders")
	stream := func(_ any, stream grpc.ServerStream) error {
		request := dynamicpb.NewMessage(watch.Input())
		if err := stream.RecvMsg(request); err != nil {
			return err
		}
		return watchOrders(stream, request, watch.Output())
	}
	return &grpc.ServiceDesc{
		ServiceName: service,
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			answer("GetOrder", getOrder),
			answer("PlaceOrder", placeOrder),
			answer("DescribeCall", describeCall),
			answer("Refuse", refuse),
		},
		Streams: []grpc.StreamDesc{{StreamName: "WatchOrders", Handler: stream, ServerStreams: true}},
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
