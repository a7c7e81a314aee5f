// Generates the messages from the .proto files below the folder that PROTO names.
use std::{env, fs, path::PathBuf};

fn main() {
    let root = PathBuf::from(env::var("PROTO").expect("PROTO names the folder of the .proto files"));
    println!("cargo:rerun-if-env-changed=PROTO");
    println!("cargo:rerun-if-changed={}", root.display());
    let files: Vec<PathBuf> = fs::read_dir(root.join("framegate/v1"))
        .expect("the folder of the .proto files")
        .map(|entry| entry.expect("a file").path())
        .collect();
    prost_build::compile_protos(&files, &[root]).expect("prost generates the messages");
}
