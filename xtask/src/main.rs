//! Chores of the repository: `cargo xtask tidy` checks what compilers do not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Longest source file, in lines; the handbook's soft limit is 500.
const LINES_MAX: usize = 800;

/// Each crate's layer. An edge may only go down, within L1 only from `store` to `meta`.
const LAYERS: [(&str, u8); 8] = [
    ("gilmok-model", 0),
    ("gilmok-analysis", 1),
    ("gilmok-store", 1),
    ("gilmok-meta", 1),
    ("gilmok-print", 1),
    ("gilmok-engine", 2),
    ("gilmok", 3),
    ("xtask", 4),
];

/// Heavy dependencies and the crates that may name them.
const FENCES: [(&str, &[&str]); 9] = [
    ("vortex", &["gilmok-store"]),
    ("parquet", &["gilmok-store"]),
    ("sqlx", &["gilmok-meta"]),
    ("datafusion", &["gilmok-engine"]),
    ("datafusion-pg-catalog", &["gilmok-engine"]),
    ("pgwire", &["gilmok"]),
    ("arrow-pg", &["gilmok"]),
    ("krilla", &["gilmok-print"]),
    ("axum", &["gilmok"]),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args != ["tidy"] {
        eprintln!("usage: cargo run -p xtask -- tidy");
        return ExitCode::from(2);
    }
    let faults: Vec<String> = [layers(), files()].concat();
    for fault in &faults {
        eprintln!("tidy: {fault}");
    }
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

/// Edges that climb, cross or pass a fence.
fn layers() -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let mut edges = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name").to_owned();
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            if dependency["kind"].is_null() {
                edges.push((name.clone(), dependency["name"].as_str().expect("a name").to_owned()));
            }
        }
    }
    faults_of(&edges)
}

fn faults_of(edges: &[(String, String)]) -> Vec<String> {
    let layers: BTreeMap<&str, u8> = LAYERS.into_iter().collect();
    let mut faults = Vec::new();
    for (from, to) in edges {
        if to == "gilmok-testkit" {
            faults.push(format!("{from} → {to}: the testkit is for tests only"));
        }
        if let (Some(a), Some(b)) = (layers.get(from.as_str()), layers.get(to.as_str())) {
            let falls = b < a || (from == "gilmok-store" && to == "gilmok-meta");
            if !falls {
                faults.push(format!("{from} (L{a}) → {to} (L{b}): an edge may only go down"));
            }
        }
        if let Some((_, owners)) = FENCES.iter().find(|(fenced, _)| fenced == to)
            && !owners.contains(&from.as_str())
        {
            faults.push(format!("{from} → {to}: only {} may", owners.join(", ")));
        }
    }
    faults
}

/// Source files that are too long or hold a machine's path.
fn files() -> Vec<String> {
    let listed = Command::new("git").args(["ls-files"]).current_dir(root()).output().expect("git runs");
    let mut faults = Vec::new();
    for name in String::from_utf8_lossy(&listed.stdout).lines() {
        let is_source = [".rs", ".ts", ".tsx", ".css"].iter().any(|end| name.ends_with(end));
        let is_made = name.contains("/generated/") || name.ends_with("schema.d.ts");
        let Some(text) = is_source.then(|| std::fs::read_to_string(root().join(name)).ok()).flatten() else {
            continue;
        };
        let n_lines = text.lines().count();
        if n_lines > LINES_MAX && !is_made {
            faults.push(format!("{name} has {n_lines} lines, more than {LINES_MAX}"));
        }
        let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat()];
        for (line, text) in text.lines().enumerate() {
            if marks.iter().any(|mark| text.contains(mark.as_str())) {
                faults.push(format!("{name}:{}: an open end; finish it or file an issue", line + 1));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, to: &str, n_faults: usize) {
        assert_eq!(faults_of(&[(from.to_owned(), to.to_owned())]).len(), n_faults, "{from} → {to}");
    }

    #[test]
    fn the_tree_is_tidy() {
        assert_eq!([layers(), files()].concat(), Vec::<String>::new());
    }

    #[test]
    fn edges_only_go_down() {
        check("gilmok-engine", "gilmok-store", 0);
        check("gilmok-store", "gilmok-meta", 0); // The one exception within L1.
        check("gilmok-meta", "gilmok-store", 1);
        check("gilmok-analysis", "gilmok-store", 1);
        check("gilmok-model", "gilmok-engine", 1);
        check("gilmok", "gilmok-testkit", 1); // Tests only.
        check("gilmok-engine", "sqlx", 1); // Fenced,
        check("gilmok-meta", "sqlx", 0); // but for its owner.
        check("gilmok-model", "serde", 0);
    }
}
