// Prints the heartbeat that protocol/README.md shows, in hex, as the generated code encodes it.
#include <pb_encode.h>
#include <stdio.h>
#include <string.h>

#include "framegate/v1/auth.pb.h"
#include "framegate/v1/edge_telemetry.pb.h"
#include "framegate/v1/envelope.pb.h"
#include "framegate/v1/protocol_number.pb.h"

struct bytes {
  const uint8_t *data;
  size_t size;
};

static bool write_bytes(pb_ostream_t *stream, const pb_field_t *field, void *const *arg) {
  const struct bytes *bytes = *arg;
  return pb_encode_tag_for_field(stream, field) && pb_encode_string(stream, bytes->data, bytes->size);
}

int main(void) {
  uint8_t body[32], frame[128];
  framegate_v1_HeartbeatRequest request = framegate_v1_HeartbeatRequest_init_zero;
  request.client_time_ms = 1754530782000;
  pb_ostream_t stream = pb_ostream_from_buffer(body, sizeof body);
  if (!pb_encode(&stream, framegate_v1_HeartbeatRequest_fields, &request)) return 1;

  const char *trace_id = "0af7651916cd43dd8448eb211c80319c";
  struct bytes parts[] = {{body, stream.bytes_written}, {(const uint8_t *)trace_id, strlen(trace_id)}};
  framegate_v1_Envelope envelope = framegate_v1_Envelope_init_zero;
  envelope.protocol = framegate_v1_ProtocolNumber_PROTOCOL_NUMBER_AUTH_HEARTBEAT;
  envelope.seq = 7;
  envelope.body.funcs.encode = envelope.trace_id.funcs.encode = write_bytes;
  envelope.body.arg = &parts[0];
  envelope.trace_id.arg = &parts[1];
  stream = pb_ostream_from_buffer(frame, sizeof frame);
  if (!pb_encode(&stream, framegate_v1_Envelope_fields, &envelope)) return 1;
  for (size_t at = 0; at < stream.bytes_written; at++) printf("%02x", frame[at]);
  printf("\n");

  // `bool` is a macro of <stdbool.h>.
  framegate_v1_PointValue point = framegate_v1_PointValue_init_zero;
  point.which_value = framegate_v1_PointValue_bool_value_tag;
  point.value.bool_value = true;
  return point.which_value == 4 ? 0 : 1;
}
