//! Pages: what comes in parts, each of which says where the next one begins.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

/// So many empty pages in a row are taken before other tasks have their turn.
const EMPTY_IN_A_ROW: u32 = 32;

/// Gives the items of all pages, one page after the other, as they are asked for.
///
/// `fetch` gets the cursor of a page, `None` for the first, and returns a page, which is anything that can be iterated,
/// and the cursor of the next one, `None` if this is the last. A page is fetched when its first item is asked for, not
/// before; a page without items is passed over. An empty page with a cursor is no end, and no cursor is one, items or not.
///
/// To retry, to go on with another server, or to cancel, let `fetch` do so; around the whole there is
/// [`with_cancellation`](super::with_cancellation). To fetch ahead, drive the stream into a channel.
///
/// One page is held at a time. Nothing is allocated beside what `fetch` does.
///
/// # Cancel safety
///
/// A poll that is pending keeps the fetch that is under way, and the rest of the page: to drop the future of a `next()`
/// loses nothing.
///
/// # Panics
///
/// A panic of `fetch`, of its future or of a page goes to the caller. One of `fetch` ends the stream; after another one
/// the stream is not to be polled again.
///
/// # Errors
///
/// An error of `fetch` is the last item.
///
/// # Examples
///
/// ```
/// use core::convert::Infallible;
/// use futures_util::TryStreamExt;
/// use taskcell::stream::paged;
///
/// /// Three names a page.
/// async fn fetch(cursor: Option<usize>) -> Result<(Vec<&'static str>, Option<usize>), Infallible> {
///     let names = ["Ada", "Barbara", "Edith", "Grace", "Hedy"];
///     let from = cursor.unwrap_or(0);
///     let to = names.len().min(from + 3);
///     Ok((names[from..to].to_vec(), (to < names.len()).then_some(to)))
/// }
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let names: Vec<_> = paged(fetch).try_collect().await?;
/// assert_eq!(names, ["Ada", "Barbara", "Edith", "Grace", "Hedy"]);
/// # Ok::<(), Infallible>(())
/// # }).unwrap();
/// ```
#[doc(alias = "AsyncPageable")]
#[doc(alias = "paginate")]
pub fn paged<C, P, E, F, Fut>(fetch: F) -> Paged<C, P, F, Fut>
where
    F: FnMut(Option<C>) -> Fut,
    Fut: Future<Output = Result<(P, Option<C>), E>>,
    P: IntoIterator,
{
    Paged { pages: pages(fetch), page: None }
}

/// Gives the pages themselves, the last one included, also those without items.
///
/// As [`paged`], whose items are the pages'.
///
/// # Cancel safety
///
/// A poll that is pending keeps the fetch that is under way: to drop the future of a `next()` loses nothing.
///
/// # Panics
///
/// A panic of `fetch` or of its future goes to the caller. One of `fetch` ends the stream; after one of its future the
/// stream is not to be polled again.
///
/// # Errors
///
/// An error of `fetch` is the last item.
///
/// # Examples
///
/// ```
/// use futures_util::StreamExt;
/// use taskcell::stream::pages;
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let halves = pages(|cursor: Option<u32>| async move {
///     let n = cursor.unwrap_or(100);
///     if n == 0 { Err("nothing left") } else { Ok((n, Some(n / 50))) }
/// });
/// assert_eq!(halves.collect::<Vec<_>>().await, [Ok(100), Ok(2), Err("nothing left")]);
/// # })
/// ```
#[doc(alias = "AsPages")]
pub fn pages<C, P, E, F, Fut>(fetch: F) -> Pages<C, F, Fut>
where
    F: FnMut(Option<C>) -> Fut,
    Fut: Future<Output = Result<(P, Option<C>), E>>,
{
    Pages { fetch, next: Next::Page(None), future: None }
}

/// What is fetched next.
enum Next<C> {
    Page(Option<C>),
    Nothing,
}

/// The stream of [`pages`].
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct Pages<C, F, Fut> {
    fetch: F,
    /// Nothing, too, while a page is being fetched.
    next: Next<C>,
    #[pin]
    future: Option<Fut>,
}

impl<C, P, E, F, Fut> Stream for Pages<C, F, Fut>
where
    F: FnMut(Option<C>) -> Fut,
    Fut: Future<Output = Result<(P, Option<C>), E>>,
{
    type Item = Result<P, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if let Next::Page(cursor) = core::mem::replace(this.next, Next::Nothing) {
            let future = (this.fetch)(cursor);
            this.future.set(Some(future));
        }
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let fetched = ready!(future.poll(cx));
        this.future.set(None);
        Poll::Ready(Some(fetched.map(|(page, cursor)| {
            if cursor.is_some() {
                *this.next = Next::Page(cursor);
            }
            page
        })))
    }
}

impl<C, P, E, F, Fut> FusedStream for Pages<C, F, Fut>
where
    F: FnMut(Option<C>) -> Fut,
    Fut: Future<Output = Result<(P, Option<C>), E>>,
{
    fn is_terminated(&self) -> bool {
        self.future.is_none() && matches!(self.next, Next::Nothing)
    }
}

impl<C, F, Fut> fmt::Debug for Pages<C, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("fetching", &self.future.is_some()).finish_non_exhaustive()
    }
}

/// The stream of [`paged`].
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct Paged<C, P: IntoIterator, F, Fut> {
    #[pin]
    pages: Pages<C, F, Fut>,
    page: Option<P::IntoIter>,
}

impl<C, P: IntoIterator, F, Fut> Paged<C, P, F, Fut> {
    /// The pages themselves, from the next one on: the rest of the one at hand goes.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_util::StreamExt;
    /// use taskcell::stream::paged;
    ///
    /// let names = paged(|_: Option<u32>| async { Ok::<_, ()>((vec!["Ada", "Barbara"], None)) });
    /// # smol::block_on(async {
    /// let all: Vec<_> = names.into_pages().collect().await;
    /// assert_eq!(all, [Ok(vec!["Ada", "Barbara"])]);
    /// # });
    /// ```
    #[doc(alias = "AsPages")]
    pub fn into_pages(self) -> Pages<C, F, Fut> {
        self.pages
    }
}

impl<C, P, E, F, Fut> Stream for Paged<C, P, F, Fut>
where
    F: FnMut(Option<C>) -> Fut,
    Fut: Future<Output = Result<(P, Option<C>), E>>,
    P: IntoIterator,
{
    type Item = Result<P::Item, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        for _ in 0..EMPTY_IN_A_ROW {
            if let Some(page) = this.page {
                if let Some(item) = page.next() {
                    return Poll::Ready(Some(Ok(item)));
                }
                *this.page = None;
            }
            match ready!(this.pages.as_mut().poll_next(cx)) {
                Some(Ok(page)) => *this.page = Some(page.into_iter()),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<C, P, E, F, Fut> FusedStream for Paged<C, P, F, Fut>
where
    F: FnMut(Option<C>) -> Fut,
    Fut: Future<Output = Result<(P, Option<C>), E>>,
    P: IntoIterator,
{
    fn is_terminated(&self) -> bool {
        self.page.is_none() && self.pages.is_terminated()
    }
}

impl<C, P: IntoIterator, F, Fut> fmt::Debug for Paged<C, P, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paged").field("has_page", &self.page.is_some()).finish_non_exhaustive()
    }
}
