//! Pages and their items.
use super::ByHand;
use crate::support::{Counter, Latch, panic_of};
use futures_util::stream::{FusedStream, StreamExt};
use std::cell::RefCell;
use std::task::Poll;
use taskcell::stream::{paged, pages, with_cancellation};
use taskcell::{CancellationTokenSource, yield_now};

type Page = (Vec<u32>, Option<u32>);

/// Pages of three, up to `end`.
fn page(cursor: Option<u32>, end: u32) -> Page {
    let from = cursor.unwrap_or(0);
    let to = end.min(from + 3);
    ((from..to).collect(), (to < end).then_some(to))
}

#[test]
fn items_of_all_pages_and_each_page_when_it_is_needed() {
    let asked = RefCell::new(Vec::new());
    let mut items = ByHand::new(paged(|cursor| {
        asked.borrow_mut().push(cursor);
        async move { Ok::<_, ()>(page(cursor, 7)) }
    }));
    assert!(asked.borrow().is_empty());
    for n in 0..7 {
        assert_eq!(items.item(), Ok(n));
        assert_eq!(asked.borrow().len() as u32, n / 3 + 1, "the next page is fetched for its first item");
    }
    assert!(!items.stream.is_terminated());
    items.is_over();
    assert!(items.stream.is_terminated());
    assert_eq!(*asked.borrow(), [None, Some(3), Some(6)]);
}

#[test]
fn the_pages_themselves() {
    let mut all = ByHand::new(pages(|cursor| async move { Ok::<_, ()>(page(cursor, 7)) }));
    assert_eq!([all.item(), all.item()], [Ok(vec![0, 1, 2]), Ok(vec![3, 4, 5])]);
    assert!(!all.stream.is_terminated());
    assert_eq!(all.item(), Ok(vec![6]));
    assert!(all.stream.is_terminated());
    all.is_over();
    let empty = pages(|_: Option<()>| async { Ok::<_, ()>((Vec::<u8>::new(), None)) });
    assert_eq!(smol::block_on(empty.collect::<Vec<_>>()), [Ok(vec![])], "an empty page is a page");
}

#[test]
fn an_empty_page_is_passed_over_and_no_end() {
    let sizes = [0_u32, 2, 0, 0, 1, 0];
    let mut items = ByHand::new(paged(|cursor: Option<usize>| async move {
        let at = cursor.unwrap_or(0);
        Ok::<_, ()>((vec![at; sizes[at] as usize], (at + 1 < sizes.len()).then_some(at + 1)))
    }));
    assert_eq!([items.item(), items.item(), items.item()], [Ok(1), Ok(1), Ok(4)]);
    items.is_over();
}

#[test]
fn many_empty_pages_give_others_a_turn() {
    let mut items = ByHand::new(paged(|cursor: Option<u32>| async move {
        let at = cursor.unwrap_or(0);
        Ok::<_, ()>((Vec::<u8>::new(), (at < 99).then_some(at + 1)))
    }));
    let mut polls = 0;
    while items.poll().is_pending() {
        polls += 1;
        assert_eq!(items.counter.wakes(), polls);
    }
    assert_eq!(polls, 3);
}

#[test]
fn an_error_is_the_last_item() {
    let mut items = ByHand::new(paged(|cursor: Option<u32>| async move {
        yield_now().await;
        if cursor == Some(3) { Err("gone") } else { Ok(page(cursor, 7)) }
    }));
    let mut seen = Vec::new();
    loop {
        match items.poll() {
            Poll::Ready(Some(item)) => seen.push(item),
            Poll::Ready(None) => break,
            Poll::Pending => {}
        }
    }
    assert_eq!(seen, [Ok(0), Ok(1), Ok(2), Err("gone")]);
    items.is_over();
}

#[test]
fn a_fetch_under_way_stays_and_is_woken() {
    let gate = Latch::new();
    let mut items = ByHand::new(paged(|cursor| {
        let gate = gate.clone();
        async move {
            gate.reached(1).await;
            Ok::<_, ()>(page(cursor, 1))
        }
    }));
    assert!(items.poll().is_pending());
    drop(items.stream.next());
    assert!(items.poll().is_pending());
    gate.arrive();
    assert!(items.counter.wakes() > 0);
    assert_eq!(items.item(), Ok(0));
    items.is_over();
}

#[test]
fn a_fetch_that_panics_ends_the_pages() {
    let mut items = ByHand::new(paged(|cursor: Option<u32>| {
        assert!(cursor.is_none(), "no second page");
        async move { Ok::<_, ()>(page(cursor, 7)) }
    }));
    assert_eq!([items.item(), items.item(), items.item()], [Ok(0), Ok(1), Ok(2)]);
    assert_eq!(panic_of(|| items.poll().is_pending()), Some("no second page"));
    items.is_over();
}

#[test]
fn pages_under_a_token() {
    let source = CancellationTokenSource::new();
    let token = source.token();
    let endless = paged(|cursor: Option<u32>| async move { Ok::<_, ()>(([cursor], Some(cursor.unwrap_or(0) + 1))) });
    let mut items = ByHand::new(with_cancellation(endless, &token));
    assert_eq!(items.item(), Ok(Ok(None)));
    assert_eq!(items.item(), Ok(Ok(Some(1))));
    source.cancel();
    assert!(items.item().is_err());
    items.is_over();
    assert_eq!(token.listeners(), 0);
}

#[test]
fn the_rest_as_pages() {
    let mut items = Box::pin(paged(|cursor| std::future::ready(Ok::<_, ()>(page(cursor, 7)))));
    let counter = Counter::new();
    assert_eq!(counter.poll(&mut items.next()), Poll::Ready(Some(Ok(0))));
    let rest = std::pin::Pin::into_inner(items).into_pages();
    assert_eq!(smol::block_on(rest.collect::<Vec<_>>()), [Ok(vec![3, 4, 5]), Ok(vec![6])]);
}
