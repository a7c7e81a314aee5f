// Prints the heartbeat that protocol/README.md shows, in hex, as the generated code encodes it.
import framegate.v1.envelope
import framegate.v1.heartbeatRequest
import framegate.v1.notification

fun main() {
    val frame = envelope {
        protocol = 1005
        seq = 7
        body = heartbeatRequest { clientTimeMs = 1754530782000L }.toByteString()
        traceId = "0af7651916cd43dd8448eb211c80319c"
    }
    // The message, and not the class of the file notification.proto.
    check(notification { title = "t" }.title == "t")
    println(frame.toByteArray().joinToString("") { "%02x".format(it) })
}
