//! What checks have cost so far, read back from the histogram that Prometheus scrapes: one place counts, and nobody counts twice.

use super::metrics;

/// How many checks took at most so many seconds, from the shortest bucket up; the last one is all of them.
pub fn checks() -> Vec<(f64, u64)> {
    read(&metrics::render(), "vestibule_check_seconds")
}

/// The cumulated buckets of a histogram in Prometheus' text format, summed over all labels but `le`.
fn read(text: &str, name: &str) -> Vec<(f64, u64)> {
    let mut buckets: Vec<(f64, u64)> = Vec::new();
    let bucket = format!("{name}_bucket{{");
    for line in text.lines().filter_map(|line| line.strip_prefix(&bucket)) {
        let Some((labels, count)) = line.rsplit_once("} ") else { continue };
        let Some(limit) = labels.split("le=\"").nth(1).and_then(|rest| rest.split('"').next()) else { continue };
        let (Ok(limit), Ok(count)) = (limit.parse::<f64>(), count.trim().parse::<u64>()) else { continue };
        match buckets.iter_mut().find(|(known, _)| known.total_cmp(&limit).is_eq()) {
            Some((_, sum)) => *sum += count,
            None => buckets.push((limit, count)),
        }
    }
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_summed_over_labels() {
        let text = "# TYPE x histogram\nx_bucket{le=\"0.000001\"} 1\nx_bucket{portal=\"a\",le=\"0.000002\"} 2\n\
                    x_bucket{portal=\"b\",le=\"0.000002\"} 3\nx_bucket{le=\"+Inf\"} 9\nx_sum 0.1\nx_count 9\ny_bucket{le=\"1\"} 7\n";
        assert_eq!(read(text, "x"), [(1e-6, 1), (2e-6, 5), (f64::INFINITY, 9)]);
        assert!(read("", "x").is_empty());
    }
}
