// Calls a gateway by the clients that connect-go generates from the .proto files: a conversation by the typed methods, and every
// method there is with an empty request. Prints one line of JSON for each call of the latter, and ends with an error where a reply
// is not what the protocol says.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	framegatev1 "framegate/v1"
	"framegate/v1/framegatev1connect"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectproto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

const password = "correct horse battery staple"

// A call, as it is printed.
type result struct {
	Style  string `json:"style"`
	Method string `json:"method"`
	Verb   string `json:"verb"`
	// Empty for a reply.
	Connect string `json:"connect,omitempty"`
	Code    string `json:"code,omitempty"`
}

// The ways to call: how messages are encoded and sent.
var styles = map[string][]connecthttp.Option{
	"protobuf":         nil,
	"json":             {connecthttp.WithProtoJSON()},
	"gzip":             {connecthttp.WithSendGzip()},
	"json by get":      {connecthttp.WithProtoJSON(), connecthttp.WithHTTPGet()},
	"protobuf by get":  {connecthttp.WithHTTPGet()},
	"gzip json by get": {connecthttp.WithProtoJSON(), connecthttp.WithSendGzip(), connecthttp.WithHTTPGet()},
}

func main() {
	url := os.Args[1]
	for style, options := range styles {
		if err := run(url, style, options); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", style, err)
			os.Exit(1)
		}
	}
}

func run(url, style string, options []connecthttp.Option) error {
	token := ""
	withToken := func(next connect.ClientFunc) connect.ClientFunc {
		return func(ctx context.Context, spec connect.Spec) (connect.ClientStream, error) {
			if info, ok := connect.CallInfoForClientContext(ctx); ok && token != "" {
				info.RequestHeader().Set("Authorization", "Bearer "+token)
			}
			return next(ctx, spec)
		}
	}
	client := connect.NewClient(connecthttp.NewTransport(http.DefaultClient, url, options...), withToken)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := refused(ctx, client); err != nil {
		return err
	}
	renew := func() error {
		token = ""
		accessToken, err := logIn(ctx, client, style)
		token = accessToken
		return err
	}
	if err := renew(); err != nil {
		return err
	}
	if err := converse(ctx, client); err != nil {
		return err
	}
	return callAll(ctx, client, style, renew)
}

// A call without a token is refused with the error of the product among the details.
func refused(ctx context.Context, client *connect.Client) error {
	_, err := framegatev1connect.NewChatServiceClient(client).ListChatRooms(ctx, &framegatev1.ListChatRoomsRequest{})
	detail, err := detailOf(err)
	if err != nil {
		return err
	}
	if detail.GetCode() != framegatev1.ErrorCode_ERROR_CODE_UNAUTHENTICATED {
		return fmt.Errorf("a call without a token: %v", detail)
	}
	return nil
}

func logIn(ctx context.Context, client *connect.Client, style string) (string, error) {
	auth := framegatev1connect.NewAuthServiceClient(client)
	name := fmt.Sprintf("go%d", time.Now().UnixNano())
	_, err := auth.Register(ctx, &framegatev1.RegisterRequest{Username: "x", Password: password})
	detail, err := detailOf(err)
	if err != nil {
		return "", err
	}
	if len(detail.GetViolations()) != 1 || detail.GetViolations()[0].GetField() != "username" {
		return "", fmt.Errorf("a name that is too short: %v", detail)
	}
	if _, err := auth.Register(ctx, &framegatev1.RegisterRequest{Username: name, Password: password}); err != nil {
		return "", err
	}
	reply, err := auth.Login(ctx, &framegatev1.LoginRequest{Username: name, Password: password, DeviceId: style})
	if err != nil {
		return "", err
	}
	return reply.GetTokens().GetAccessToken(), nil
}

// Sends a message that is worth compressing, and reads it.
func converse(ctx context.Context, client *connect.Client) error {
	chat := framegatev1connect.NewChatServiceClient(client)
	room, err := chat.CreateChatRoom(ctx, &framegatev1.CreateChatRoomRequest{Name: "hall", IsPublic: true})
	if err != nil {
		return err
	}
	text := ""
	for range 100 {
		text += "straße, 你好, 🙂; "
	}
	id := room.GetRoom().GetId()
	sent, err := chat.SendMessage(ctx, &framegatev1.SendMessageRequest{
		RoomId:      id,
		ClientMsgId: "1",
		Content:     &framegatev1.MessageContent{Kind: framegatev1.MessageKind_MESSAGE_KIND_TEXT, Text: text},
	})
	if err != nil {
		return err
	}
	history, err := chat.GetHistory(ctx, &framegatev1.GetHistoryRequest{RoomId: id})
	if err != nil {
		return err
	}
	for _, message := range history.GetMessages() {
		if message.GetId() == sent.GetMessageId() && message.GetContent().GetText() == text {
			return nil
		}
	}
	return fmt.Errorf("the message is not in the history: %v", history)
}

// Calls every method with an empty request. Some end the session, or the account with it: then the next one is of another account.
func callAll(ctx context.Context, client *connect.Client, style string, renew func() error) error {
	var err error
	callOne := func(method protoreflect.MethodDescriptor) error {
		shown, err := call(ctx, client, style, method)
		if err == nil && shown.Code == framegatev1.ErrorCode_ERROR_CODE_UNAUTHENTICATED.String() {
			if err = renew(); err == nil {
				shown, err = call(ctx, client, style, method)
			}
		}
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(shown)
	}
	protoregistry.GlobalFiles.RangeFilesByPackage("framegate.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				if err = callOne(methods.Get(j)); err != nil {
					return false
				}
			}
		}
		return true
	})
	return err
}

func call(
	ctx context.Context,
	client *connect.Client,
	style string,
	method protoreflect.MethodDescriptor,
) (result, error) {
	path := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
	shown := result{Style: style, Method: path}
	request, err := newMessage(method.Input())
	if err != nil {
		return shown, err
	}
	reply, err := newMessage(method.Output())
	if err != nil {
		return shown, err
	}
	spec := connect.Spec{StreamType: connect.StreamTypeUnary, Schema: method, Procedure: path}
	level := method.Options().(*descriptorpb.MethodOptions).GetIdempotencyLevel()
	if level == descriptorpb.MethodOptions_NO_SIDE_EFFECTS {
		spec.IdempotencyLevel = connect.IdempotencyNoSideEffects
	}
	callContext, info := connect.NewClientContext(ctx)
	if err := client.CallUnary(callContext, spec, request, reply); err != nil {
		detail, wrong := detailOf(err)
		if wrong != nil {
			return shown, fmt.Errorf("%s: %w", path, wrong)
		}
		shown.Connect = connect.CodeOf(err).String()
		shown.Code = detail.GetCode().String()
	}
	if sent, ok := info.TransportInfo.(*connecthttp.ClientInfo); ok {
		shown.Verb = sent.HTTPMethod()
	}
	return shown, nil
}

func newMessage(descriptor protoreflect.MessageDescriptor) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(descriptor.FullName())
	if err != nil {
		return nil, err
	}
	return kind.New().Interface(), nil
}

// The detail that each error of the gateway has.
func detailOf(err error) (*framegatev1.ErrorDetail, error) {
	var failure *connect.Error
	if !errors.As(err, &failure) || !failure.IsRemote() {
		return nil, fmt.Errorf("no error of the gateway: %v", err)
	}
	for _, one := range failure.Details() {
		message, err := connectproto.UnmarshalErrorDetail(one)
		if err != nil {
			return nil, err
		}
		if detail, ok := message.(*framegatev1.ErrorDetail); ok {
			return detail, nil
		}
	}
	return nil, fmt.Errorf("no detail: %w", failure)
}
