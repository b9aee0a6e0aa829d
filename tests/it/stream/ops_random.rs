//! Every operator that a vector has, too, over streams that are pending where chance says so.
use super::script::{Hint, Script, all, output};
use crate::support::chance::Chance;
use std::collections::{BTreeMap, BTreeSet};
use taskcell::stream::{AsyncEnumerableExt, Overflow};

struct Plan {
    chance: Chance,
    items: Vec<i32>,
}

impl Plan {
    fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let len = chance.below(20);
        let range = 1 + chance.below(10);
        let items = (0..len).map(|_| chance.below(range) as i32).collect();
        Self { chance, items }
    }

    /// The items as a stream, each time in another pace.
    fn stream(&mut self) -> Script<i32> {
        let mut steps = Vec::new();
        for item in &self.items {
            while self.chance.once_in(3) {
                steps.push(None);
            }
            steps.push(Some(*item));
        }
        while self.chance.once_in(3) {
            steps.push(None);
        }
        Script::new(steps, if self.chance.once_in(2) { Hint::Exact } else { Hint::Nothing })
    }
}

fn unique<K: Ord>(items: &[i32], key: impl Fn(&i32) -> K) -> Vec<i32> {
    let mut seen = BTreeSet::new();
    items.iter().copied().filter(|item| seen.insert(key(item))).collect()
}

fn grouped(items: &[i32]) -> Vec<(i32, Vec<i32>)> {
    let mut groups: Vec<(i32, Vec<i32>)> = Vec::new();
    for item in items {
        match groups.iter_mut().find(|group| group.0 == item % 3) {
            Some(group) => group.1.push(*item),
            None => groups.push((item % 3, vec![*item])),
        }
    }
    groups
}

#[test]
fn operators_do_what_vectors_do() {
    for seed in 0..2000 {
        let mut plan = Plan::new(seed);
        let items = plan.items.clone();
        let count = plan.chance.below(12) as usize;

        assert_eq!(all(plan.stream().distinct()), unique(&items, |n| *n), "{seed}");
        assert_eq!(all(plan.stream().distinct_by(|n| n % 3)), unique(&items, |n| n % 3), "{seed}");
        let mut changes = items.clone();
        changes.dedup();
        assert_eq!(all(plan.stream().distinct_until_changed()), changes, "{seed}");
        changes = items.clone();
        changes.dedup_by_key(|n| *n % 3);
        assert_eq!(all(plan.stream().distinct_until_changed_by(|n| n % 3)), changes, "{seed}");
        let pairs: Vec<_> = items.windows(2).map(|pair| (pair[0], pair[1])).collect();
        assert_eq!(all(plan.stream().pairwise()), pairs, "{seed}");
        let split = items.len().saturating_sub(count);
        assert_eq!(all(plan.stream().take_last(count)), items[split..], "{seed}");
        assert_eq!(all(plan.stream().skip_last(count)), items[..split], "{seed}");
        let or = if items.is_empty() { vec![-1] } else { items.clone() };
        assert_eq!(all(plan.stream().default_if_empty(-1)), or, "{seed}");
        let chunks: Vec<_> =
            items.chunk_by(|a, b| a % 3 == b % 3).map(|chunk| (chunk[0] % 3, chunk.to_vec())).collect();
        assert_eq!(all(plan.stream().group_adjacent(|n| n % 3)), chunks, "{seed}");

        let mut other = Plan::new(seed ^ 0x5eed);
        let others: BTreeSet<_> = other.items.iter().copied().collect();
        let (common, rest): (Vec<_>, Vec<_>) = unique(&items, |n| *n).into_iter().partition(|n| others.contains(n));
        assert_eq!(all(plan.stream().except(other.stream())), rest, "{seed}");
        assert_eq!(all(plan.stream().intersect(other.stream())), common, "{seed}");
        assert_eq!(output(plan.stream().sequence_equal(other.stream())), items == other.items, "{seed}");
        assert!(output(plan.stream().sequence_equal(plan.stream())), "{seed}");

        assert_eq!(output(plan.stream().last()), items.last().copied(), "{seed}");
        assert_eq!(output(plan.stream().single()).ok(), (items.len() == 1).then(|| items[0]), "{seed}");
        assert_eq!(output(plan.stream().min()), items.iter().copied().min(), "{seed}");
        assert_eq!(output(plan.stream().max()), items.iter().copied().max(), "{seed}");
        let key = |n: &i32| n % 3;
        assert_eq!(output(plan.stream().min_by_key(key)), items.iter().copied().min_by_key(key), "{seed}");
        assert_eq!(output(plan.stream().max_by_key(key)), items.iter().copied().max_by_key(key), "{seed}");
        assert_eq!(output(plan.stream().sum()), Ok(items.iter().sum()), "{seed}");
        let average = (!items.is_empty()).then(|| f64::from(items.iter().sum::<i32>()) / items.len() as f64);
        assert_eq!(output(plan.stream().average()), average, "{seed}");

        let groups = grouped(&items);
        let counts: Vec<_> = groups.iter().map(|group| (group.0, group.1.len())).collect();
        assert_eq!(output(plan.stream().count_by(key)), counts, "{seed}");
        let sums: Vec<_> = groups.iter().map(|group| (group.0, group.1.iter().sum::<i32>())).collect();
        assert_eq!(output(plan.stream().aggregate_by(key, |_| 0, |sum, n| *sum += n)), sums, "{seed}");
        let lookup = output(plan.stream().to_lookup(key));
        let by_key: BTreeMap<_, _> = groups.iter().cloned().collect();
        assert!((0..4).all(|k| lookup.get(&k) == by_key.get(&k).map_or(&[][..], Vec::as_slice)), "{seed}");
        assert!(lookup.into_iter().eq(groups), "{seed}");
    }
}

#[test]
fn sums_overflow_where_checked_additions_do() {
    for seed in 0..2000 {
        let mut chance = Chance::new(seed);
        let items: Vec<i8> = (0..chance.below(6)).map(|_| chance.below(256) as u8 as i8).collect();
        let expected = items.iter().try_fold(0_i8, |sum, n| sum.checked_add(*n)).ok_or(Overflow);
        assert_eq!(output(Script::paced(items, 1, Hint::Exact).sum()), expected, "{seed}");
    }
}
