// The heartbeat that protocol/README.md shows. It is not run: Runtime.cs encodes nothing.
using Framegate.V1;

public static class Client {
  public static void Main() {
    var body = new HeartbeatRequest { ClientTimeMs = 1754530782000L };
    var envelope = new Envelope { Protocol = (uint)ProtocolNumber.AuthHeartbeat, Seq = 7, TraceId = "0af7651916cd43dd8448eb211c80319c" };
    body.CalculateSize();
    envelope.CalculateSize();
  }
}
