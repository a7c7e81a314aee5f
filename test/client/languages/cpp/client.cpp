// Prints the heartbeat that protocol/README.md shows, in hex, as the generated code encodes it. All headers are read with macros
// as windows.h defines them; google/protobuf/port_def.inc beside this file hides those that protobuf hides for Microsoft's compiler.
#include <google/protobuf/extension_set.h>
#include <google/protobuf/generated_enum_util.h>
#include <google/protobuf/generated_message_util.h>
#include <google/protobuf/inlined_string_field.h>
#include <google/protobuf/map.h>
#include <google/protobuf/map_entry_lite.h>
#include <google/protobuf/map_field_lite.h>
#include <google/protobuf/message_lite.h>
#include <google/protobuf/metadata_lite.h>
#include <google/protobuf/repeated_field.h>

#include <cstdio>

#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define CreateWindow CreateWindowW
#define GetMessage GetMessageW
#define SendMessage SendMessageW
#define DELETE (0x00010000L)
#define ERROR 0
#define IN
#define OUT
#define OPTIONAL
#define far
#define interface struct
#define near
#define small char

// All files, in one translation unit.
#include "all.inc"

int main() {
  framegate::v1::HeartbeatRequest body;
  body.set_client_time_ms(1754530782000);
  framegate::v1::Envelope envelope;
  envelope.set_protocol(framegate::v1::PROTOCOL_NUMBER_AUTH_HEARTBEAT);
  envelope.set_seq(7);
  envelope.set_body(body.SerializeAsString());
  envelope.set_trace_id("0af7651916cd43dd8448eb211c80319c");
  for (unsigned char byte : envelope.SerializeAsString()) std::printf("%02x", byte);
  std::printf("\n");
}
