//! The authority's program.

use std::process::ExitCode;

fn main() -> ExitCode {
    greengate::cli::hub::main()
}
