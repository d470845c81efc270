//! Links between documents lead somewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::fence::documents;

/// The text without what stands in fences.
fn prose(document: &Path) -> String {
    let text = std::fs::read_to_string(document).unwrap();
    let mut inside = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Where the links of a document lead, without those into the world.
fn links(document: &Path) -> Vec<String> {
    let text = prose(document);
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'));
    let targets = targets.map(|(target, _)| target.to_owned());
    targets.filter(|target| !target.contains("://")).collect()
}

/// The anchors that GitHub makes of the headings.
fn anchors(document: &Path) -> BTreeSet<String> {
    let text = prose(document);
    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    let anchors = headings.map(|heading| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.collect::<String>().replace(' ', "-")
    });
    anchors.collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for document in documents() {
        for link in links(&document) {
            seen += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            let there = target.exists() && (anchor.is_empty() || anchors(&target).contains(anchor));
            if !there {
                wrong.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(seen > 100, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_document_is_found_from_the_readme() {
    let all: BTreeSet<PathBuf> = documents().into_iter().collect();
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let mut found = BTreeSet::from([readme.clone()]);
    let mut ways = vec![readme];
    while let Some(document) = ways.pop() {
        for link in links(&document) {
            let path = link.split('#').next().unwrap_or_default();
            let Ok(path) = document.parent().unwrap().join(path).canonicalize() else {
                continue;
            };
            if all.contains(&path) && found.insert(path.clone()) {
                ways.push(path);
            }
        }
    }
    let lost: Vec<_> = all.difference(&found).collect();
    assert!(lost.is_empty(), "{lost:?}");
}
