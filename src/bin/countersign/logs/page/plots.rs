//! The plots, as SVG in the page's own colours.

use countersign::access_log::Count;
use countersign::date;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::report::number;

/// Stand for colours of the page, which change with the reader's theme.
const INK: RGBColor = RGBColor(1, 2, 3);
const LINE: RGBColor = RGBColor(4, 5, 6);
const BAR: RGBColor = RGBColor(7, 8, 9);
const BAD: RGBColor = RGBColor(10, 11, 12);

const WIDTH: u32 = 960;

/// A bar for each hour, the refused part in another colour.
pub fn by_hour(rows: &[(i64, Count)]) -> String {
    let most = rows.iter().map(|(_, count)| count.requests).max().unwrap_or_default().max(1);
    drawn(320, |root| {
        let mut chart = ChartBuilder::on(root)
            .margin(10)
            .x_label_area_size(40)
            .y_label_area_size(80)
            .build_cartesian_2d(0f64..rows.len().max(1) as f64, 0f64..most as f64 * 1.05)?;
        // `2030-01-01T05:00:00Z` as `01-01 05:00`.
        let hour = |at: &f64| rows.get(*at as usize).map(|(hour, _)| date::utc(*hour)).unwrap_or_default();
        let label = |at: &f64| hour(at).get(5..16).map(|text| text.replace('T', " ")).unwrap_or_default();
        chart
            .configure_mesh()
            .disable_x_mesh()
            // One more than there are, since the ends count too.
            .x_labels(rows.len().clamp(1, 8) + 1)
            .y_labels(usize::try_from(most).unwrap_or(usize::MAX).min(6) + 1)
            .x_label_formatter(&label)
            .y_label_formatter(&|count| number(*count as u64))
            .light_line_style(TRANSPARENT)
            .bold_line_style(LINE)
            .axis_style(LINE)
            .label_style(("sans-serif", 13).into_font().color(&INK))
            .draw()?;
        for (part, colour) in [(false, BAR), (true, BAD)] {
            chart.draw_series(rows.iter().enumerate().map(|(index, (_, count))| {
                let height = if part { count.refused } else { count.requests };
                Rectangle::new([(index as f64 + 0.1, 0.0), (index as f64 + 0.9, height as f64)], colour.filled())
            }))?;
        }
        Ok(())
    })
}

/// A bar for each reason, with its name and number.
pub fn reasons(rows: Vec<(&str, u64)>) -> String {
    const NAMES: i32 = 190;
    const ROW: i32 = 28;
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let height = u32::try_from(rows.len()).unwrap_or_default() * ROW.unsigned_abs() + 10;
    drawn(height, |root| {
        let style = |h| ("sans-serif", 14).into_font().color(&INK).pos(Pos::new(h, VPos::Center));
        for (index, (name, count)) in rows.iter().enumerate() {
            let top = 5 + ROW * i32::try_from(index).unwrap_or_default();
            let width = (f64::from(WIDTH) - f64::from(NAMES) - 110.0) * *count as f64 / most as f64;
            let end = NAMES + (width as i32).max(2);
            root.draw(&Rectangle::new([(NAMES, top + 4), (end, top + ROW - 4)], BAD.filled()))?;
            root.draw(&Text::new((*name).to_owned(), (NAMES - 8, top + ROW / 2), style(HPos::Right)))?;
            root.draw(&Text::new(number(*count), (end + 8, top + ROW / 2), style(HPos::Left)))?;
        }
        Ok(())
    })
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

fn drawn(height: u32, draw: impl FnOnce(&Area<'_>) -> Drawn) -> String {
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
    // Text in memory takes everything; without a plot the tables still say it.
    let is_drawn = draw(&root).is_ok() && root.present().is_ok();
    drop(root);
    if !is_drawn {
        return String::new();
    }
    let colours = [(INK, "ink"), (LINE, "line"), (BAR, "bar"), (BAD, "bad")];
    colours.into_iter().fold(svg, |svg, (RGBColor(r, g, b), name)| {
        svg.replace(&format!("\"#{r:02X}{g:02X}{b:02X}\""), &format!("\"var(--{name})\""))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_requests_have_whole_numbers_and_each_hour_a_label() {
        for most in 1..=12 {
            let mut busiest = Count::default();
            busiest.requests = most;
            let svg = by_hour(&[(1_893_456_000, busiest), (1_893_459_600, Count::default())]);
            let lines: Vec<&str> = svg.lines().map(str::trim).collect();
            assert!(lines.contains(&"01-01 00:00") && lines.contains(&"01-01 01:00"), "{svg}");
            let mut numbers: Vec<u64> = lines.iter().filter_map(|line| line.parse().ok()).collect();
            numbers.sort_unstable();
            assert!(numbers.len() > 1 && numbers.windows(2).all(|pair| pair[0] < pair[1]), "{most}: {numbers:?}");
        }
    }
}
