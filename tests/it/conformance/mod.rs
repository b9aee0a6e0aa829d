//! .NET's behaviour, case by case: one test for each entry, named by its id. Where we differ on purpose, the test
//! shows our behaviour and says so.
//!
//! - `aen`: `IAsyncEnumerable`
//! - `alc`: `AsyncLocal` and `ExecutionContext`
//! - `cts`: `CancellationTokenSource`, by hand; `cts_timed`: its timers, reset and deferred cancel
//! - `ctk`: `CancellationToken`
//! - `cmb_cache`: one load per key
//! - `cmb_channels`: the guides' producer-consumer collection
//! - `cmb_combine`: many futures, one result
//! - `cmb_hot`: the guides' combinators, where they are about hot tasks
//! - `ctr`: `CancellationTokenRegistration`
//! - `cmb`: the combinators of the guides, where they are about one operation
//! - `cha`: `ReadAllAsync`, `chb`: channels with a limit, `chp`: by priority, and without room, `chu`: all channels
//! - `cnt`: continuations
//! - `cmb_redundancy`: several attempts at one result
//! - `lnk`: linked sources
//! - `dfb`: Dataflow's `BufferBlock`
//! - `dly`: `Task.Delay` and `TimeProvider`
//! - `prg`: `Progress<T>`
//! - `sch`: schedulers; `syn`: contexts and `ConfigureAwait`
//! - `tcs`: `TaskCompletionSource`, `tsk`: `Task`
//! - `wal`, `wan`, `wea`: `Task.WhenAll`, `Task.WhenAny`, `Task.WhenEach`
//! - `unw`: `Task.Unwrap`
//! - `wta`: `Task.WaitAsync`
//!
//! The tables at the heads of the files list the entries without a test; the test below checks that nothing is missing.

mod aen;
mod alc;
mod cha;
mod chb;
mod chp;
mod chu;
mod cmb;
mod cmb_cache;
mod cmb_channels;
mod cmb_combine;
mod cmb_hot;
mod cmb_redundancy;
mod cnt;
mod ctk;
mod ctr;
mod cts;
mod cts_timed;
mod dfb;
mod dly;
mod lnk;
mod prg;
mod sch;
mod syn;
mod tcs;
mod tsk;
mod unw;
mod wal;
mod wan;
mod wea;
mod wta;

/// Every entry of the groups that this step covers.
const IDS: &[(&str, &[u32])] = &[
    (
        "cts",
        &[
            1, 2, 3, 5, 7, 8, 9, 11, 12, 14, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31, 32, 36, 38, 39,
            40, 41, 46, 48, 49, 52, 53, 54, 56, 57, 61, 62, 63, 64, 65, 66, 67,
        ],
    ),
    ("ctk", &[1, 2, 3, 4, 5, 7, 8, 10, 12, 13, 14]),
    ("ctr", &[1, 2, 3, 4, 5, 6, 9, 10, 11, 14, 17, 18, 19, 20, 21, 23]),
    ("lnk", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 16, 17, 21]),
    ("cmb", &[1, 2, 3, 4, 5, 8, 9, 12, 14, 18, 19, 22, 23, 26, 27, 28, 29]),
    ("cnt", &[1, 2, 4, 5, 7, 9, 11, 13, 14, 15, 18, 19, 21, 23, 24, 26, 27]),
    ("aen", &[1, 3, 5, 8, 9, 10, 12]),
    ("alc", &[1, 2, 3, 4, 5, 6, 8, 9, 11, 13, 15, 16, 18, 20, 22, 23, 25, 26, 27]),
    ("dly", &[1, 2, 3, 4, 7, 8, 9, 11, 12, 13]),
    ("prg", &[1, 2, 7, 9]),
    ("tcs", &[1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 16, 18, 19, 20, 21, 23, 24, 25, 27, 28, 32]),
    ("tsk", &[1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 15, 16, 18, 19, 20, 22, 23, 24, 26, 27, 28, 31, 33, 34, 35]),
    ("sch", &[1, 3, 4, 6, 7, 8, 10, 11, 13, 14, 15, 16, 19, 20, 22, 23, 25]),
    ("syn", &[1, 2, 3, 7, 9, 10, 11, 12, 14, 17, 18, 20]),
    ("unw", &[1, 3, 4, 5, 6, 7, 8, 10, 12, 14]),
    ("wal", &[1, 2, 4, 7, 8, 9, 10, 11, 13, 14, 16]),
    ("wan", &[1, 2, 3, 4, 5, 6, 7, 12, 13]),
    ("wea", &[1, 2, 3, 4, 7, 8, 12]),
    ("chu", &[1, 2, 3, 4, 5, 9, 10, 14, 16, 19, 20, 21, 24, 25, 27, 28, 29, 31]),
    ("chb", &[1, 2, 3, 7, 9, 11, 14, 15, 16, 18, 20, 21]),
    ("cha", &[1, 2, 3, 4, 5, 7, 8, 10]),
    ("chp", &[1, 2, 4, 6]),
    ("dfb", &[1, 2, 3, 4, 7, 8, 9, 11, 12, 13, 15, 17, 20, 23, 24, 25, 26, 27, 29, 30, 32, 33, 35, 36, 38, 39, 40]),
    ("wta", &[1, 2, 4, 5, 6, 7, 8, 11, 12, 13, 15]),
];

const SOURCES: &str = concat!(
    include_str!("cts.rs"),
    include_str!("cts_timed.rs"),
    include_str!("ctk.rs"),
    include_str!("ctr.rs"),
    include_str!("lnk.rs"),
    include_str!("dly.rs"),
    include_str!("tcs.rs"),
    include_str!("tsk.rs"),
    include_str!("unw.rs"),
    include_str!("wta.rs"),
    include_str!("cmb.rs"),
    include_str!("cmb_cache.rs"),
    include_str!("cmb_combine.rs"),
    include_str!("cnt.rs"),
    include_str!("cmb_redundancy.rs"),
    include_str!("aen.rs"),
    include_str!("alc.rs"),
    include_str!("prg.rs"),
    include_str!("sch.rs"),
    include_str!("syn.rs"),
    include_str!("wal.rs"),
    include_str!("wan.rs"),
    include_str!("wea.rs"),
    include_str!("cmb_hot.rs"),
    include_str!("cmb_channels.rs"),
    include_str!("chu.rs"),
    include_str!("chb.rs"),
    include_str!("cha.rs"),
    include_str!("chp.rs"),
    include_str!("dfb.rs"),
);

/// The reason that a table gives for an entry without a test: the word quoted from its Rust reading.
fn reason(id: &str) -> Option<&'static str> {
    let start = format!("//! | {id} |");
    let row = SOURCES.lines().find(|line| line.starts_with(&start))?;
    ["moot", "optional", "unrepresentable", "out of scope"].into_iter().find(|word| row.contains(word))
}

#[test]
fn every_entry_has_a_test_or_a_reason() {
    for (group, numbers) in IDS {
        let (mut untested, mut deferred) = (0, 0);
        for number in *numbers {
            let id = format!("{}-{number:03}", group.to_uppercase());
            let tested = SOURCES.contains(&format!("\n#[test]\nfn {group}_{number:03}_"));
            match reason(&id) {
                reason if tested => assert_eq!(reason, None, "{id} has both a test and a reason for having none"),
                Some("out of scope") => deferred += 1,
                Some(_) => untested += 1,
                None => panic!("{id} has neither a test nor a reason"),
            }
        }
        let bound = (numbers.len() - deferred) * 15 / 100;
        assert!(untested <= bound, "{group}: {untested} entries without a test, at most {bound} may be");
    }
}

#[test]
fn every_test_belongs_to_an_entry() {
    let mut names = 0;
    for line in SOURCES.lines() {
        let Some(name) = line.strip_prefix("fn ") else { continue };
        let group = name.split('_').next().unwrap();
        let Some((_, numbers)) = IDS.iter().find(|(known, _)| *known == group) else { continue };
        let number: u32 = name[4..7].parse().expect("a number of three digits follows the group");
        assert!(numbers.contains(&number), "no such entry: {name}");
        names += 1;
    }
    assert!(names >= 80, "the scan found {names} tests only");
}
