//! Plots, drawn here as inline SVG: bars, which read well without colour too, with a table of the same numbers beside them.

use crate::language::Message;

/// The drawing's size, in its own units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 160.0;
/// Below the bars, for names.
const FOOT: f64 = 18.0;
/// Above them, for the largest value.
const HEAD: f64 = 18.0;
/// So many names at most stand below the bars.
const NAMES: usize = 15;
/// Half of a short name: so far from the edges it has room.
const HALF_NAME: f64 = 18.0;

/// One kind of bars.
pub(super) struct Series {
    pub name: Message,
    /// The class that colours it.
    pub class: &'static str,
}

/// One place along the axis.
pub(super) struct Column {
    pub name: String,
    /// One for each series.
    pub values: Vec<u64>,
}

/// A plot.
pub(super) struct Plot {
    /// For `aria-labelledby`.
    pub id: &'static str,
    pub title: Message,
    /// What the columns are.
    pub axis: Message,
    pub series: Vec<Series>,
    pub columns: Vec<Column>,
}

/// One bar, ready to be drawn.
pub(super) struct Bar {
    pub class: &'static str,
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
}

/// A name below the bars.
pub(super) struct Name {
    pub x: String,
    pub text: String,
}

impl Plot {
    /// The largest value.
    pub(super) fn most(&self) -> u64 {
        self.columns.iter().flat_map(|column| column.values.iter().copied()).max().unwrap_or(0)
    }

    /// All bars, side by side within a column.
    pub(super) fn bars(&self) -> Vec<Bar> {
        let (slot, most) = (self.slot(), real(self.most().max(1)));
        let each = slot * 0.8 / real(self.series.len().max(1) as u64);
        let mut bars = Vec::new();
        for (place, column) in self.columns.iter().enumerate() {
            for (at, (value, series)) in column.values.iter().zip(&self.series).enumerate() {
                // Something is never drawn as nothing.
                let height = if *value == 0 { 0.0 } else { (real(*value) / most * (HEIGHT - FOOT - HEAD)).max(1.5) };
                let x = slot.mul_add(real(place as u64), slot * 0.1) + each * real(at as u64);
                bars.push(Bar {
                    class: series.class,
                    x: number(x),
                    y: number(HEIGHT - FOOT - height),
                    width: number(each.max(1.0)),
                    height: number(height),
                });
            }
        }
        bars
    }

    /// Names below the bars, as many as find room.
    pub(super) fn names(&self) -> Vec<Name> {
        let (slot, step) = (self.slot(), self.columns.len().div_ceil(NAMES).max(1));
        let named = self.columns.iter().enumerate().filter(|(place, _)| place % step == 0);
        let middle = |place: usize| (slot * (real(place as u64) + 0.5)).clamp(HALF_NAME, WIDTH - HALF_NAME);
        named.map(|(place, column)| Name { x: number(middle(place)), text: column.name.clone() }).collect()
    }

    fn slot(&self) -> f64 {
        WIDTH / real(self.columns.len().max(1) as u64)
    }
}

#[expect(clippy::cast_precision_loss, reason = "only drawn")]
const fn real(count: u64) -> f64 {
    count as f64
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}

/// The time within which this share of all checks was done, from cumulated buckets; `None`: there were none.
pub(super) fn percentile(checks: &[(f64, u64)], share: f64) -> Option<f64> {
    let all = checks.last().map(|(_, all)| *all).filter(|all| *all > 0)?;
    checks.iter().find(|(_, count)| real(*count) >= share * real(all)).map(|(limit, _)| *limit)
}

/// "≤ 5 µs"; beyond the last bucket that has an end: "> 50 ms".
pub(super) fn at_most(limit: f64, checks: &[(f64, u64)]) -> String {
    if limit.is_finite() {
        return format!("≤ {}", seconds(limit));
    }
    let last = checks.iter().map(|(limit, _)| *limit).filter(|limit| limit.is_finite()).fold(0.0, f64::max);
    format!("> {}", seconds(last))
}

/// "5 µs", "1 ms".
pub(super) fn seconds(limit: f64) -> String {
    if limit < 1e-3 {
        format!("{:.0} µs", limit * 1e6)
    } else if limit < 1.0 {
        format!("{:.0} ms", limit * 1e3)
    } else {
        format!("{limit:.0} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::say;

    #[test]
    fn bars_stay_within_the_drawing_and_the_largest_fills_it() {
        let columns = (0..30).map(|day| Column { name: format!("d{day}"), values: vec![day, 1] }).collect();
        let series = vec![Series { name: say("admin-sign-ins"), class: "a" }, Series { name: say("admin-failures"), class: "b" }];
        let plot = Plot { id: "p", title: say("admin-per-day"), axis: say("admin-day"), series, columns };
        let bars = plot.bars();
        assert_eq!((bars.len(), plot.most(), plot.names().len()), (60, 29, 15));
        let real = |text: &str| text.parse::<f64>().unwrap();
        for bar in &bars {
            assert!(real(&bar.x) >= 0.0 && real(&bar.x) + real(&bar.width) <= WIDTH + 0.1);
            assert!(real(&bar.y) >= HEAD - 0.1 && real(&bar.y) + real(&bar.height) <= HEIGHT - FOOT + 0.1);
        }
        assert!(bars.iter().any(|bar| real(&bar.y) < HEAD + 0.1));
        let empty =
            Plot { id: "p", title: say("admin-per-day"), axis: say("admin-day"), series: Vec::new(), columns: Vec::new() };
        assert!(empty.bars().is_empty());
    }

    #[test]
    fn percentiles_are_read_off_the_buckets() {
        let checks = [(1e-6, 0), (2e-6, 50), (5e-6, 95), (1e-3, 99), (f64::INFINITY, 100)];
        let at = |share| percentile(&checks, share).map(|limit| at_most(limit, &checks));
        assert_eq!((at(0.5), at(0.9), at(0.99)), (Some("≤ 2 µs".into()), Some("≤ 5 µs".into()), Some("≤ 1 ms".into())));
        assert_eq!(at(1.0), Some("> 1 ms".into()));
        assert_eq!(percentile(&[], 0.5), None);
        assert_eq!(percentile(&[(1.0, 0)], 0.5), None);
    }
}
