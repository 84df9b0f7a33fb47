//! The console in headless Chromium, against the real demo.

use crate::harness::{Running, lenke};
use std::process::Command;

#[test]
fn an_operator_sees_an_alert_and_acknowledges_it_with_the_keyboard() {
    let browser = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    assert!(
        browser.join("node_modules").is_dir(),
        "the browser test needs its packages: npm --prefix tests/browser ci (./test does it)"
    );
    let data = tempfile::tempdir().unwrap();
    let mut command = lenke(&[
        "demo",
        "--wearers",
        "100",
        "--speed",
        "10",
        "--mqtt",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
    ]);
    command.arg("--data-dir").arg(data.path());
    let mut demo = Running::start(command);
    let http = demo.address("http://");
    let login = demo.wait_for("login");
    let (name, password) = login.split_once(" / ").unwrap();
    let output = Command::new("node")
        .arg("console.mjs")
        .current_dir(&browser)
        .env("LENKE_URL", format!("http://{http}"))
        .env("LENKE_USER", name)
        .env("LENKE_PASSWORD", password.split_whitespace().next().unwrap())
        .env("LENKE_SHOTS", data.path())
        .output()
        .unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    eprintln!("{said}");
    assert!(output.status.success(), "{said}");
    demo.interrupt();
}
