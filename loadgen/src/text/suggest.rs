//! The known word nearest to one that is not known.

/// Longest word that is compared; longer ones are no slips of the finger.
const MAX_WORD: usize = 64;

/// The candidate that takes the fewest edits (insert, delete, replace, swap neighbours) to reach from `word`, if that
/// is at most a third of its length. The earlier candidate wins a tie.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = (word.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let Some(distance) = edits(word, candidate) else { continue };
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// What to say to somebody who wrote `word`: the nearest candidate, or all of them if there are few.
pub fn did_you_mean<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str> + Clone) -> Option<String> {
    if let Some(candidate) = nearest(word, candidates.clone()) {
        return Some(format!("did you mean {candidate:?}?"));
    }
    let all: Vec<_> = candidates.into_iter().take(41).map(|c| format!("{c:?}")).collect();
    (1..=40).contains(&all.len()).then(|| format!("known: {}", all.join(", ")))
}

/// Optimal string alignment distance; upper and lower case count as half a slip, so they are folded first.
fn edits(a: &str, b: &str) -> Option<usize> {
    let fold =
        |s: &str| s.chars().map(|c| if c == '-' { '_' } else { c.to_ascii_lowercase() }).collect::<Vec<_>>();
    let (a, b) = (fold(a), fold(b));
    if a.len() > MAX_WORD || b.len() > MAX_WORD {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut current = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = previous[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            current[j] = replaced.min(previous[j] + 1).min(current[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                current[j] = current[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest_known_word() {
        let known = ["channels", "kind", "name", "outgoing_group", "incoming_group"];
        assert_eq!(nearest("chanels", known), Some("channels"));
        assert_eq!(nearest("nmae", known), Some("name"));
        assert_eq!(nearest("outgoing-group", known), Some("outgoing_group"));
        assert_eq!(nearest("zzz", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest(&"x".repeat(10_000), known), None);
    }

    #[test]
    fn lists_all_where_none_is_near() {
        assert_eq!(did_you_mean("ring", ["a-law", "u-law"]), Some("known: \"a-law\", \"u-law\"".into()));
        assert_eq!(did_you_mean("ring", []), None);
    }
}
