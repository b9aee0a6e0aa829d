//! Children, and who is cancelled with whom.
use super::Waiting;
use super::tokio_util::sync::CancellationToken;

/// Parent, child, grandchild and so on.
fn chain(length: usize) -> Vec<CancellationToken> {
    let mut chain = vec![CancellationToken::new()];
    while chain.len() < length {
        chain.push(chain[chain.len() - 1].child_token());
    }
    chain
}

#[test]
fn a_cancel_goes_down_and_never_up() {
    for cancelled in 0..6 {
        let chain = chain(6);
        chain[cancelled].cancel();
        let read: Vec<_> = chain.iter().map(CancellationToken::is_cancelled).collect();
        assert_eq!(read, (0..6).map(|at| at >= cancelled).collect::<Vec<_>>());
    }
}

#[test]
fn siblings_have_nothing_to_do_with_each_other() {
    let token = CancellationToken::new();
    let children: Vec<_> = (0..20).map(|_| token.child_token()).collect();
    children[13].cancel();
    assert_eq!(children.iter().filter(|child| child.is_cancelled()).count(), 1);
    assert!(!token.is_cancelled() && children[13].is_cancelled());
    token.cancel();
    assert!(children.iter().all(CancellationToken::is_cancelled));
}

#[test]
fn children_of_clones_are_siblings() {
    let token = CancellationToken::new();
    let clone = token.clone();
    let (one, other) = (token.child_token(), clone.child_token());
    drop(clone);
    token.cancel();
    assert!(one.is_cancelled() && other.is_cancelled());
}

#[test]
fn a_child_of_a_cancelled_token_is_born_cancelled() {
    let chain = chain(3);
    chain[0].cancel();
    for token in &chain {
        let born = token.child_token();
        assert!(born.is_cancelled() && born.child_token().is_cancelled());
        Waiting::new(born.cancelled()).output();
    }
    // Its own cancel is nobody's business.
    let alone = CancellationToken::new();
    let child = alone.child_token();
    child.cancel();
    assert!(child.child_token().is_cancelled() && !alone.child_token().is_cancelled());
}

#[test]
fn what_hung_below_a_dropped_token_hangs_below_what_was_above() {
    // Every set of those in the middle, dropped from above and from below.
    for dropped in 0..16_u32 {
        for upwards in [false, true] {
            let mut chain: Vec<_> = chain(6).into_iter().map(Some).collect();
            let mut wait = Waiting::begun(chain[5].clone().expect("the last").cancelled_owned());
            let mut middles: Vec<_> = (1..5).filter(|at| dropped & (1 << (at - 1)) != 0).collect();
            if upwards {
                middles.reverse();
            }
            middles.into_iter().for_each(|at| chain[at] = None);
            assert!(chain.iter().flatten().all(|token| !token.is_cancelled()));
            chain[0].as_ref().expect("the first").cancel();
            assert!(chain.iter().flatten().all(CancellationToken::is_cancelled), "dropped: {dropped:04b}");
            assert_eq!(wait.wakes(), 1);
            wait.output();
        }
    }
}

#[test]
fn a_dropped_middle_with_many_children() {
    let token = CancellationToken::new();
    let middle = token.child_token();
    let mut below: Vec<_> = (0..100).map(|_| middle.child_token()).collect();
    let waits: Vec<_> = below.iter().map(|child| Waiting::begun(child.clone().cancelled_owned())).collect();
    drop(middle);
    below.truncate(50);
    below[3].cancel();
    assert_eq!(waits.iter().map(Waiting::wakes).sum::<usize>(), 1);
    let late = below[4].child_token();
    token.cancel();
    assert!(late.is_cancelled() && below.iter().all(CancellationToken::is_cancelled));
    assert!(waits.iter().all(|wait| wait.wakes() == 1));
}

#[test]
fn dropping_the_root_sets_its_children_free() {
    let mut chain = chain(4);
    let mut wait = Waiting::begun(chain[3].clone().cancelled_owned());
    drop(chain.remove(0));
    assert!(chain.iter().all(|token| !token.is_cancelled()) && wait.poll().is_pending());
    chain[0].cancel();
    assert!(chain.iter().all(CancellationToken::is_cancelled));
    assert_eq!(wait.wakes(), 1);
}

#[test]
fn a_cancelled_middle_that_is_dropped_changes_nothing() {
    let mut chain = chain(4);
    chain[2].cancel();
    drop(chain.remove(2));
    assert_eq!(chain.iter().map(CancellationToken::is_cancelled).collect::<Vec<_>>(), [false, false, true]);
    chain[0].cancel();
    assert!(chain[1].is_cancelled());
}

#[test]
fn a_line_of_descent_without_its_ancestors() {
    let root = CancellationToken::new();
    let mut last = root.child_token();
    for _ in 0..5_000 {
        last = last.child_token();
    }
    let mut wait = Waiting::begun(last.clone().cancelled_owned());
    assert!(!last.is_cancelled());
    root.cancel();
    assert!(last.is_cancelled() && wait.wakes() == 1);
    wait.output();
}

#[test]
fn deep_and_wide_trees_are_dropped_and_cancelled() {
    for cancel in [false, true] {
        let chain = chain(10_000);
        let wide: Vec<_> = (0..10_000).map(|_| chain[5_000].child_token()).collect();
        if cancel {
            chain[0].cancel();
        }
        assert!(chain.iter().chain(&wide).all(|token| token.is_cancelled() == cancel));
        drop(chain);
        assert!(wide.iter().all(|token| token.is_cancelled() == cancel));
    }
}

#[test]
fn whoever_waits_below_is_woken_once() {
    let root = CancellationToken::new();
    let children: Vec<_> = (0..10).map(|_| root.child_token()).collect();
    let grandchildren: Vec<_> = children.iter().flat_map(|child| (0..10).map(|_| child.child_token())).collect();
    let waits: Vec<_> =
        [&root].into_iter().chain(&children).chain(&grandchildren).map(|t| Waiting::begun(t.cancelled())).collect();
    children[0].cancel();
    assert_eq!(waits.iter().map(Waiting::wakes).sum::<usize>(), 11);
    root.cancel();
    children[1].cancel();
    assert!(waits.iter().all(|wait| wait.wakes() == 1));
}
