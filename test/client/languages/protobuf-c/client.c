// Prints the heartbeat that protocol/README.md shows, in hex, as the generated code encodes it.
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "framegate/v1/auth.pb-c.h"
#include "framegate/v1/edge_telemetry.pb-c.h"
#include "framegate/v1/envelope.pb-c.h"
#include "framegate/v1/protocol_number.pb-c.h"

int main(void) {
  uint8_t body[32], frame[128];
  Framegate__V1__HeartbeatRequest request = FRAMEGATE__V1__HEARTBEAT_REQUEST__INIT;
  request.client_time_ms = 1754530782000;
  Framegate__V1__Envelope envelope = FRAMEGATE__V1__ENVELOPE__INIT;
  envelope.protocol = FRAMEGATE__V1__PROTOCOL_NUMBER__PROTOCOL_NUMBER_AUTH_HEARTBEAT;
  envelope.seq = 7;
  envelope.body.data = body;
  envelope.body.len = framegate__v1__heartbeat_request__pack(&request, body);
  envelope.trace_id = "0af7651916cd43dd8448eb211c80319c";
  size_t size = framegate__v1__envelope__pack(&envelope, frame);
  for (size_t at = 0; at < size; at++) printf("%02x", frame[at]);
  printf("\n");
  return 0;
}
