//! What every request shares: settings, the open workspaces, counters.

use std::{collections::HashMap, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use ipnet::IpNet;
use rapport_access::Access;
use rapport_records::Engine;

use crate::{
    about::Organisation,
    bulk::Bulks,
    hub::Hub,
    imports::Imports,
    layers::{rate::Limiter, shed::Gate},
    presence::Presence,
    routes::meta::Answers,
    run::Stop,
};

/// Settings of the server. Defaults are those of a plain installation.
#[derive(Debug, Clone)]
pub struct Config {
    /// Version of the program, told by `/healthz` and the API document.
    pub version: &'static str,
    /// Cookies carry `Secure` and the `__Host-` prefix: the page is reached through TLS.
    pub secure: bool,
    /// Further origins whose pages may write with a session cookie (beside the host itself), such as `https://crm.example.com`.
    pub origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Guests (set-up, sign-in, demo people) must name the server by an address of this computer: it listens on loopback only, and the
    /// page of another site must not get in under a name of its own (DNS rebinding).
    pub loopback_only: bool,
    /// Must be given at first set-up; none = not asked (loopback).
    pub setup_secret: Option<String>,
    /// Folder for attachments.
    pub files: PathBuf,
    /// Bytes that stay free on the disk: below, writing stops and the node says it is not ready.
    pub disk_reserve: u64,
    /// Greatest JSON body in bytes.
    pub body_limit: usize,
    /// Greatest body of a batch in bytes.
    pub batch_limit: usize,
    /// Greatest attachment in bytes.
    pub file_limit: u64,
    /// An answer must have begun after this time.
    pub timeout: Duration,
    /// Requests worked on at once; more wait shortly and are then refused with 503.
    pub in_flight: usize,
    /// How long a request may wait for its turn.
    pub queue: Duration,
    /// Requests a second one caller may make for long, and at once.
    pub rate: (u32, u32),
    /// Time between two heartbeats of an event stream.
    pub heartbeat: Duration,
    /// Time between two checks that a listener may still listen, and an import still run. At most 5 s.
    pub recheck: Duration,
    /// Bytes an event listener may be behind before it is dropped.
    pub listener_backlog: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            secure: false,
            origins: vec![],
            trusted_proxies: vec![],
            loopback_only: false,
            setup_secret: None,
            files: PathBuf::from("files"),
            disk_reserve: 200 << 20,
            body_limit: 1 << 20,
            batch_limit: 32 << 20,
            file_limit: 50 << 20,
            timeout: Duration::from_secs(30),
            in_flight: 256,
            queue: Duration::from_millis(500),
            rate: (200, 1000),
            heartbeat: Duration::from_secs(15),
            recheck: Duration::from_secs(4),
            listener_backlog: 64 << 10,
        }
    }
}

/// One open workspace.
#[derive(Debug)]
pub struct Workspace {
    /// Its name in the catalogue.
    pub name: String,
    /// Name of the organisation, shown on the sign-in page.
    pub organisation: Organisation,
    /// A demo workspace: people can be picked without a password, and the page says so.
    pub demo: bool,
    /// The pipeline.
    pub engine: Engine,
    /// People and sign-in.
    pub access: Access,
}

/// The open workspaces by the host name they answer to.
#[derive(Debug, Clone, Default)]
pub struct Workspaces {
    /// Answers when no host name fits; none = unknown hosts get 404.
    pub default: Option<Arc<Workspace>>,
    /// By host name (small letters, without port) or by its first label: `acme` answers to `acme.example.com`.
    pub by_host: HashMap<String, Arc<Workspace>>,
}

impl Workspaces {
    /// Only one, for every host.
    #[must_use]
    pub fn one(ws: Workspace) -> Self {
        Self { default: Some(Arc::new(ws)), by_host: HashMap::new() }
    }
    /// The one a `Host` header means.
    #[must_use]
    pub fn of_host(&self, host: Option<&str>) -> Option<&Arc<Workspace>> {
        let name = host.map(|h| strip_port(h).to_ascii_lowercase()).unwrap_or_default();
        let label = name.split('.').next().unwrap_or("");
        self.by_host.get(&name).or_else(|| self.by_host.get(label).filter(|_| name != label)).or(self.default.as_ref())
    }
    /// All, each once.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Workspace>> {
        let mut all: Vec<Arc<Workspace>> = vec![];
        for w in self.default.iter().chain(self.by_host.values()) {
            if !all.iter().any(|known| Arc::ptr_eq(known, w)) {
                all.push(w.clone());
            }
        }
        all
    }
}

/// A host without its port; IPv6 literals keep their brackets.
fn strip_port(host: &str) -> &str {
    match host.rfind(':') {
        Some(i) if !host[i..].contains(']') => &host[..i],
        _ => host,
    }
}

/// What every request shares. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: Config,
    workspaces: ArcSwap<Workspaces>,
    limiter: Limiter,
    gate: Gate,
    hub: Hub,
    presence: Arc<Presence>,
    imports: Imports,
    bulks: Bulks,
    models: Answers,
    stop: Stop,
}

impl App {
    /// From settings and open workspaces.
    #[must_use]
    pub fn new(config: Config, workspaces: Workspaces) -> Self {
        let limiter = Limiter::new(config.rate.0, config.rate.1);
        let gate = Gate::new(config.in_flight, config.queue);
        Self(Arc::new(Inner {
            limiter,
            gate,
            hub: Hub::default(),
            presence: Arc::default(),
            imports: Imports::default(),
            bulks: Bulks::default(),
            models: Answers::default(),
            stop: Stop::default(),
            workspaces: ArcSwap::from_pointee(workspaces),
            config,
        }))
    }
    /// Settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }
    /// The open workspaces now.
    #[must_use]
    pub fn workspaces(&self) -> Arc<Workspaces> {
        self.0.workspaces.load_full()
    }
    /// Opens or closes workspaces while running.
    pub fn set_workspaces(&self, w: Workspaces) {
        self.0.workspaces.store(Arc::new(w));
    }
    /// Told when the server shall end: streams end themselves then.
    #[must_use]
    pub fn stop(&self) -> &Stop {
        &self.0.stop
    }
    pub(crate) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }
    pub(crate) fn gate(&self) -> &Gate {
        &self.0.gate
    }
    pub(crate) fn imports(&self) -> &Imports {
        &self.0.imports
    }
    pub(crate) fn bulks(&self) -> &Bulks {
        &self.0.bulks
    }
    pub(crate) fn models(&self) -> &Answers {
        &self.0.models
    }
    pub(crate) fn presence(&self) -> &Arc<Presence> {
        &self.0.presence
    }
    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }
    /// The address a request came from: the peer, or what trusted proxies say about it.
    #[must_use]
    pub fn client_ip(&self, peer: Option<IpAddr>, forwarded: Option<&str>) -> Option<IpAddr> {
        let trusted = |ip: &IpAddr| self.0.config.trusted_proxies.iter().any(|n| n.contains(ip));
        let peer = peer?;
        if !trusted(&peer) {
            return Some(peer);
        }
        // From the right: the first address no trusted proxy vouches for is the client.
        let hops = forwarded.unwrap_or("").split(',').rev().map_while(|s| s.trim().parse::<IpAddr>().ok());
        let mut last = peer;
        for ip in hops {
            last = ip;
            if !trusted(&ip) {
                break;
            }
        }
        Some(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarded_addresses_count_only_behind_trusted_proxies() {
        let mut c = Config::default();
        let open = App::new(c.clone(), Workspaces::default());
        let p: IpAddr = "10.0.0.1".parse().unwrap();
        assert_eq!(open.client_ip(Some(p), Some("1.2.3.4")), Some(p), "nobody is trusted by default");
        c.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let behind = App::new(c, Workspaces::default());
        assert_eq!(behind.client_ip(Some(p), Some("6.6.6.6, 1.2.3.4, 10.0.0.9")), Some("1.2.3.4".parse().unwrap()));
        assert_eq!(behind.client_ip(Some(p), Some("nonsense")), Some(p));
    }

    #[test]
    fn ports_are_cut_from_host_names() {
        assert_eq!(strip_port("crm.example.com:8080"), "crm.example.com");
        assert_eq!(strip_port("[::1]:8080"), "[::1]");
        assert_eq!(strip_port("[::1]"), "[::1]");
        assert_eq!(strip_port("host"), "host");
    }
}
