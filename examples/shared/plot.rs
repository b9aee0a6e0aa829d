//! Latency distributions as an SVG: how many calls took longer than so long, both axes logarithmic.
//!
//! A heavy tail, which a mean hides, is a long shelf here.

use std::{fmt::Write as _, time::Duration};

/// The picture and, inside it, the plot.
const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 56.0;
/// The colours of the curves, in order; they can be told apart without red and green.
const COLOURS: [&str; 8] = ["#332288", "#cc6677", "#117733", "#ddaa33", "#88ccee", "#aa4499", "#44aa99", "#555555"];
/// The smallest share that is drawn.
const LEAST: f64 = 1e-4;

/// One distribution.
pub(crate) struct Curve<'a> {
    pub(crate) name: String,
    /// Sorted.
    pub(crate) latencies: &'a [Duration],
}

/// Draws the curves.
pub(crate) fn svg(title: &str, curves: &[Curve<'_>]) -> String {
    let ends = curves.iter().filter_map(|curve| Some((curve.latencies.first()?, curve.latencies.last()?)));
    let (low, high) = ends.fold((f64::INFINITY, 0.0_f64), |(low, high), (first, last)| {
        (low.min(millis(*first)), high.max(millis(*last)))
    });
    let axes = match low <= high {
        true => Axes { low: low.max(1e-3).log10().floor(), high: high.max(1e-2).log10().ceil() },
        false => Axes { low: 0.0, high: 1.0 },
    };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"{LEFT}\" y=\"26\" \
         font-size=\"15\">{}</text>\n",
        escape(title)
    );
    axes.draw(&mut out);
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        axes.curve(&mut out, curve, colour);
    }
    for (row, (curve, colour)) in curves.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let (x, y) = (WIDTH - RIGHT + 14.0, TOP + 10.0 + 20.0 * row as f64);
        _ = writeln!(
            out,
            "<path d=\"M{x} {y}h22\" stroke=\"{colour}\" stroke-width=\"3\"/><text x=\"{}\" y=\"{}\">{}</text>",
            x + 28.0,
            y + 4.0,
            escape(&curve.name)
        );
    }
    out + "</svg>\n"
}

/// Powers of ten between which the latencies lie, in milliseconds.
struct Axes {
    low: f64,
    high: f64,
}

impl Axes {
    fn x(&self, ms: f64) -> f64 {
        let part = (ms.max(1e-9).log10() - self.low) / (self.high - self.low).max(1.0);
        LEFT + part.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, share: f64) -> f64 {
        TOP + share.clamp(LEAST, 1.0).log10() / LEAST.log10() * (HEIGHT - TOP - BOTTOM)
    }

    fn draw(&self, out: &mut String) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        let mut power = self.low;
        while power <= self.high {
            for step in [1.0, 2.0, 5.0] {
                let ms = step * 10.0_f64.powf(power);
                let x = self.x(ms);
                if ms <= 10.0_f64.powf(self.high) * 1.001 {
                    let text =
                        if ms < 1000.0 { format!("{} ms", tidy(ms)) } else { format!("{} s", tidy(ms / 1000.0)) };
                    let y = bottom + 18.0;
                    _ = writeln!(
                        out,
                        "<path d=\"M{x:.1} {TOP}V{bottom}\" stroke=\"#ddd\"/><text x=\"{x:.1}\" y=\"{y}\" \
                         text-anchor=\"middle\">{text}</text>"
                    );
                }
            }
            power += 1.0;
        }
        for (share, text) in [(1.0, "100 %"), (0.1, "10 %"), (0.01, "1 %"), (1e-3, "0.1 %"), (LEAST, "0.01 %")] {
            let y = self.y(share);
            _ = writeln!(
                out,
                "<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{:.1}\" \
                 text-anchor=\"end\">{text}</text>",
                LEFT - 8.0,
                y + 4.0
            );
        }
        let (middle, foot) = ((LEFT + right) / 2.0, HEIGHT - 14.0);
        _ = writeln!(
            out,
            "<text x=\"{middle}\" y=\"{foot}\" text-anchor=\"middle\">latency: share that took longer</text>"
        );
    }

    /// A step wherever the share has changed by one percent of itself, so that the file stays small.
    fn curve(&self, out: &mut String, curve: &Curve<'_>, colour: &str) {
        let count = curve.latencies.len() as f64;
        let mut path = String::new();
        let mut drawn = f64::INFINITY;
        for (index, latency) in curve.latencies.iter().enumerate() {
            let share = 1.0 - index as f64 / count;
            if share < drawn * 0.99 {
                let to = if path.is_empty() { 'M' } else { 'L' };
                _ = write!(path, "{to}{:.1} {:.1}", self.x(millis(*latency)), self.y(share));
                drawn = share;
            }
            if share < LEAST {
                break;
            }
        }
        _ = writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
    }
}

fn millis(latency: Duration) -> f64 {
    latency.as_secs_f64() * 1000.0
}

/// Without the noise of powers of ten.
fn tidy(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
