//! Two threads on one object: operations a second, ours and the peers by turns.

use super::time::ask;
use super::tools::Workers;
use serde::{Deserialize, Serialize};
use taskcell_bench::rows::contend::CONTENTIONS;

/// How often each runs; the median counts.
pub(crate) const TURNS: usize = 9;

/// Of each run, with one thread and with two.
const MILLIS: &str = "150";

/// Medians of one who runs in a scene, operations a second.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contended {
    pub(crate) scene: String,
    pub(crate) who: String,
    pub(crate) one: f64,
    pub(crate) two: f64,
    /// The lowest and the highest with two threads.
    pub(crate) range: (f64, f64),
}

/// Every scene.
pub(crate) fn measure(workers: &Workers) -> Result<Vec<Contended>, String> {
    let mut all = Vec::new();
    for scene in CONTENTIONS {
        let mut samples: Vec<(Vec<f64>, Vec<f64>)> = vec![Default::default(); scene.who.len()];
        for turn in 0..TURNS {
            eprint!("\r{} {} of {TURNS} ", scene.id, turn + 1);
            for ((who, _), (one, two)) in scene.who.iter().zip(&mut samples) {
                let numbers = ask(&workers.scene, &["contend", scene.id, who, MILLIS], ["one", "two"])?;
                one.push(numbers[0]);
                two.push(numbers[1]);
            }
        }
        for ((who, _), (mut one, mut two)) in scene.who.iter().zip(samples) {
            one.sort_by(f64::total_cmp);
            two.sort_by(f64::total_cmp);
            all.push(Contended {
                scene: scene.id.to_owned(),
                who: (*who).to_owned(),
                one: one[TURNS / 2],
                two: two[TURNS / 2],
                range: (two[0], two[TURNS - 1]),
            });
        }
    }
    eprintln!();
    Ok(all)
}

/// The table.
pub(crate) fn print(all: &[Contended]) {
    println!("\nmillions a second, medians of {TURNS}; ours against each with two threads");
    println!("{:<12} {:<20} {:>9} {:>10} {:>20} {:>6}", "scene", "who", "1 thread", "2 threads", "from .. to", "ours");
    for Contended { scene, who, one, two, range: (low, high) } in all {
        let range = format!("{:.2} .. {:.2}", low / 1e6, high / 1e6);
        let ours = ours(all, scene).map_or(f64::NAN, |ours| ours / two);
        println!("{scene:<12} {who:<20} {:>9.2} {:>10.2} {range:>20} {ours:>6.2}", one / 1e6, two / 1e6);
    }
}

/// Ours in a scene, with two threads.
pub(crate) fn ours(all: &[Contended], scene: &str) -> Option<f64> {
    all.iter().find(|one| one.scene == scene && one.who == "taskcell").map(|one| one.two)
}
