//! The table of LINQ's operators: complete, and true of ours.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// `System.Linq.AsyncEnumerable` of .NET 10, by name.
const DOTNET: &str = "
    AggregateAsync AggregateBy AllAsync AnyAsync Append AverageAsync Cast Chunk Concat ContainsAsync CountAsync CountBy
    DefaultIfEmpty Distinct DistinctBy ElementAtAsync ElementAtOrDefaultAsync Empty Except ExceptBy FirstAsync
    FirstOrDefaultAsync GroupBy GroupJoin Index InfiniteSequence Intersect IntersectBy Join LastAsync LastOrDefaultAsync
    LeftJoin LongCountAsync MaxAsync MaxByAsync MinAsync MinByAsync OfType Order OrderBy OrderByDescending OrderDescending
    Prepend Range Repeat Reverse RightJoin Select SelectMany Sequence SequenceEqualAsync Shuffle SingleAsync
    SingleOrDefaultAsync Skip SkipLast SkipWhile SumAsync Take TakeLast TakeWhile ThenBy ThenByDescending ToArrayAsync
    ToAsyncEnumerable ToDictionaryAsync ToHashSetAsync ToListAsync ToLookupAsync Union UnionBy Where Zip";

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect(file)
}

/// The rows of both tables: their cells.
fn rows(text: &str, head: &str) -> Vec<Vec<String>> {
    let table = text.split_once(head).expect("the table is there").1;
    let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    lines.map(cells).collect()
}

/// What stands between backquotes.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The methods of ours that a text links to.
fn linked(text: &str) -> BTreeSet<&str> {
    text.split("](AsyncEnumerableExt::").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

/// The methods of the trait.
fn methods(source: &str) -> BTreeSet<&str> {
    source.split("\n    fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next()).collect()
}

#[test]
fn every_operator_of_dotnet_has_a_row_and_no_other() {
    let text = read("src/stream/linq.md");
    let expected: BTreeSet<_> = DOTNET.split_whitespace().collect();
    let rows = rows(&text, "| LINQ | where | here | what differs |");
    assert_eq!(rows.len(), 73);
    assert_eq!(expected.len(), 73);
    let names: Vec<_> = rows.iter().filter_map(|row| quoted(&row[0]).next()).collect();
    assert!(names.is_sorted(), "in the order of the alphabet");
    assert_eq!(names.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn what_the_table_says_is_ours_exists() {
    let (text, source) = (read("src/stream/linq.md"), read("src/stream/ops/ext.rs"));
    let methods = methods(&source);
    assert!(methods.len() > 30, "the methods are found: {methods:?}");
    assert_eq!(linked(&text).difference(&methods).collect::<Vec<_>>(), Vec::<&&str>::new());
    let mut where_it_is = BTreeMap::<_, usize>::new();
    let heads = ["| LINQ | where | here | what differs |", "| name | where | here | what differs |"];
    for row in heads.into_iter().flat_map(|head| rows(&text, head)) {
        let ours = ["](AsyncEnumerableExt::", "](crate::", "[`retry_stream`]", "[`blocking_iter`]"]
            .iter()
            .any(|link| row[2].contains(link));
        match row[1].as_str() {
            "ours" => assert!(ours, "no link: {row:?}"),
            "futures" | "std" => {}
            other => panic!("what is {other}?"),
        }
        *where_it_is.entry(row[1].clone()).or_default() += 1;
    }
    assert_eq!(where_it_is.len(), 3);
}

#[test]
fn each_of_ours_stands_in_the_table() {
    let (text, source) = (read("src/stream/linq.md"), read("src/stream/ops/ext.rs"));
    let all = methods(&source);
    let linked = linked(&text);
    // Those by time stand there under the name without the clock.
    let missing: Vec<_> = all.iter().filter(|name| !linked.contains(name.trim_end_matches("_on"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let operators = all.iter().filter(|name| !name.ends_with("_on")).count();
    assert!(operators <= 36, "it was to be few: {operators}");
}

/// What the table names of futures-util is there: that it compiles is the test.
#[test]
fn what_the_table_says_futures_has_exists() {
    use futures_util::{StreamExt, TryStreamExt, stream};
    use std::collections::{HashMap, HashSet};
    use std::future::ready;
    use std::iter::successors;
    let numbers = || stream::iter(1..=4);
    smol::block_on(async {
        assert_eq!(numbers().fold(0, |sum, n| ready(sum + n)).await, 10);
        assert_eq!(numbers().map(Ok::<_, ()>).try_fold(0, |sum, n| ready(Ok(sum + n))).await, Ok(10));
        assert!(numbers().all(|n| ready(n > 0)).await && !numbers().any(|n| ready(n > 4)).await);
        assert!(numbers().next().await.is_some());
        assert_eq!(numbers().chain(stream::iter([5])).count().await, 5);
        assert_eq!(stream::iter([0]).chain(numbers()).chunks(2).count().await, 3);
        assert_eq!(numbers().skip(2).next().await, Some(3));
        assert_eq!(stream::empty::<i32>().next().await.unwrap_or_default(), 0);
        assert_eq!(numbers().enumerate().next().await, Some((0, 1)));
        let sequence = |step: i8| stream::iter(successors(Some(100_i8), move |n| n.checked_add(step)));
        assert_eq!(sequence(13).collect::<Vec<_>>().await, [100, 113, 126]);
        assert_eq!(sequence(-100).take(3).collect::<Vec<_>>().await, [100, 0, -100]);
        assert_eq!(sequence(0).take(2).collect::<Vec<_>>().await, [100, 100]);
        assert_eq!(stream::iter((3..=8).rev().step_by(2)).collect::<Vec<_>>().await, [8, 6, 4]);
        assert_eq!(stream::iter(3..3 + 2).collect::<Vec<_>>().await, [3, 4]);
        assert_eq!(stream::iter((3..=7).step_by(2)).collect::<Vec<_>>().await, [3, 5, 7]);
        assert_eq!(numbers().filter_map(|n| ready(u8::try_from(n).ok())).count().await, 4);
        assert_eq!(stream::repeat(1).take(3).count().await, 3);
        assert_eq!(numbers().then(|n| ready(n * 2)).flat_map(|n| stream::iter(0..n)).count().await, 20);
        assert_eq!(numbers().flat_map_unordered(2, |n| stream::iter(0..n)).count().await, 10);
        assert_eq!(numbers().skip_while(|n| ready(*n < 3)).take_while(|n| ready(*n < 4)).count().await, 1);
        assert_eq!(numbers().map(|item| (item % 2, item)).collect::<HashMap<_, _>>().await[&1], 3);
        assert_eq!(numbers().collect::<HashSet<_>>().await.len(), 4);
        assert_eq!(numbers().filter(|n| ready(*n > 2)).zip(numbers()).next().await, Some((3, 1)));
        assert_eq!(stream::once(ready(1)).next().await, Some(1));
        assert_eq!(stream::select(numbers(), numbers()).count().await, 8);
        assert_eq!(stream::select_all([numbers(), numbers()]).count().await, 8);
        assert_eq!(stream::iter([numbers(), numbers()]).flatten_unordered(1).count().await, 8);
        let sums = numbers().scan(0, |sum, n| {
            *sum += n;
            ready(Some(*sum))
        });
        assert_eq!(sums.inspect(|_| ()).collect::<Vec<_>>().await, [1, 3, 6, 10]);
        assert_eq!(numbers().take_until(ready(())).count().await, 0);
        let replaced = numbers().map(Err::<i32, _>).or_else(|n| ready(Ok::<_, ()>(-n)));
        assert_eq!(replaced.try_collect::<Vec<_>>().await, Ok(vec![-1, -2, -3, -4]));
        assert_eq!(numbers().map(Err::<i32, _>).inspect_err(|_| ()).try_next().await, Err(1));
    });
}

/// What .NET's operators do with nothing, with equal items and with errors, of rows drawn from the table.
#[test]
fn what_the_table_says_does_what_dotnet_does() {
    use futures_util::{StreamExt, TryStreamExt, stream};
    use std::cell::Cell;
    use std::cmp::Reverse;
    use std::collections::HashSet;
    use std::future::ready;
    use taskcell::stream::AsyncEnumerableExt;
    let none = stream::empty::<i32>;
    let numbers = || stream::iter(1..=4);
    smol::block_on(async {
        // All of nothing is true, any of nothing is not; both stop at the first that decides.
        assert!(none().all(|_| ready(false)).await && !none().any(|_| ready(true)).await);
        let mut rest = numbers();
        assert!(rest.by_ref().any(|n| ready(n == 2)).await);
        assert_eq!(rest.next().await, Some(3));
        assert_eq!(none().fold(7, |sum, n| ready(sum + n)).await, 7);
        assert_eq!(numbers().take(0).count().await, 0);
        assert_eq!(numbers().skip(9).next().await, None);
        assert_eq!(none().chunks(3).count().await, 0);
        assert_eq!(stream::iter(1..=5).chunks(2).map(|chunk| chunk.len()).collect::<Vec<_>>().await, [2, 2, 1]);
        // `TakeLast(n)` has fewer if there are fewer: `ElementAt(^n)` has to look.
        assert_eq!(numbers().take_last(9).next().await, Some(1));
        assert_eq!(none().default_if_empty(0).collect::<Vec<_>>().await, [0]);
        // What is skipped once is not tested again; what is taken ends at the first.
        let waves = || stream::iter([1, 5, 1, 5]);
        assert_eq!(waves().skip_while(|n| ready(*n < 5)).collect::<Vec<_>>().await, [5, 1, 5]);
        assert_eq!(waves().take_while(|n| ready(*n < 5)).collect::<Vec<_>>().await, [1]);
        assert_eq!(waves().collect::<HashSet<_>>().await.len(), 2);
        // The second of two is not begun before the first has ended.
        let begun = Cell::new(false);
        let second = stream::once(async {
            begun.set(true);
            9
        });
        let mut both = std::pin::pin!(stream::iter([1]).chain(second));
        assert!(both.next().await == Some(1) && !begun.get());
        assert_eq!(both.next().await, Some(9));
        // The shorter one ends both.
        assert_eq!(numbers().zip(stream::iter(["a"])).collect::<Vec<_>>().await, [(1, "a")]);
        // Groups come in the order of their keys' first items, and sorting is stable, downwards too.
        let groups = stream::iter([3, 1, 4, 1, 5]).to_lookup(|n| n % 2).await;
        assert_eq!(groups.iter().collect::<Vec<_>>(), [(&1, &[3, 1, 1, 5][..]), (&0, &[4][..])]);
        let mut sorted: Vec<_> = stream::iter([(1, 'a'), (2, 'b'), (1, 'c')]).collect().await;
        sorted.sort_by_key(|pair| Reverse(pair.0));
        assert_eq!(sorted, [(2, 'b'), (1, 'a'), (1, 'c')]);
        // The inner streams are flattened in order, one after the other.
        let flat = stream::iter([2, 1]).flat_map(|n| stream::iter(0..n)).collect::<Vec<_>>().await;
        assert_eq!(flat, [0, 1, 0]);
        // An error goes through to whoever asked, and nothing behind it is asked for.
        let mut failing = stream::iter([Ok(1), Err("torn"), Ok(3)]);
        assert_eq!(failing.by_ref().try_fold(0, |sum, n| ready(Ok(sum + n))).await, Err("torn"));
        assert_eq!(failing.next().await, Some(Ok(3)));
        assert_eq!(stream::iter([Ok(1), Err("torn")]).try_collect::<Vec<_>>().await, Err("torn"));
        // Of equal ones the first is the least; the last is the greatest, where .NET has the first.
        let words = || stream::iter(["bb", "a", "c", "dd"]);
        assert_eq!(words().min_by_key(|word| word.len()).await, Some("a"));
        assert_eq!(words().max_by_key(|word| word.len()).await, Some("dd"));
        assert_eq!(none().max().await, None);
        assert_eq!(none().sum().await, Ok(0));
    });
}
