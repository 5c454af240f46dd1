//! Finds libconclave: in the folder CONCLAVE_LIB, or by pkg-config.
use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=CONCLAVE_LIB");
    let folder = env::var("CONCLAVE_LIB").unwrap_or_else(|_| {
        let asked = Command::new("pkg-config").args(["--variable=libdir", "conclave"]).output();
        asked.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default().trim().to_string()
    });
    if !folder.is_empty() {
        println!("cargo:rustc-link-search=native={folder}");
    }
    println!("cargo:rustc-link-lib=dylib=conclave");
}
