// The heartbeat that protocol/README.md shows. It is checked and not run.
#import "framegate/v1/Auth.pbobjc.h"
#import "framegate/v1/EdgeTelemetry.pbobjc.h"
#import "framegate/v1/Envelope.pbobjc.h"
#import "framegate/v1/ProtocolNumber.pbobjc.h"

NSData *heartbeat(void) {
  FGTHeartbeatRequest *body = [FGTHeartbeatRequest message];
  body.clientTimeMs = 1754530782000;
  FGTEnvelope *envelope = [FGTEnvelope message];
  envelope.protocol = FGTProtocolNumber_ProtocolNumberAuthHeartbeat;
  envelope.seq = 7;
  envelope.body = [body data];
  envelope.traceId = @"0af7651916cd43dd8448eb211c80319c";
  FGTPointValue *point = [FGTPointValue message];
  point.boolValue = YES;
  return [envelope data];
}
