//! The program that the docs' page "without a heap" begins with, as `build.rs` found it there.
#![no_std]
#![no_main]

include!(concat!(env!("OUT_DIR"), "/listing.rs"));
