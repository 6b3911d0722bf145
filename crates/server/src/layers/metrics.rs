//! Figures in the Prometheus text form.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the latency buckets in seconds.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The process's recorder: made once, shared by all routers of the process. `None` when another recorder was there first.
pub fn handle() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let b = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Full("rapport_http_request_seconds".into()), &BUCKETS)
                .ok()?;
            let handle = b.install_recorder().ok()?;
            metrics::describe_counter!("rapport_http_requests_total", "Requests by route, method and status");
            metrics::describe_histogram!("rapport_http_request_seconds", "Time until the answer began, by route and method");
            metrics::describe_gauge!("rapport_sse_listeners", "Open event streams");
            metrics::describe_counter!("rapport_sse_dropped_total", "Event streams ended because the reader was too slow");
            metrics::describe_gauge!("rapport_db_queue", "Write jobs waiting, by workspace");
            metrics::describe_counter!("rapport_db_commits_total", "Commits, by workspace");
            metrics::describe_counter!("rapport_db_jobs_total", "Write jobs, by workspace");
            metrics::describe_gauge!("rapport_db_bytes", "Bytes of the database on disk, by workspace");
            metrics::describe_gauge!("rapport_db_seq", "Last number of the change log, by workspace");
            metrics::describe_gauge!("rapport_process_resident_bytes", "Resident memory of the process");
            Some(handle)
        })
        .as_ref()
}

/// Resident memory of this process in bytes; none where the system does not tell.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    let kb: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_process_knows_its_memory() {
        if cfg!(target_os = "linux") {
            assert!(super::resident_bytes().is_some_and(|b| b > 1 << 20));
        }
    }
}
