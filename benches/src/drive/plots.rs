//! The pictures: instructions and estimated nanoseconds of an operation against a number, both axes logarithmic.

use super::curves::Point;
use plotters::coord::Shift;
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;
use taskcell_bench::rows::curve::{CURVES, Curve};

type Fault = Box<dyn Error>;

const WIDTH: u32 = 1000;
const HEIGHT: u32 = 440;

/// Of each line, in the order of a picture; ours is the first, and thicker. Told apart with any eyes.
const COLOURS: [RGBColor; 5] = [
    RGBColor(0xB0, 0x1E, 0x2E),
    RGBColor(0x00, 0x5A, 0xA8),
    RGBColor(0xC8, 0x7A, 0x00),
    RGBColor(0x00, 0x7A, 0x55),
    RGBColor(0x6A, 0x3D, 0x9A),
];

/// Draws every picture into a folder: each a file of its own.
pub(crate) fn draw(points: &[Point], folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for curve in CURVES {
        let file = folder.join(format!("{}.svg", curve.id));
        let mut text = String::new();
        picture(curve, points, &mut text).map_err(|error| format!("{}: {error}", file.display()))?;
        std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

fn picture(curve: &Curve, points: &[Point], text: &mut String) -> Result<(), Fault> {
    let area = SVGBackend::with_string(text, (WIDTH, HEIGHT)).into_drawing_area();
    area.fill(&WHITE)?;
    let area = area.titled(curve.title, ("sans-serif", 20).into_font())?;
    let (left, right) = area.split_horizontally(WIDTH / 2);
    panel(&left, curve, points, "instructions", |point| point.instructions)?;
    panel(&right, curve, points, "ns, estimated", Point::nanos)?;
    area.present()?;
    Ok(())
}

fn panel(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    curve: &Curve,
    points: &[Point],
    unit: &str,
    height: fn(&Point) -> f64,
) -> Result<(), Fault> {
    let mine: Vec<&Point> = points.iter().filter(|point| point.curve == curve.id).collect();
    let heights = || mine.iter().map(|point| height(point).max(0.1));
    // From a power of ten on, because ticks are counted from one.
    let low = 10_f64.powf(heights().fold(f64::INFINITY, f64::min).log10().floor());
    let high = heights().fold(0.0, f64::max);
    let most = mine.iter().map(|point| point.size).max().ok_or("it has no points")?;
    // Room for the legend above the highest point.
    let room = (high / low).powf(0.45).max(2.2);
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_right(26)
        .x_label_area_size(42)
        .y_label_area_size(62)
        .build_cartesian_2d((0.8..most as f64 * 1.3).log_scale(), (low * 0.95..high * room).log_scale())?;
    chart
        .configure_mesh()
        .x_desc(curve.axis)
        .y_desc(unit)
        .axis_desc_style(("sans-serif", 15))
        .label_style(("sans-serif", 13))
        .light_line_style(RGBColor(0xF2, 0xF2, 0xF2))
        .bold_line_style(RGBColor(0xDD, 0xDD, 0xDD))
        .x_label_formatter(&number)
        .y_label_formatter(&number)
        .draw()?;
    for (place, (who, ..)) in curve.lines.iter().enumerate() {
        let style = COLOURS[place % COLOURS.len()].stroke_width(if place == 0 { 3 } else { 2 });
        let line = mine.iter().filter(|point| point.who == *who);
        let line: Vec<(f64, f64)> = line.map(|point| (point.size as f64, height(point).max(0.1))).collect();
        chart
            .draw_series(LineSeries::new(line.iter().copied(), style))?
            .label(*who)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
        chart.draw_series(line.into_iter().map(|point| Circle::new(point, 3, style.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .label_font(("sans-serif", 14))
        .background_style(WHITE.mix(0.85))
        .border_style(RGBColor(0xCC, 0xCC, 0xCC))
        .draw()?;
    Ok(())
}

/// `100,000`, and a tenth if it is small.
fn number(value: &f64) -> String {
    if *value < 1.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
