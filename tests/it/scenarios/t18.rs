//! T18: no item is lost, however reads are cancelled. For minutes: `cargo xtask stress`.
use crate::support::lost_items::lost_items;

#[test]
fn t18_no_item_is_lost() {
    let items = if cfg!(any(miri, sanitized)) { 500 } else { 1_000_000 };
    let outcome = lost_items(items, 18);
    assert!(outcome.is_right(), "{outcome:?}");
    assert!(outcome.cancelled > 0 && outcome.dropped > 0, "{outcome:?}");
}
