//! The pages of docs/reference are what the code says. `BLESS=1` writes them anew.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::{env, fs, path::Path};

use support::Workshop;

#[test]
fn the_reference_is_what_the_code_says() {
    let shop = Workshop::new();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference");

    let run = shop.stele(&["reference", "written"]);

    assert_eq!(run.code, 0, "{run:?}");
    for page in ["cli.md", "config.md", "differences.md", "lint.md"] {
        let written = fs::read_to_string(shop.path().join("written").join(page)).unwrap();
        if env::var_os("BLESS").is_some() {
            fs::create_dir_all(&kept).unwrap();
            fs::write(kept.join(page), &written).unwrap();
        }
        let kept = fs::read_to_string(kept.join(page)).unwrap_or_default();
        assert!(
            kept == written,
            "docs/reference/{page} is not what the code says: `BLESS=1 cargo test -p stele-cli --test reference` writes it anew"
        );
    }
}
