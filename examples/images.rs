//! Thumbnails of images from a web server on loopback: four downloads at a time, each image made smaller as soon as it is
//! there, in whatever order they come (interleaving), while the other downloads go on; with progress bars.
//!
//! `cargo run --release --example images -- DIRECTORY` writes them there; without one they are only counted.

#[path = "gateway/http.rs"]
#[expect(dead_code, reason = "the gateway uses more of it")]
mod http;
#[path = "shared/server.rs"]
mod server;

use futures_util::StreamExt as _;
use http::Answer;
use indicatif::{MultiProgress, ProgressBar, ProgressFinish, ProgressStyle};
use server::Server;
use std::{fs, io, net::SocketAddr, num::NonZeroUsize, path::PathBuf, time::Duration};
use taskcell::{BoxError, BoxFuture, Progress, Report as _, throttled_map_spawned};

const IMAGES: usize = 24;
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(4).unwrap();
/// Width and height of an image, and how often a thumbnail goes into either.
const SIZE: usize = 64;
const SCALE: usize = 4;

/// What the bars are told.
enum Step {
    Downloaded,
    Scaled,
}

fn main() -> Result<(), BoxError> {
    let directory = std::env::args_os().nth(1).map(PathBuf::from);
    if directory.as_ref().is_some_and(|name| name.to_string_lossy().starts_with('-')) {
        println!("Usage: cargo run --release --example images [-- DIRECTORY]");
        return Ok(());
    }
    if let Some(directory) = &directory {
        fs::create_dir_all(directory)?;
    }
    smol::block_on(async {
        let server = Server::start(|request| {
            let number: usize = request.path[1..].parse().unwrap_or(0);
            // Some take long: who waited for them in order would wait for all.
            let latency = Duration::from_millis(if number % 7 == 0 { 300 } else { 40 });
            (latency, Answer::text(200, image(number)))
        })
        .await?;
        let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
        let progress = bars()?;

        // The downloads are hot: they go on while an image is made smaller below.
        let (address, reporter) = (server.address, progress.clone());
        let mut images = throttled_map_spawned(&smol, 0..IMAGES, AT_ONCE, move |number, _token| {
            let reporter = reporter.clone();
            async move {
                let image = download(address, number).await?;
                reporter.report(Step::Downloaded);
                Ok::<_, BoxError>((number, image))
            }
        });
        let mut written = 0;
        while let Some(downloaded) = images.next().await {
            let (number, image) = downloaded?;
            let small = smol::unblock(move || thumbnail(&image)).await;
            if let Some(directory) = &directory {
                fs::write(directory.join(format!("{number}.pgm")), &small)?;
            }
            written += 1;
            progress.report(Step::Scaled);
        }
        progress.flush().await?;
        drop((images, progress)); // and with them the bars, which stay on the screen
        eprintln!();
        println!("{written} thumbnails");
        Ok(())
    })
}

/// Two bars; what is reported reaches them in order, one at a time.
fn bars() -> Result<Progress<Step>, BoxError> {
    let bars = MultiProgress::new();
    let style = ProgressStyle::with_template("{prefix:10} {wide_bar} {pos:>3}/{len}")?;
    let bar = |prefix: &'static str| {
        let bar = ProgressBar::new(IMAGES as u64).with_style(style.clone()).with_prefix(prefix);
        bars.add(bar.with_finish(ProgressFinish::AndLeave))
    };
    let (downloaded, scaled) = (bar("downloaded"), bar("scaled"));
    Ok(Progress::inline(move |step| match step {
        Step::Downloaded => downloaded.inc(1),
        Step::Scaled => scaled.inc(1),
    }))
}

async fn download(server: SocketAddr, number: usize) -> Result<String, BoxError> {
    match http::get(server, &format!("/{number}")).await? {
        (200, image) => Ok(image),
        (status, _) => Err(io::Error::other(format!("image {number}: the server answered {status}")).into()),
    }
}

/// A square grey image, in the textual form of PGM: a piece of the Mandelbrot set.
fn image(number: usize) -> String {
    let zoom = 3.0 / 1.3_f64.powi(number as i32);
    let pixel = |index: usize| {
        let [x, y] = [index % SIZE, index / SIZE].map(|at| (at as f64 / SIZE as f64 - 0.5) * zoom);
        let (cx, cy) = (-0.7436 + x, 0.1318 + y);
        let (mut zx, mut zy, mut rounds) = (0.0, 0.0, 0);
        while zx * zx + zy * zy < 4.0 && rounds < 255 {
            (zx, zy, rounds) = (zx * zx - zy * zy + cx, 2.0 * zx * zy + cy, rounds + 1);
        }
        rounds
    };
    pgm(SIZE, (0..SIZE * SIZE).map(pixel))
}

/// The same image, smaller: each pixel is the mean of a square.
fn thumbnail(image: &str) -> String {
    let pixels: Vec<u32> = image.split_whitespace().skip(4).filter_map(|pixel| pixel.parse().ok()).collect();
    let small = SIZE / SCALE;
    let mean = |index: usize| {
        let (left, top) = (index % small * SCALE, index / small * SCALE);
        let square = (0..SCALE * SCALE).map(|at| pixels[(top + at / SCALE) * SIZE + left + at % SCALE]);
        square.sum::<u32>() / (SCALE * SCALE) as u32
    };
    pgm(small, (0..small * small).map(mean))
}

fn pgm(size: usize, pixels: impl Iterator<Item = u32>) -> String {
    let rows: Vec<String> = pixels.map(|pixel| pixel.to_string()).collect();
    let rows: Vec<String> = rows.chunks(size).map(|row| row.join(" ")).collect();
    format!("P2 {size} {size} 255\n{}", rows.join("\n"))
}
