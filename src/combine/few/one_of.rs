//! Which of several it was.

use core::convert::Infallible;

/// The output of one of up to eight futures: what `few::when_any` gives for a tuple.
///
/// For a shorter tuple the variants behind its length cannot be made, and need no arm in a `match` by value; one by
/// reference needs a last arm `_`.
///
/// # Examples
///
/// ```
/// use taskcell::few::OneOf;
///
/// fn text(which: OneOf<u8, &str>) -> String {
///     match which {
///         OneOf::First(number) => number.to_string(),
///         OneOf::Second(text) => text.to_owned(),
///     }
/// }
/// assert_eq!(text(OneOf::First(7)) + &text(OneOf::Second("a")), "7a");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "Either")]
pub enum OneOf<
    A,
    B = Infallible,
    C = Infallible,
    D = Infallible,
    E = Infallible,
    F = Infallible,
    G = Infallible,
    H = Infallible,
> {
    /// The first one's.
    First(A),
    /// The second one's.
    Second(B),
    /// The third one's.
    Third(C),
    /// The fourth one's.
    Fourth(D),
    /// The fifth one's.
    Fifth(E),
    /// The sixth one's.
    Sixth(F),
    /// The seventh one's.
    Seventh(G),
    /// The eighth one's.
    Eighth(H),
}
