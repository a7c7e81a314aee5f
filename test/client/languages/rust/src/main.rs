// Prints the heartbeat that protocol/README.md shows, in hex, as the generated code encodes it.
use prost::Message;

// Documentation tests would take the examples in comments for Rust.
#[allow(rustdoc::all)]
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/framegate.v1.rs"));
}

fn main() {
    let body = v1::HeartbeatRequest { client_time_ms: 1_754_530_782_000 }.encode_to_vec();
    let envelope = v1::Envelope {
        protocol: 1005,
        seq: 7,
        body,
        trace_id: "0af7651916cd43dd8448eb211c80319c".into(),
        ..Default::default()
    };
    let hex: String = envelope.encode_to_vec().iter().map(|byte| format!("{byte:02x}")).collect();
    println!("{hex}");
}
