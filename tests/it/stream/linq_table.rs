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
        assert_eq!(stream::iter((3..).step_by(2)).take(3).collect::<Vec<_>>().await, [3, 5, 7]);
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
