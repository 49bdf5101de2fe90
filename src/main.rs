//! The kiosk's program.

use std::process::ExitCode;

fn main() -> ExitCode {
    greengate::cli::main()
}
