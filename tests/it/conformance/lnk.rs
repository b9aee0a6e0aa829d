//! LNK: linked sources.
use crate::support::{Dropped, Log, panic_of};
use std::sync::atomic::Ordering;
use taskcell::{CancellationToken, CancellationTokenSource};

fn source() -> CancellationTokenSource {
    CancellationTokenSource::new()
}

#[test]
fn lnk_001_any_parent_cancels() {
    for n in 1..=5 {
        for which in 0..n {
            let parents: Vec<_> = (0..n).map(|_| source()).collect();
            let tokens: Vec<_> = parents.iter().map(CancellationTokenSource::token).collect();
            let (linked, log) = (CancellationTokenSource::linked(&tokens), Log::new());
            linked.token().register(log.note("ran")).detach();
            assert!(!linked.is_cancelled());
            assert!(parents[which].cancel());
            assert!(linked.is_cancelled());
            assert_eq!(log.take(), ["ran"]);
            assert!(!linked.cancel());
        }
    }
}

#[test]
fn lnk_002_a_cancelled_parent_gives_a_cancelled_source() {
    let (live, cancelled) = (source(), source());
    cancelled.cancel_with("why");
    for tokens in [[live.token(), cancelled.token()], [cancelled.token(), live.token()]] {
        let linked = CancellationTokenSource::linked(&tokens);
        assert!(linked.is_cancelled());
        let reason = linked.token().reason().unwrap();
        assert!(reason.is_inherited());
        assert_eq!(reason.error().unwrap().to_string(), "why");
    }
    assert!(CancellationTokenSource::linked(&[CancellationToken::new(true)]).is_cancelled());
    assert!(cancelled.token().child().is_cancelled());
    assert_eq!(live.token().listeners(), 0);
}

#[test]
fn lnk_003_a_linked_source_never_cancels_its_parents() {
    let (a, b) = (source(), source());
    let linked = CancellationTokenSource::linked(&[a.token(), b.token()]);
    assert!(linked.cancel());
    assert!(!a.is_cancelled() && !b.is_cancelled());
    let child = a.token().child();
    child.cancel();
    assert!(!a.is_cancelled());
}

#[test]
fn lnk_004_one_parent_leaves_the_other_alone() {
    let (a, b) = (source(), source());
    let linked = CancellationTokenSource::linked(&[a.token(), b.token()]);
    b.cancel();
    assert!(!a.is_cancelled());
    assert!(linked.is_cancelled());
    assert!(a.cancel());
}

#[test]
fn lnk_005_a_dropped_linked_source_is_gone_from_its_parents() {
    let (a, b) = (source(), source());
    let linked = CancellationTokenSource::linked(&[a.token(), b.token()]);
    let ((value, drops), log) = (Dropped::new(), Log::new());
    let ran = log.clone();
    let registration = linked.token().register(move || {
        let _value = &value;
        ran.push("ran");
    });
    assert_eq!((a.token().listeners(), b.token().listeners()), (1, 1));
    drop(registration);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    drop(linked);
    assert_eq!((a.token().listeners(), b.token().listeners()), (0, 0));
    a.cancel();
    assert_eq!(log.len(), 0);
}

#[test]
fn lnk_006_none_links_nothing() {
    let linked = CancellationTokenSource::linked(&[CancellationToken::NONE, CancellationToken::NONE]);
    assert!(!linked.is_cancelled());
    assert!(linked.token().can_be_cancelled());
    assert!(linked.cancel());
    let child = CancellationToken::NONE.child();
    assert!(!child.is_cancelled());
    assert!(child.cancel());
}

/// We differ on purpose: an empty list gives an ordinary source.
#[test]
fn lnk_007_an_empty_list_gives_an_ordinary_source() {
    let linked = CancellationTokenSource::linked(&[]);
    assert!(!linked.is_cancelled());
    assert!(linked.cancel());
    assert!(!linked.token().reason().unwrap().is_inherited());
}

#[test]
fn lnk_008_the_same_token_twice_links_once() {
    let (parent, log) = (source(), Log::new());
    let linked = CancellationTokenSource::linked(&[parent.token(), parent.token(), parent.token()]);
    assert_eq!(parent.token().listeners(), 1);
    linked.token().register(log.note("ran")).detach();
    parent.cancel();
    assert_eq!(log.take(), ["ran"]);
}

#[test]
fn lnk_009_a_parent_without_sources() {
    let parent = source();
    let token = parent.token();
    drop(parent);
    let linked = CancellationTokenSource::linked(&[token]);
    assert!(!linked.is_cancelled());
    assert!(linked.token().can_be_cancelled());
    assert!(linked.cancel());
}

#[test]
fn lnk_010_a_chain_is_cancelled_before_cancel_returns() {
    let a = source();
    let b = a.token().child();
    let c = b.token().child();
    let d = c.token().child();
    a.cancel();
    assert!(b.is_cancelled() && c.is_cancelled() && d.is_cancelled());
    assert!(!a.token().reason().unwrap().is_inherited());
    assert!(d.token().reason().unwrap().is_inherited());
}

/// We differ on purpose, as in CTS-011: the panic itself resumes from the parent's cancel.
#[test]
fn lnk_015_a_panic_below_comes_out_of_the_parents_cancel() {
    let (parent, log) = (source(), Log::new());
    let linked = parent.token().child();
    parent.token().register(log.note("older")).detach();
    linked.token().register(|| panic!("x")).detach();
    parent.token().register(log.note("newer")).detach();
    assert_eq!(panic_of(|| parent.cancel()), Some("x"));
    assert!(linked.is_cancelled());
    assert_eq!(log.take(), ["newer", "older"]);
}

#[test]
fn lnk_016_the_error_carries_the_linked_token() {
    let parent = source();
    let linked = parent.token().child();
    parent.cancel();
    let error = linked.token().check().unwrap_err();
    assert!(error.token().clone() == linked.token());
    assert!(error.token().clone() != parent.token());
}

#[test]
fn lnk_017_the_parent_goes_first() {
    let (parent, log) = (source(), Log::new());
    let linked = parent.token().child();
    drop(parent);
    linked.token().register(log.note("ran")).detach();
    assert!(linked.cancel());
    assert_eq!(log.take(), ["ran"]);
    drop(linked);
}

#[test]
fn lnk_021_cancelled_itself_then_by_its_parent() {
    let (parent, log) = (source(), Log::new());
    let linked = parent.token().child();
    linked.token().register(log.note("ran")).detach();
    assert!(linked.cancel());
    assert!(parent.cancel());
    assert_eq!(log.take(), ["ran"]);
    assert!(!linked.token().reason().unwrap().is_inherited());
}
