// Prints the heartbeat that protocol/README.md shows, in hex, as the generated code encodes it.
import framegate.v1.Envelope;
import framegate.v1.HeartbeatRequest;
import framegate.v1.Notification;

public class Client {
  public static void main(String[] args) {
    HeartbeatRequest body = HeartbeatRequest.newBuilder().setClientTimeMs(1754530782000L).build();
    Envelope envelope =
        Envelope.newBuilder()
            .setProtocol(1005)
            .setSeq(7)
            .setBody(body.toByteString())
            .setTraceId("0af7651916cd43dd8448eb211c80319c")
            .build();
    // The message, and not the class of the file notification.proto.
    Notification.getDefaultInstance().getTitle();
    StringBuilder hex = new StringBuilder();
    for (byte value : envelope.toByteArray()) hex.append(String.format("%02x", value));
    System.out.println(hex);
  }
}
